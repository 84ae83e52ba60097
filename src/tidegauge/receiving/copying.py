"""Copying: what becomes of each datagram beside being decoded. Rust makes the copies, as ordered here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TypeAlias

    from tidegauge.receiving.forward_target import ForwardTarget

    CopyOrder: TypeAlias = tuple[str | None, int, list[tuple[str, int]], bool]
    CopyRow: TypeAlias = dict[str, int | str | None]


class Copying(NamedTuple):
    """Where datagrams are kept as they came, and whom they are sent on to.

    ``folder`` is the one in which each listener has its own; of its disk ``reserve_bytes`` are left free.
    ``keeps_source`` lets ``targets`` see the exporters' addresses, where this machine lets us.
    """

    folder: Path | None = None
    reserve_bytes: int = 0
    targets: tuple[ForwardTarget, ...] = ()
    keeps_source: bool = True

    def order(self) -> CopyOrder | None:
        """What a native listener is told; None where nothing is wanted.

        >>> Copying().order() is None
        True
        """
        if self.folder is None and not self.targets:
            return None
        folder = None if self.folder is None else str(self.folder)
        targets = [(target.host, target.port) for target in self.targets]
        return folder, self.reserve_bytes, targets, self.keeps_source
