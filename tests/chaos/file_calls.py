"""What a program asks of the file system, in order: recorded by strace, with all that is written."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.surroundings import ROOT, find_peer

RECORDED = (
    "openat", "write", "pwrite64", "truncate", "ftruncate", "fallocate", "fsync", "fdatasync",
    "sync_file_range", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "unlink", "unlinkat",
    "mkdir", "mkdirat", "rmdir", "writev", "pwritev", "copy_file_range", "sendfile",
)  # fmt: skip
LONGEST_BYTES = 1 << 22
PATIENCE_SECONDS = 120

_LINE = re.compile(r"^(\d+) +(.*)$")
_CALL = re.compile(r"^(\w+)\((.*)\) += (-?\d+)")
_ARGUMENT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?|([^,\s][^,]*)')
_UNFINISHED, _RESUMED = " <unfinished ...>", re.compile(r"^<\.\.\. \w+ resumed>")


class Call(NamedTuple):
    """A call that succeeded; bytes stand for texts and what is written, str for all else."""

    name: str
    arguments: tuple[bytes | str, ...]
    result: int


def recorded(program: Sequence[str], trace: Path) -> list[Call]:
    """Run a program to its end, and give the calls of it that change what is there."""
    options = ["-f", "-qq", "-xx", "-s", str(LONGEST_BYTES), "--seccomp-bpf", "-e", "signal=none"]
    traced = [find_peer("strace"), *options, "-e", f"trace={','.join(RECORDED)}", "-o", str(trace)]
    subprocess.run([*traced, *program], check=True, cwd=ROOT, timeout=PATIENCE_SECONDS)
    with trace.open() as lines:
        return list(calls_in(lines))


def calls_in(lines: Iterator[str]) -> Iterator[Call]:
    """Read what strace wrote. A call that another thread's came between stands where it ended."""
    begun: dict[str, str] = {}
    for line in lines:
        found = _LINE.match(line)
        assert found, line
        thread, text = found[1], found[2]
        if text.endswith(_UNFINISHED):
            begun[thread] = text.removesuffix(_UNFINISHED)
            continue
        if _RESUMED.match(text):
            text = begun.pop(thread) + _RESUMED.sub("", text)
        call = _CALL.match(text)
        if call and int(call[3]) >= 0:
            yield Call(call[1], tuple(_arguments(call[2])), int(call[3]))


def _arguments(text: str) -> Iterator[bytes | str]:
    for found in _ARGUMENT.finditer(text):
        assert not found[2], "more was written at once than is recorded"
        yield found[3] or bytes.fromhex(found[1].replace("\\x", ""))
