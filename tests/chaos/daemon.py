"""A real `tidegauge collect`, watched from outside and ended in any way."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.flow_sender import wait_until
from tests.ports import free_port
from tidegauge._core import Decoder
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.store.knowledge_file import KnowledgeFile
from tidegauge.store.lake import Lake

PATIENCE_SECONDS = 30
IDLE_SECONDS = 0.6


class Daemon:
    """A collector that runs from entering the context to leaving it, at the latest.

    Its port is a free one and known beforehand: a second collector continues the first only at the same port.
    ``name`` tells it from others that run at the same time.
    """

    def __init__(
        self,
        lake: Path,
        port: int | None = None,
        *,
        prefix: tuple[str, ...] = (),
        transport: str = "udp",
        options: tuple[str, ...] = (),
        name: str = "",
    ) -> None:
        self.lake = lake
        self._statistics_path = lake.parent / f"{lake.name}{name}-statistics.json"
        self._log_path = lake.parent / f"{lake.name}{name}.log"
        self.address = ListenAddress("127.0.0.1", port or free_port(), transport)
        arguments = ["--listen", str(self.address), "--lake", str(lake), *options]
        program = [sys.executable, "-m", "tidegauge", "collect", *arguments]
        self._command = [*prefix, *program, "--stats-json", str(self._statistics_path)]

    def __enter__(self) -> Self:
        with self._log_path.open("wb") as log:
            self.process = subprocess.Popen(self._command, stderr=log)
        wait_until(lambda: f"listening {self.address}" in self.log or self.process.poll() is not None)
        assert self.process.poll() is None, self.log
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def log(self) -> str:
        return self._log_path.read_text()

    @property
    def resident_bytes(self) -> int:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))

    def is_idle(self) -> bool:
        """Whether it has emptied its queue: it used next to no processor time for a while."""
        before = self._ticks()
        time.sleep(IDLE_SECONDS)
        return self._ticks() - before <= 2

    def kill(self) -> None:
        """End it as a power cut would: nothing of it runs any more."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> dict[str, Any]:
        """End it as an administrator does; returns what it counted."""
        self.process.terminate()
        assert self.process.wait(PATIENCE_SECONDS) == 0, self.log
        statistics: dict[str, Any] = json.loads(self._statistics_path.read_text())
        return statistics

    def _ticks(self) -> int:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])


def ledger(lake: Path, prefix: tuple[str, ...] = ()) -> dict[str, int]:
    """Sums of every counter, by the command anybody would ask."""
    command = [
        *prefix,
        sys.executable,
        "-m",
        "tidegauge",
        "ledger",
        "--lake",
        str(lake),
        "--format",
        "json",
        "--limit",
        "0",
    ]
    rows = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    numbers = [(name, value) for row in rows for name, value in row.items() if isinstance(value, int)]
    return {name: sum(value for found, value in numbers if found == name) for name, _ in numbers}


def known_templates(lake: Path, address: ListenAddress) -> int:
    """How many the next collector would take over."""
    content = KnowledgeFile(Lake.open(lake), str(address)).read()
    return Decoder(knowledge=(content, 0)).counters()["resumed_templates"] if content else 0
