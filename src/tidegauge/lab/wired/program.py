"""A program that runs at a place of the office; what it says is kept in files."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tidegauge.lab.wired.namespaces import Place

START_SECONDS, STOP_SECONDS = 30.0, 20.0
CHECK_SECONDS = 0.05


class Program:
    """``name`` is what it is called where it fails; ``folder`` has what it prints and what it says beside."""

    def __init__(
        self,
        name: str,
        place: Place,
        command: Sequence[str],
        folder: Path,
        *,
        feed: IO[bytes] | None = None,
        is_piped: bool = False,
    ) -> None:
        self.name = name
        self._output, self._talk = folder / f"{name}.out", folder / f"{name}.log"
        with self._output.open("wb") as output, self._talk.open("wb") as talk:
            # In a session of its own: a Ctrl-C is ours to handle.
            self.process = subprocess.Popen(
                place.command(*command),
                stdin=feed or subprocess.DEVNULL,
                stdout=subprocess.PIPE if is_piped else output,
                stderr=talk,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """What it has printed."""
        return self._output.read_text()

    @property
    def talk(self) -> str:
        """What it has said beside."""
        return self._talk.read_text()

    def await_words(self, words: str) -> None:
        """Return once it says this. Raises RuntimeError where it ends before, or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while words not in self.output + self.talk:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} did not start: {self._complaint()}")
            time.sleep(CHECK_SECONDS)

    def is_over(self) -> bool:
        """Whether it has ended. Raises RuntimeError where it failed."""
        if self.process.poll() is None:
            return False
        if self.process.returncode:
            raise RuntimeError(f"{self.name} failed: {self._complaint()}")
        return True

    def end(self) -> None:
        """Tell it to end, and wait until it has. Raises RuntimeError where it did not end well."""
        self.process.terminate()
        self.await_end()

    def await_end(self) -> None:
        """Wait until it has ended by itself. Raises RuntimeError where it did not end well."""
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"{self.name} does not end") from None
        self.is_over()

    def _complaint(self) -> str:
        said = self.talk.strip().splitlines()
        return said[-1] if said else f"it says nothing, and ended with {self.process.poll()}"


@contextmanager
def running(
    name: str,
    place: Place,
    command: Sequence[str],
    folder: Path,
    *,
    feed: IO[bytes] | None = None,
    is_piped: bool = False,
) -> Iterator[Program]:
    """Run a program, fed with what comes from there; it is over when this ends."""
    program = Program(name, place, command, folder, feed=feed, is_piped=is_piped)
    try:
        yield program
    finally:
        if program.process.poll() is None:
            program.process.terminate()
            try:
                program.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                program.process.kill()
                program.process.wait()
        if program.process.stdout:
            program.process.stdout.close()


def own(module: str, *words: str) -> list[str]:
    """The command of a program of the office."""
    return [sys.executable, "-m", f"tidegauge.lab.wired.{module}", *words]


def tidegauge(*words: str) -> list[str]:
    """Our own command, as anybody runs it."""
    return [sys.executable, "-m", "tidegauge", *words]
