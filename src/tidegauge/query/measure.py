"""What can be counted: each metric as the counter it sums."""

from __future__ import annotations

from dataclasses import dataclass

from tidegauge.flow.fields import FIELDS
from tidegauge.query.error import QuestionError

_FIELD = {field.name: field for field in FIELDS}
_FACTOR = "greatest(coalesce(sampling_interval, 1), 1)"


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric. Its counter is cut to the range first and multiplied by ``factor`` after.

    That order keeps numbers within 128 bits and lets the parts of a sampled flow add up exactly.
    A metric without a counter counts flow rows.
    """

    name: str
    unit: str
    counter: str = ""
    factor: str = ""


MEASURES = {
    measure.name: measure
    for measure in (
        Measure("bytes", "bytes", "bytes"),
        Measure("packets", "packets", "packets"),
        Measure("flows", "flows"),
        Measure("bytes_up", "bytes", _FIELD["bytes_up"].sql),
        Measure("bytes_down", "bytes", _FIELD["bytes_down"].sql),
        Measure("bytes_estimate", "bytes", "bytes", _FACTOR),
        Measure("packets_estimate", "packets", "packets", _FACTOR),
    )
}


def measures(names: tuple[str, ...]) -> tuple[Measure, ...]:
    """The metrics of these names. Raises QuestionError when one is unknown or none is asked for.

    >>> [measure.unit for measure in measures(("bytes", "flows"))]
    ['bytes', 'flows']
    """
    unknown = [name for name in names if name not in MEASURES]
    if unknown or not names:
        raise QuestionError(
            f"{unknown[0] if unknown else 'nothing'!r} is no metric; metrics are {', '.join(MEASURES)}"
        )
    return tuple(MEASURES[name] for name in dict.fromkeys(names))
