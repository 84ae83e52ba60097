"""A reader's terminal: a shell that remembers, and the programs left running beside it."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.ports import free_port

TIMEOUT_SECONDS = 30
# Ports the pages name; a free one takes the place of each.
PORTS = ("2055", "8480", "11123")
# Commands that run until they are told to stop. They print this once others can talk to them.
DAEMON = re.compile(r"tidegauge (run|collect|serve|demo|time serve)\b")
READY = re.compile(r"^listening \w+://.*\n", re.MULTILINE)

_END = re.compile(rb"\x01(\d+)\x01")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Ran(NamedTuple):
    """How a command ended, and what the reader saw."""

    code: int
    printed: str


class Terminal:
    """One shell with a screen 200 columns wide. Daemons run beside it, as if in terminals of their own."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._ports = {named: str(free_port()) for named in PORTS}
        self._screen, inside = pty.openpty()
        self._shell = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=folder,
            env={**environment, "COLUMNS": "200", "LINES": "50", "TERM": "xterm"},
            stdin=subprocess.PIPE,
            stdout=inside,
            stderr=inside,
        )
        os.close(inside)
        self._daemons: list[tuple[str, str]] = []

    def run(self, command: str) -> Ran:
        """Type a command and wait until it ends, or until it listens where it is a daemon."""
        local = self.local(command)
        return self._start(local) if DAEMON.match(local) else self._type(local)

    def stop_daemons(self) -> list[Ran]:
        """Tell every daemon to stop, and say how each ended."""
        ended = [
            Ran(self._type(f"kill {number}; wait {number}").code, command)
            for command, number in self._daemons
        ]
        self._daemons.clear()
        return ended

    def close(self) -> None:
        """End the shell and whatever still runs."""
        try:
            self.stop_daemons()
        finally:
            self._shell.kill()
            self._shell.communicate()
            os.close(self._screen)

    def _start(self, command: str) -> Ran:
        said = self._folder / f"daemon-{len(self._daemons)}.txt"
        said.touch()
        plain = re.sub(r"&?\s*(#.*)?$", "", command)
        number = self._type(f'{plain} >"{said}" 2>&1 & echo $!').printed.strip()
        self._daemons.append((command, number))
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not READY.search(said.read_text()) and time.monotonic() < deadline:
            if self._type(f"kill -0 {number}").code:
                return Ran(1, self._as_documented(said.read_text()))
            time.sleep(0.02)
        return Ran(0, self._as_documented(said.read_text()))

    def _type(self, command: str) -> Ran:
        assert self._shell.stdin is not None
        # Braces, not a subshell: what the command exports stays. `$?` is kept for the next command.
        words = f"{{ {command}\n}} </dev/null; code=$?; printf '\\001%d\\001' $code; (exit $code)\n"
        self._shell.stdin.write(words.encode())
        self._shell.stdin.flush()
        return self._read()

    def _read(self) -> Ran:
        seen = b""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while (end := _END.search(seen)) is None:
            ready, _, _ = select.select([self._screen], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"no end after {TIMEOUT_SECONDS} s: {seen.decode()}"
            seen += os.read(self._screen, 65536)
        printed = _COLOUR.sub("", seen[: end.start()].decode()).replace("\r\n", "\n")
        return Ran(int(end[1]), self._as_documented(printed))

    def local(self, words: str) -> str:
        """The words with free ports on this machine in place of the documented ones."""
        for named, free in self._ports.items():
            words = words.replace(f":{named}", f":{free}")
        return words.replace("//0.0.0.0:", "//127.0.0.1:")

    def _as_documented(self, printed: str) -> str:
        for named, free in self._ports.items():
            printed = printed.replace(f":{free}", f":{named}")
        return printed
