"""A lake's life in small, killed at each of its steps in turn.

A step is a system call that changes what names there are. ``killed_everywhere`` runs this under strace, which
kills a process before its ``STEPS``-th call of a kind. Each life is a process of its own, and shifted against
the one before it: it makes so many calls to no effect ahead that the ``k``-th life dies before its ``k``-th
step of that kind. The first that lives to its end is the last of its kind.
"""

from __future__ import annotations

import os
import subprocess
import sys
from array import array
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from tests.numbered_flows import NOON, SECOND, batches
from tests.store.test_counters_map import counters_map
from tests.surroundings import ROOT, find_peer
from tidegauge.store import absorption
from tidegauge.store.counters_map import CounterKey
from tidegauge.store.knowledge_file import KnowledgeFile
from tidegauge.store.lake import Lake
from tidegauge.store.load import Load
from tidegauge.store.writer import LakeWriter

STEPS = 100
NOWHERE = "/nonexistent/file"
IDLE = {
    "rename": partial(os.rename, NOWHERE, NOWHERE),
    "link": partial(os.link, NOWHERE, NOWHERE),
    "unlink": partial(os.unlink, NOWHERE),
    "rmdir": partial(os.rmdir, NOWHERE),
}
"""A call of each kind that fails at once."""
STRIDES = {"unlink": 3}
"""Files are deleted many at a time, and of those that come to that not each has to be the one."""
HOUR = 3600 * SECOND
KEY = CounterKey(UUID("00000000-0000-0000-0000-ffffc0000201"), 9999, 0, "netflow5")
LOADED = range(1000, 1010)


@dataclass
class Life:
    """What is left of one: its lake, which flows were said to be stored, and how many were received."""

    folder: Path
    collected: int = 0

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    @property
    def acknowledged(self) -> list[int]:
        return self.told("acknowledged")

    @property
    def received(self) -> list[int]:
        return self.told("received")

    @property
    def removed(self) -> list[int]:
        """What was to be removed, and may be there or not."""
        return self.told("removed")

    @property
    def is_over(self) -> bool:
        """Whether it ended by itself."""
        return (self.folder / "over").exists()

    def tell(self, name: str, numbers: range) -> None:
        with (self.folder / name).open("ab") as file:
            file.write(array("q", numbers).tobytes())

    def told(self, name: str) -> list[int]:
        path = self.folder / name
        return array("q", path.read_bytes()).tolist() if path.exists() else []

    def begin(self) -> None:
        """Make the lake, receive, compact, import, end."""
        lake = Lake.create(self.lake)
        writer = LakeWriter(lake, "collect-1-aa")
        self.receive(writer, range(3), NOON)
        writer.compact(NOON)
        KnowledgeFile(lake, "udp://127.0.0.1:1").write(b"known")
        self.receive(writer, range(3, 4), NOON + 10 * SECOND)
        writer.compact(NOON + HOUR)
        with Load(lake, "import-bb") as load:
            self.tell("received", LOADED)
            load.append(batches(LOADED, NOON, "import-bb"))
            load.commit(NOON + HOUR)
            self.tell("acknowledged", LOADED)
        self.receive(writer, range(4, 6), NOON + 2 * HOUR)
        writer.compact(NOON + 4 * HOUR)
        self.receive(writer, range(6, 8), NOON + 4 * HOUR)
        writer.close(NOON + 4 * HOUR)
        (self.folder / "over").touch()

    def receive(self, writer: LakeWriter, numbers: range, at: int) -> None:
        """One drain for each number; the receiver counts ahead of what is stored."""
        for number in numbers:
            # Files of one flow are joined, those of two are adopted.
            flows = range(10 * number, 10 * number + 1 + number % 2)
            self.tell("received", flows)
            self.collected += len(flows)
            writer.counters_path.write_bytes(counters_map((KEY, at, {"records": self.collected})))
            writer.append(batches(flows, at, writer.writer_id))
            self.tell("acknowledged", flows)


def killed_everywhere(folder: Path) -> Iterator[Life]:
    """Live once for each step; gives what is left of each."""
    calls = ",".join(IDLE)
    inject = f"inject={calls}:signal=KILL:when={STEPS}"
    strace = [find_peer("strace"), "-f", "-qq", "-o", os.devnull, "-e", f"trace={calls}", "-e", inject]
    program = [sys.executable, "-m", "tests.chaos.crash_points", str(folder)]
    subprocess.run([*strace, *program], check=True, cwd=ROOT, timeout=300)
    for each in sorted(folder.iterdir()):
        yield Life(each)


def main(folder: Path) -> None:
    absorption.ADOPTED_ROWS = 2
    for kind, idle in IDLE.items():
        steps = range(1, STEPS, STRIDES.get(kind, 1))
        lives = ((Life(folder / f"{kind}-{step:03d}"), STEPS - step) for step in steps)
        assert any(is_lived(life, idle, times) for life, times in lives), kind


def is_lived(life: Life, idle: Callable[[], None], times: int) -> bool:
    """Live it in a process of its own; returns whether that came to its end."""
    life.folder.mkdir()
    if (child := os.fork()) == 0:
        for _ in range(times):
            with suppress(OSError):
                idle()
        life.begin()
        os._exit(0)
    os.waitpid(child, 0)
    return life.is_over


if __name__ == "__main__":
    main(Path(sys.argv[1]))
