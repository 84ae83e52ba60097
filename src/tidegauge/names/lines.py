"""Lines of a file that may be anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

LONGEST = 16_384
"""Characters of the longest line that is read. A whole file without an end of line must not fill memory."""


def lines(stream: BinaryIO, refused: Counter[str]) -> Iterator[str]:
    """Yield the lines of a stream without their ends; one that is too long counts as refused.

    Bytes that are no UTF-8 come as replacement characters, so a strange host name costs no line.
    """
    while line := stream.readline(LONGEST + 1):
        if len(line) <= LONGEST:
            yield line.rstrip(b"\r\n").decode("utf-8", "replace")
            continue
        refused["long line"] += 1
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST + 1)


def first_lines(head: bytes) -> list[str]:
    """The whole lines in the first bytes of a file; a single line may lack its end."""
    found = head.decode("utf-8", "replace").splitlines()
    return found if head.endswith(b"\n") or len(found) == 1 else found[:-1]
