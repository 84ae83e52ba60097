"""A bounds-checked walk over bytes that may be anything."""

from __future__ import annotations


class Octets:
    """A place in some bytes. Reading past the end raises ValueError, and so does every other nonsense."""

    def __init__(self, content: bytes, place: int = 0) -> None:
        self.content = content
        self.place = place

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is left."""
        return self.place >= len(self.content)

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        end = self.place + count
        if end > len(self.content):
            raise ValueError(f"{count} bytes wanted, {len(self.content) - self.place} left")
        taken, self.place = self.content[self.place : end], end
        return taken

    def number(self, width: int) -> int:
        """The next ``width`` bytes as a number, the highest first."""
        return int.from_bytes(self.take(width), "big")
