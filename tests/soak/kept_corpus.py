"""What fuzzing found beyond the seeds: a file for each target of inputs that each reach what no other does.

In it each input stands behind its length, in four bytes. The tests of the core run them all (replay.rs).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.surroundings import ROOT

KEPT = ROOT / "rust/fuzz/kept"


def unpack(target: str, folder: Path) -> None:
    """Put each input into a file of its own, as the fuzzer takes them."""
    for content in kept_inputs(target):
        (folder / hashlib.sha1(content, usedforsecurity=False).hexdigest()).write_bytes(content)


def pack(target: str, inputs: Iterable[bytes]) -> None:
    """Keep these inputs in place of those before."""
    KEPT.mkdir(exist_ok=True)
    ordered = sorted(inputs, key=lambda content: (len(content), content))
    (KEPT / target).write_bytes(b"".join(len(content).to_bytes(4) + content for content in ordered))


def kept_inputs(target: str) -> Iterator[bytes]:
    """Each input that is kept."""
    path = KEPT / target
    rest = path.read_bytes() if path.exists() else b""
    while rest:
        length = 4 + int.from_bytes(rest[:4])
        yield rest[4:length]
        rest = rest[length:]
