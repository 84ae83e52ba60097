"""How a collector copies what it receives: how long it is kept as it came, and who else gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegauge.receiving.copying import Copying
from tidegauge.store.raw_folder import RAW

if TYPE_CHECKING:
    from tidegauge.receiving.forward_target import ForwardTarget
    from tidegauge.store.lake import Lake

KEEP_BYTES = 10 * 2**30


class CopySettings(NamedTuple):
    """Datagrams are kept for ``keep`` nanoseconds, None is not at all, and ``keep_bytes`` of files at most.

    ``targets`` get a copy of each, and see the exporter's address if ``keeps_source``.
    """

    keep: int | None = None
    keep_bytes: int = KEEP_BYTES
    targets: tuple[ForwardTarget, ...] = ()
    keeps_source: bool = True

    @property
    def is_wanted(self) -> bool:
        """Whether anything is to be copied."""
        return self.keep is not None or bool(self.targets)

    def copying(self, lake: Lake) -> Copying:
        """The order to a listener. On a full disk datagrams give way before flows do."""
        folder = None if self.keep is None else lake.path / RAW
        return Copying(folder, 2 * lake.space.reserve_bytes, self.targets, self.keeps_source)
