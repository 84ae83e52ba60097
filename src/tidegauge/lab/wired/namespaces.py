"""Network namespaces that belong to one running office, and vanish with it."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PREFIX = "tidegauge-office-"
LOCK = Path("/run/tidegauge-office.lock")
NAMESPACES = Path("/run/netns")
SETTINGS = Path("/etc/netns")
"""Where ``ip netns exec`` finds, in a folder for each namespace, what stands there in place of ``/etc``."""
END_SECONDS = 5.0


class OfficeRunsError(Exception):
    """Another office runs on this machine."""


@dataclass(frozen=True)
class Place:
    """One namespace: a computer of its own, as far as the network goes."""

    name: str

    @property
    def namespace(self) -> str:
        """What ``ip netns`` calls it."""
        return PREFIX + self.name

    def command(self, *words: str) -> list[str]:
        """The command that runs another one here."""
        return ["ip", "netns", "exec", self.namespace, *words]

    def run(self, *words: str, text: str | None = None) -> str:
        """Run a program here to its end, with ``text`` as its input, and return what it prints.

        Raises RuntimeError with the program's own complaint where it fails.
        """
        return checked(self.command(*words), text)

    def ip(self, *words: str) -> None:
        """Change links, addresses or routes here."""
        checked(["ip", "-n", self.namespace, *words])

    def put(self, name: str, text: str) -> None:
        """Have ``/etc/NAME`` say this here."""
        path = SETTINGS / self.namespace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def set(self, setting: str, value: int) -> None:
        """Change a setting of the kernel here, ``net/ipv4/ip_forward``."""
        self.run("sh", "-c", f"echo {value} > /proc/sys/{setting}")


def checked(command: Sequence[str], text: str | None = None) -> str:
    """Run a program to its end; raises RuntimeError with its complaint where it fails."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip() or done.returncode}")
    return done.stdout


@contextmanager
def places(names: Sequence[str], lock: Path = LOCK) -> Iterator[Mapping[str, Place]]:
    """Make a namespace for each name, and remove all at the end, with whatever still runs in them.

    What an earlier office left when it was killed goes first. Raises OfficeRunsError where one runs.
    """
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OfficeRunsError("an office runs on this machine already: end that one first") from None
        try:
            remove_all()
            made = {name: Place(name) for name in names}
            for place in made.values():
                checked(["ip", "netns", "add", place.namespace])
                place.ip("link", "set", "lo", "up")
            yield made
        finally:
            remove_all()


def remove_all() -> None:
    """Remove every namespace that is an office's by its name, and end what runs in it."""
    found = sorted(path.name for path in NAMESPACES.glob(f"{PREFIX}*")) if NAMESPACES.is_dir() else []
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + END_SECONDS
        _signal_all(found, number)
        while any(map(_processes, found)) and time.monotonic() < deadline:
            time.sleep(0.05)
    for namespace in found:
        checked(["ip", "netns", "delete", namespace])
        shutil.rmtree(SETTINGS / namespace, ignore_errors=True)


def _signal_all(namespaces: Sequence[str], number: signal.Signals) -> None:
    for process in (process for namespace in namespaces for process in _processes(namespace)):
        try:
            os.kill(process, number)
        except ProcessLookupError:
            continue


def _processes(namespace: str) -> list[int]:
    """Processes that live in a namespace. We never enter one, so none of them is us."""
    found = [int(line) for line in checked(["ip", "netns", "pids", namespace]).split()]
    return [process for process in found if not _is_over(process)]


def _is_over(process: int) -> bool:
    """Whether nothing is left of a process but that its parent has not yet asked how it ended."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state in "ZX"
