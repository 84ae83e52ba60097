"""Pieces: flows cut at the borders of buckets, each piece with its whole-number share of the counters.

A relation of pieces has the columns of the relation it was cut from (``tidegauge.query.source``) and
``bucket``. Its ``lived_from`` and ``lived_to`` are the ends of the piece, so whatever counts flows counts
pieces as well; a flow weighs 1 in its first piece and 0 in the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.query.spreading import began, ended, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.query.measure import Measure
    from tidegauge.query.parameters import Parameters
    from tidegauge.query.ruler import Ruler


def pieces(
    relation: str,
    ruler: Ruler,
    parameters: Parameters,
    keys: Sequence[str],
    measures: Sequence[tuple[int, Measure]],
    *,
    since: str = "",
    until: str = "",
) -> str:
    """A SELECT of the pieces of ``relation`` within ``[since, until)``, which every flow of it overlaps.

    ``measures`` come with their numbers in ``relation``.
    """
    first, last = began(since), ended(until)
    begin, end = (ruler.begin_sql(bucket, parameters) for bucket in ("bucket", "(bucket + 1)"))
    kept = [*keys, *_uncut(measures)]
    whole = [f"{first} AS lived_from", f"{last} AS lived_to", "first_bucket AS bucket", "weight"]
    whole += ["weight_ungrouped", *kept, *_cut(measures, since, until)]
    part = ["edge AS lived_from", "next_edge AS lived_to", "bucket"]
    part += [f"CASE WHEN bucket = first_bucket THEN {name} ELSE 0 END AS {name}" for name in _WEIGHTS]
    part += [*kept, *_cut(measures, "edge", "next_edge")]
    return f"""
        WITH placed AS NOT MATERIALIZED (
            SELECT *, {ruler.bucket_sql(first, parameters)} AS first_bucket,
                {ruler.bucket_sql(f"greatest({first}, {last} - 1)", parameters)} AS last_bucket
            FROM {relation})
        SELECT {", ".join(whole)} FROM placed WHERE first_bucket = last_bucket
        UNION ALL
        SELECT {", ".join(part)}
        FROM (SELECT *, greatest({first}, {begin}) AS edge, least({last}, {end}) AS next_edge
              FROM (SELECT *, unnest(range(first_bucket, last_bucket + 1)) AS bucket
                    FROM placed WHERE first_bucket <> last_bucket))"""


_WEIGHTS = ("weight", "weight_ungrouped")


def _cut(measures: Sequence[tuple[int, Measure]], since: str, until: str) -> list[str]:
    counters = [f"m{index}" for index, measure in measures if measure.counter]
    counters += [f"n{index}" for index, measure in measures if measure.beside]
    return [f"{share(counter, since, until)} AS {counter}" for counter in counters]


def _uncut(measures: Sequence[tuple[int, Measure]]) -> list[str]:
    factors = [f"x{index}" for index, measure in measures if measure.factor]
    return factors + [f"v{index}" for index, measure in measures if measure.field]
