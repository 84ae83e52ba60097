"""How many flow records a loss was, and how far that may be off.

NetFlow v9 and sFlow number datagrams, and so does the kernel that drops some: how many records were in them
follows from those that came, whose number varies. With ``n`` datagrams of mean ``m`` and variance ``s``, what
``k`` others held is about ``k * m``, with the variance ``k * s`` of their own numbers and ``k * k * s / n``
of the mean. Who numbers records counts them, options among them.

What the kernel dropped shows again as gaps in the numbers of those whose datagrams they were, once a later
one came. So the two are not added: what the gaps leave of the drops was dropped last, and nobody was heard of
since.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.flow.numbering import BY_DATAGRAM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Estimate(NamedTuple):
    """A number and the variance of it, 0 where it was counted."""

    value: float = 0.0
    variance: float = 0.0

    def __add__(self, other: tuple[float, ...]) -> Estimate:  # type: ignore[override]
        """Return the sum of two that do not depend on each other."""
        return Estimate(self.value + other[0], self.variance + other[1])


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one exporter, or of several, and what its numbers say did not."""

    protocol_version: str
    datagrams: int
    records: int
    option_records: int
    record_squares: int
    lost: int
    lost_otherwise: int
    lost_upstream: int

    @classmethod
    def of(cls, protocol_version: str, counters: Mapping[str, int]) -> Heard:
        """Read it from counters of the ledger."""
        lost = max(0, counters["lost_sequence"] - counters["found_sequence"])
        return cls(
            protocol_version,
            datagrams=counters["datagrams"],
            records=counters["records"],
            option_records=counters["option_records"],
            record_squares=counters["record_squares"],
            lost=lost,
            lost_otherwise=min(lost, counters["lost_otherwise"]),
            lost_upstream=min(lost, counters["lost_upstream"]),
        )

    @property
    def mean(self) -> float:
        """Flow records in a datagram."""
        return self.records / self.datagrams if self.datagrams else 0.0

    @property
    def spread(self) -> float:
        """Variance of their number; wide where an older release did not count what tells it."""
        squares = self.record_squares / self.datagrams if self.datagrams else 0.0
        return max(0.0, squares - self.mean**2) if squares else self.mean**2

    @property
    def is_by_datagram(self) -> bool:
        """Whether it numbers datagrams."""
        return self.protocol_version in BY_DATAGRAM

    def records_in(self, datagrams: float) -> Estimate:
        """How many flow records so many others of its datagrams held."""
        of_mean = datagrams**2 * self.spread / self.datagrams if self.datagrams else 0.0
        return Estimate(datagrams * self.mean, datagrams * self.spread + of_mean)

    def records_of(self, lost: int) -> Estimate:
        """How many flow records a loss by its own numbers was."""
        otherwise = lost * self.lost_otherwise / self.lost if self.lost else 0.0
        if self.is_by_datagram:
            return self.records_in(lost - otherwise) + Estimate(otherwise)
        return self._flow_records_of(lost - otherwise) + self.records_in(otherwise)

    def _flow_records_of(self, lost: float) -> Estimate:
        together = self.records + self.option_records
        share = self.records / together if together else 1.0
        # Records of one kind come together, as many as a datagram holds.
        clump = together / self.datagrams if self.datagrams else 1.0
        return Estimate(lost * share, lost * clump * share * (1 - share))


class Losses(NamedTuple):
    """Flow records lost by the sequence numbers and the kernel's drops of one listener.

    At least ``upstream`` of the ``records`` were lost before they came to the collector.
    """

    records: Estimate = Estimate()
    upstream: Estimate = Estimate()

    def __add__(self, other: tuple[object, ...]) -> Losses:
        """Return the losses of two listeners."""
        more = Losses(*other)  # type: ignore[arg-type]
        return Losses(self.records + more.records, self.upstream + more.upstream)


def losses(sources: Sequence[Heard], unseen: int, refused: int = 0) -> Losses:
    """What was lost of all sources of a listener.

    ``unseen`` datagrams were dropped by the kernel and no number told of them: they are taken to be like all
    that came. ``refused`` others came and were none of anybody's; of those dropped as many in proportion are
    taken for such.
    """
    by_numbers = sum((source.records_of(source.lost) for source in sources), start=Estimate())
    upstream = sum((source.records_of(source.lost_upstream) for source in sources), start=Estimate())
    unseen_records = _together(sources, refused).records_in(max(0, unseen))
    return Losses(by_numbers + unseen_records, upstream)


def _together(sources: Sequence[Heard], refused: int) -> Heard:
    datagrams = refused + sum(source.datagrams for source in sources)
    records = sum(source.records for source in sources)
    squares = sum(source.record_squares for source in sources)
    return Heard("", datagrams, records, 0, squares, 0, 0, 0)
