"""How far the times in an answer may be off: what the exporters' own headers say of their clocks.

A header cannot be written after it arrives. So header time minus arrival is a bound on the clock's error from
below that needs no assumption: whoever is ahead of us by more than nothing is fast. From above a bound takes
the longest delay a datagram may have had on the way.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from tidegauge.analysis.minutes import IN_RANGE, range_values
from tidegauge.flow.addresses import Network, network_from_text, text_from_address
from tidegauge.query.syntax import And, Match

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tidegauge.analysis.clock_correction import Residual
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.syntax import Term
    from tidegauge.store.engines.duckdb import Engine

DELAY_CAP_MS = 250
"""Longest delay assumed between an exporter's stamp and our arrival; said with each result."""

TOLERANCE_SECONDS = 1
"""What nobody needs to be told with every answer, and what headers of whole seconds cannot tell."""

NOTHING: Mapping[tuple[str, int], Residual] = MappingProxyType({})

_NANOSECONDS = 1_000_000_000
_SHOWN = 3

_SQL = f"""
SELECT CAST(exporter AS BLOB), observation_domain, max(clock_low), min(clock_high)
FROM ledger WHERE exporter IS NOT NULL AND {IN_RANGE}
GROUP BY exporter, observation_domain ORDER BY exporter, observation_domain"""


class ClockBound(NamedTuple):
    """Between which seconds an exporter's clock minus the true time lies; None is unbounded."""

    exporter: str
    observation_domain: int | None
    offset_low: float | None
    offset_high: float | None

    @property
    def key(self) -> tuple[str, int]:
        """Whose it is."""
        return self.exporter, self.observation_domain or 0

    @property
    def is_contradiction(self) -> bool:
        """Whether no clock that runs evenly fits the whole range."""
        low, high = self.offset_low, self.offset_high
        return low is not None and high is not None and low > high

    @property
    def is_off(self) -> bool:
        """Whether it is off by more than ``TOLERANCE_SECONDS``, if no datagram was later than assumed."""
        is_fast = self.offset_low is not None and self.offset_low > TOLERANCE_SECONDS
        return is_fast or (self.offset_high is not None and self.offset_high < -TOLERANCE_SECONDS)


def clock_bounds(engine: Engine, time_range: TimeRange) -> list[ClockBound]:
    """The bound of each exporter and observation domain heard in the range, over all of it."""
    return [
        ClockBound(
            text_from_address(exporter),
            domain,
            None if low is None else low / _NANOSECONDS,
            None if high is None else round(high / _NANOSECONDS + DELAY_CAP_MS / 1000, 9),
        )
        for exporter, domain, low, high in engine.rows(_SQL, range_values(time_range))
    ]


def bounds_about(bounds: Iterable[ClockBound], term: Term) -> list[ClockBound]:
    """The bounds of the exporters that a filter asks about by address; all where it names none."""
    for part in term.terms if isinstance(term, And) else (term,):
        match part:
            case Match("exporter", "=", values) if all(isinstance(value, Network) for value in values):
                networks = [value for value in values if isinstance(value, Network)]
                return [bound for bound in bounds if _is_in(bound.exporter, networks)]
    return list(bounds)


def _is_in(exporter: str, networks: Sequence[Network]) -> bool:
    address = network_from_text(exporter).first
    return any(network.first <= address <= network.last for network in networks)


def clock_of(
    bounds: Sequence[ClockBound],
    residuals: Mapping[tuple[str, int], Residual] = NOTHING,
    *,
    matters: bool = True,
) -> dict[str, Any]:
    """What an answer says: between which offsets all clocks lie, and which ones are off.

    ``residuals`` are what is left of the errors of clocks whose flows are corrected; they take the place of
    their offsets. ``offset_low`` and ``offset_high`` are None where a clock's side is unbounded, or nobody
    was heard. ``matters`` says whether times take part in the answer: a sum over everything is right whatever
    they are.
    """
    left = [_spanned(bound, residuals.get(bound.key)) for bound in bounds]
    lows, highs = [[sides[side] for sides in left] for side in (0, 1)]
    return {
        "offset_low": None if None in lows else min(lows, default=None),  # type: ignore[type-var]
        "offset_high": None if None in highs else max(highs, default=None),  # type: ignore[type-var]
        "off": [bound._asdict() | _within(residuals.get(bound.key)) for bound in bounds if bound.is_off],
        "matters": matters,
    }


def clock_sentence(found: dict[str, Any]) -> str:
    """One line for people when a clock is off and that matters, else empty.

    >>> off = {"exporter": "192.0.2.9", "observation_domain": 1, "offset_low": 299.2, "offset_high": 300.25}
    >>> clock_sentence({"off": [off | {"corrected": False}], "matters": True})
    'clocks: 192.0.2.9 is at least 299.2 s fast; its flows carry the times it told'
    >>> clock_sentence({"off": [off | {"corrected": True, "corrected_within": 0.25}], "matters": True})
    'clocks: 192.0.2.9 is at least 299.2 s fast; its flow times are put right to within 250 ms'
    """
    off = found["off"] if found.get("matters") else ()
    told = [each for each in off if not each["corrected"]]
    parts = [
        _listed(told, "carry the times"),
        _listed([each for each in off if each["corrected"]], "put right"),
    ]
    return f"clocks: {'; '.join(part for part in parts if part)}" if off else ""


def _listed(off: Sequence[dict[str, Any]], what: str) -> str:
    if not off:
        return ""
    names = [f"{each['exporter']} is at least {_error(each)}" for each in off[:_SHOWN]]
    more = [f"{len(off) - _SHOWN} more are off"] if len(off) > _SHOWN else []
    is_one = len(off) == 1
    if what == "put right":
        effect = f"{'its' if is_one else 'their'} flow times are put right{_to_within(off)}"
    else:
        effect = "its flows carry the times it told" if is_one else "their flows carry the times they told"
    return f"{', '.join([*names, *more])}; {effect}"


def _to_within(off: Sequence[dict[str, Any]]) -> str:
    known = [each["corrected_within"] for each in off]
    return "" if None in known else f" to within {max(known) * 1000:.0f} ms"


def _within(residual: Residual | None) -> dict[str, Any]:
    if residual is None:
        return {"corrected": False, "corrected_within": None}
    is_bounded = residual.early is not None and residual.late is not None
    widest = max(residual.early or 0, residual.late or 0) / _NANOSECONDS if is_bounded else None
    return {"corrected": True, "corrected_within": widest}


def _spanned(bound: ClockBound, residual: Residual | None) -> tuple[float | None, float | None]:
    """The offsets a clock can have had: one that was set lay between its bounds, the other way round."""
    if residual is not None:
        early, late = residual
        return None if late is None else -late / _NANOSECONDS, None if early is None else early / _NANOSECONDS
    low, high = bound.offset_low, bound.offset_high
    return (high, low) if bound.is_contradiction else (low, high)


def _error(off: dict[str, Any]) -> str:
    low = off["offset_low"]
    return f"{low:.1f} s fast" if low is not None and low > 0 else f"{-off['offset_high']:.1f} s slow"
