"""Rates: the busiest moment, and the rate that is exceeded in one of twenty moments.

A moment is a bucket, counted from 1970 in UTC: 60 s for the peak and 300 s for the 95th percentile, as
internet providers bill, unless the question names a step. A bucket that the range cuts counts as a whole one,
so ``peak_bps`` is the largest bucket of the series of the same question.

The percentile is the nearest rank: with N buckets in the range, the one at place ⌈0.95 · N⌉ from the lowest.
Buckets without traffic count as 0. No value is made up between two buckets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.query.pieces import pieces
from tidegauge.query.ruler import Ruler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.query.measure import Kind, Measure
    from tidegauge.query.parameters import Parameters

SECOND = 1_000_000_000
DEFAULT_STEPS: dict[Kind, int] = {"peak": 60 * SECOND, "p95": 300 * SECOND}
_PLACE = "(19 * buckets + 19) // 20"


def peaks(
    relation: str,
    keys: Sequence[str],
    numbered: tuple[int, Measure],
    parameters: Parameters,
    *,
    step: int | None = None,
    since: str = "",
    until: str = "",
) -> str:
    """A SELECT of ``keys`` and the rate of one measure, by its name, in whole bits per second.

    ``numbered`` is the measure with its number in ``relation``.
    """
    index, measure = numbered
    ruler = Ruler(step or DEFAULT_STEPS[measure.kind], 0)
    cut = pieces(relation, ruler, parameters, keys, [numbered], since=since, until=until)
    group = ", ".join([*keys, "bucket"])
    octets = f"SELECT {group}, coalesce(sum(m{index}), 0) AS octets FROM ({cut}) GROUP BY {group}"
    chosen = "max(octets)" if measure.kind == "peak" else _percentile()
    rate = f"CAST({chosen} AS HUGEINT) * {8 * SECOND} // {ruler.step}"
    grouping = f"GROUP BY {', '.join(keys)}" if keys else ""
    return f"""
        WITH octets AS ({octets}), span AS ({_span(relation, ruler, parameters, since, until)})
        SELECT {", ".join([*keys, f'{rate} AS "{measure.name}"'])} FROM octets {grouping}"""


def _percentile() -> str:
    """The octets of the bucket at the place; those without a row are the lowest."""
    place = f"(SELECT {_PLACE} - buckets FROM span) + count(*)"
    return f"coalesce(list_sort(list(octets))[greatest({place}, 0)], 0)"


def _span(relation: str, ruler: Ruler, parameters: Parameters, since: str, until: str) -> str:
    """How many buckets the range touches; on an open side it reaches as far as there are flows."""
    first, last = since or "min(lived_from)", f"{until} - 1" if until else "max(lived_to)"
    first, last = (ruler.bucket_sql(moment, parameters) for moment in (first, last))
    source = "" if since and until else f" FROM {relation}"
    return f"SELECT {last} - {first} + 1 AS buckets{source}"
