"""The history of sampling: how each exporter sampled, when, and who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegauge.clock.instant_text import text_from_instant
from tidegauge.query.sampling import ANNOUNCED, EVER, FOREVER, RECORDS, RELATION, STATED, UNNAMED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.clock.timerange import TimeRange
    from tidegauge.store.engines.duckdb import Engine

_ROWS = f"""
SELECT source, CAST(exporter AS BLOB), observation_domain, sampler, interface, direction, sampled,
    since, until
FROM (FROM {RELATION} UNION ALL ({RECORDS})) AS known WHERE since < $until AND until > $since
ORDER BY source <> '{STATED}', source <> '{ANNOUNCED}', observation_domain NULLS LAST,
    sampler NULLS FIRST, interface NULLS FIRST, direction NULLS FIRST, since"""


class Stretch(NamedTuple):
    """One packet in so many, on what, from when until when; None stands for all there are."""

    source: str
    exporter: bytes
    observation_domain: int | None
    sampler: int | None
    interface: int | None
    direction: int | None
    sampled: int
    since: int
    until: int

    @property
    def is_whole(self) -> bool:
        """Whether it is about all that the exporter sees, as far as it does not say otherwise."""
        return self.sampler in (None, UNNAMED) and self.interface is None and self.direction is None

    def __str__(self) -> str:
        """As people are told it.

        >>> print(Stretch("statement", b"", None, None, 3, 0, 1000, EVER, 0))
        1 in 1000 (statement) interface 3 in, until 1970-01-01T00:00:00Z
        """
        about = [f"1 in {self.sampled} ({self.source})"]
        about += [] if self.sampler is None else [f"sampler {self.sampler}"]
        about += [] if self.interface is None else [f"interface {self.interface}"]
        about += [] if self.direction is None else ["out" if self.direction else "in"]
        when = [] if self.since == EVER else [f"from {_text(self.since)}"]
        when += [] if self.until == FOREVER else [f"until {_text(self.until)}"]
        return ", ".join([" ".join(about), *([" ".join(when)] if when else [])])


def stretches(engine: Engine, time_range: TimeRange) -> list[Stretch]:
    """What is known of a range, what counts most first; the relation ``sampling`` must be there."""
    since = EVER if time_range.since is None else time_range.since
    until = FOREVER if time_range.until is None else time_range.until
    return [Stretch(*row) for row in engine.rows(_ROWS, {"since": since, "until": until})]


def sampling_told(known: Iterable[Stretch], moment: int) -> dict[str, int | str | None]:
    """The columns of an exporter: the interval at a moment where there is one for all, and who says so."""
    found = list(known)
    in_force = [stretch for stretch in found if stretch.since <= moment < stretch.until]
    whole = next((stretch for stretch in in_force if stretch.is_whole), None)
    best = whole or next(iter(in_force), None)
    shown = (str(stretch) for stretch in found if stretch.sampler != UNNAMED)
    return {
        "sampling_interval": whole.sampled if whole else None,
        "sampling_source": best.source if best else None,
        "sampling_history": "; ".join(shown) or None,
    }


def _text(instant: int) -> str:
    return text_from_instant(instant).replace(".000000000Z", "Z")
