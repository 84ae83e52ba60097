"""What a listener knew of its exporters, in the folder ``templates`` of the lake: a file for each address.

Its content is the decoder's own; it is whole or absent, and of the address that is listened at, so that the
next collector there finds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.store.durable import make_folder, write_whole

if TYPE_CHECKING:
    from tidegauge.store.lake import Lake

MAXIMUM_BYTES = 64 << 20
"""No decoder writes as much: what is larger is something else."""


class KnowledgeFile:
    """The file of one address, such as ``udp://0.0.0.0:2055``."""

    def __init__(self, lake: Lake, address: str) -> None:
        self.path = lake.path / "templates" / address.replace("://", "-").replace(":", "_")

    def read(self) -> bytes | None:
        """What was written last; None where nothing was. Raises OSError."""
        try:
            if self.path.stat().st_size > MAXIMUM_BYTES:
                raise OSError(f"it has more than {MAXIMUM_BYTES} bytes")
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def write(self, content: bytes) -> None:
        """Replace it. Raises OSError."""
        make_folder(self.path.parent)
        write_whole(self.path, content)
