"""What can be counted: each metric, and how it comes out of flows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from tidegauge.flow.field import Field
from tidegauge.flow.fields import FIELDS
from tidegauge.query.error import QuestionError
from tidegauge.query.sampling import FACTOR
from tidegauge.query.vocabulary import field_or_pair, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = Literal[
    "sum", "low", "high", "sampled", "distinct", "first", "last", "peak", "p95", "sessions", "in_use",
    "share",
]  # fmt: skip

_FIELD = {field.name: field for field in FIELDS}
_DISTINCT = "distinct_"

BEFORE = "_before"
"""What the name of a metric ends with where it is that of an earlier range."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric.

    A ``sum`` adds up its counter, cut to the range first and multiplied by ``factor`` after: that order keeps
    numbers within 128 bits and lets the parts of a sampled flow add up exactly. Without a counter it counts
    flows. ``beside`` is a second counter that is needed to judge the first. ``field`` is what ``distinct``
    counts the values of. The other kinds are about the time in which flows lived.
    """

    name: str
    unit: str
    counter: str = ""
    factor: str = ""
    kind: Kind = "sum"
    beside: str = ""
    field: Field | None = None
    type: str = "uint64"

    @property
    def is_additive(self) -> bool:
        """Whether the metric of a whole is the sum of the metrics of its parts."""
        return self.kind == "sum"

    @property
    def is_aggregate(self) -> bool:
        """Whether one aggregate over flows gives the metric."""
        return self.kind not in ("peak", "p95", "sessions", "in_use", "share")

    @property
    def of_nothing(self) -> int | None:
        """The metric of no flows: none were seen, so a count is 0 and anything else unknown."""
        is_count = self.kind in ("distinct", "sessions", "in_use") or (
            self.kind == "sum" and not self.counter
        )
        return 0 if is_count else None


def _estimated(name: str, counter: str, beside: str = "") -> tuple[Measure, ...]:
    """An estimate, and between what the truth lies with 95 % probability."""
    estimate = Measure(name, counter, counter, FACTOR, beside=beside)
    return (
        replace(estimate, beside=""),
        replace(estimate, name=f"{name}_low", kind="low"),
        replace(estimate, name=f"{name}_high", kind="high"),
    )


_SAMPLED = Measure("sampled", "", factor=FACTOR, kind="sampled", type="boolean")
_ESTIMATES = {
    "bytes_estimate": _estimated("bytes_estimate", "bytes", "packets"),
    "packets_estimate": _estimated("packets_estimate", "packets"),
}

MEASURES = {
    measure.name: measure
    for measure in (
        Measure("bytes", "bytes", "bytes"),
        Measure("packets", "packets", "packets"),
        Measure("flows", "flows"),
        Measure("bytes_up", "bytes", _FIELD["bytes_up"].sql),
        Measure("bytes_down", "bytes", _FIELD["bytes_down"].sql),
        *(measure for estimate in _ESTIMATES.values() for measure in estimate),
        _SAMPLED,
        Measure("first_seen", "", kind="first", type="instant"),
        Measure("last_seen", "", kind="last", type="instant"),
        Measure("peak_bps", "bits per second", "bytes", kind="peak"),
        Measure("p95_bps", "bits per second", "bytes", kind="p95"),
        Measure("sessions", "sessions", kind="sessions"),
        Measure("seconds_in_use", "seconds", kind="in_use"),
        Measure("share", "", kind="share", type="float64"),
        Measure("cumulative_share", "", kind="share", type="float64"),
    )
}


def measures(names: tuple[str, ...]) -> tuple[Measure, ...]:
    """The metrics of these names; an estimate brings its margins and whether anything was sampled.

    Raises QuestionError when one is unknown or none is asked for.

    >>> [measure.name for measure in measures(("packets_estimate",))]
    ['packets_estimate', 'packets_estimate_low', 'packets_estimate_high', 'sampled']
    """
    if not names:
        raise QuestionError(f"name at least one metric; metrics are {_known()}")
    found = [measure for name in names for measure in _ESTIMATES.get(name) or (_measure(name),)]
    if not _ESTIMATES.keys().isdisjoint(names):
        found.append(_SAMPLED)
    return tuple({measure.name: measure for measure in found}.values())


def before(found: Iterable[Measure]) -> tuple[Measure, ...]:
    """The same metrics of the earlier range; shares are those of one range only."""
    return tuple(replace(each, name=f"{each.name}{BEFORE}") for each in found if each.kind != "share")


def _measure(name: str) -> Measure:
    if name in MEASURES:
        return MEASURES[name]
    word = name.removeprefix(_DISTINCT)
    if word == name:
        raise QuestionError(f"{name!r} is no metric; metrics are {_known()}")
    field = field_or_pair(word)
    if not isinstance(field, Field) or field.type == "elements":
        suggestion = nearest(word)
        hint = f"; did you mean {_DISTINCT}{suggestion}?" if suggestion and suggestion != word else ""
        raise QuestionError(f"{name!r}: {word!r} is no field whose values can be counted{hint}")
    return Measure(f"{_DISTINCT}{field.name}", "", kind="distinct", field=field)


def _known() -> str:
    return f"{', '.join(MEASURES)} and {_DISTINCT}FIELD"
