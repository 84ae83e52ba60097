"""Statistics: what the footers of the flows' files tell about them, without a look at any flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidegauge.store.engines.database import files_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

COUNTERS = ("bytes", "packets")
_LIMIT = 2**63


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of all flows of some files.

    ``first`` is the earliest start and ``last`` the latest start or end, None unless each flow has both;
    no flow lived longer than ``longest``. ``small`` are the counters whose sum is less than 2**63.
    ``directions`` are the lowest and the highest, both None where no flow tells one; None where they are not
    known.
    """

    first: int | None
    last: int | None
    longest: int | None
    has_reverse: bool
    small: frozenset[str]
    directions: tuple[int | None, int | None] | None


Part = tuple[Any, ...]
"""What one file or table tells; it holds no flow where it tells None of everything."""


def parts_sql(paths: Sequence[str], tables: Iterable[str] = ()) -> str:
    """A SELECT of a row for each of some Parquet files and tables of flows: its name, and its ``Part``."""
    parts = [_OF_TABLE.format(table=table) for table in tables]
    if paths:
        parts.append(_OF_FILES.format(files=files_sql(paths).removeprefix("read_parquet")))
    return _OF_PARTS.format(parts=" UNION ALL ".join(parts))


def statistics_of(parts: Iterable[Part]) -> Statistics:
    """What all of them tell together."""
    columns = list(zip(*parts, strict=True))
    columns = columns or [()] * (8 + 2 * len(COUNTERS))
    firsts, lasts, longest, timed, reverse, lows, highs, directed, *sums = columns
    known = dict(zip(COUNTERS, zip(sums[::2], sums[1::2], strict=True), strict=True))
    is_timed = all(told is True for told in timed)
    return Statistics(
        min(firsts, default=None) if is_timed else None,
        max(lasts, default=None) if is_timed else None,
        max(longest, default=None) if is_timed else None,
        any(told is not False for told in reverse),
        frozenset(name for name, (most, is_known) in known.items() if all(is_known) and sum(most) < _LIMIT),
        (_bound(min, lows), _bound(max, highs)) if all(directed) else None,
    )


def _bound(which: Callable[..., int | None], told: Iterable[int | None]) -> int | None:
    return which((each for each in told if each is not None), default=None)


_OF_PARTS = """
SELECT name, min(first), max(last), max(last - first),
  bool_and(is_timed IS TRUE), bool_or(has_reverse IS NOT FALSE),
  min(low_direction), max(high_direction), bool_and(is_directed IS TRUE),
  sum(CAST(rows AS HUGEINT) * most_bytes), bool_and(most_bytes IS NOT NULL),
  sum(CAST(rows AS HUGEINT) * most_packets), bool_and(most_packets IS NOT NULL)
FROM ({parts}) WHERE rows > 0 GROUP BY name"""

# A row for each group of rows; what its writer did not tell is null.
_OF_FILES = """
SELECT name, rows, first, greatest(last_start, last_end) AS last,
  start_nulls = 0 AND end_nulls = 0 AS is_timed,
  byte_turns < rows OR packet_turns < rows AS has_reverse, low_direction, high_direction,
  (low_direction IS NOT NULL AND high_direction IS NOT NULL) OR direction_nulls = rows AS is_directed,
  CASE WHEN byte_nulls = rows THEN 0 ELSE most_bytes END AS most_bytes,
  CASE WHEN packet_nulls = rows THEN 0 ELSE most_packets END AS most_packets
FROM (
  SELECT file_name AS name, any_value(row_group_num_rows) AS rows,
    max(epoch_ns(TRY_CAST(stats_min_value AS TIMESTAMPTZ_NS)))
      FILTER (path_in_schema = 'start') AS first,
    max(epoch_ns(TRY_CAST(stats_max_value AS TIMESTAMPTZ_NS)))
      FILTER (path_in_schema = 'start') AS last_start,
    max(epoch_ns(TRY_CAST(stats_max_value AS TIMESTAMPTZ_NS)))
      FILTER (path_in_schema = 'end') AS last_end,
    min(TRY_CAST(stats_min_value AS UTINYINT)) FILTER (path_in_schema = 'direction') AS low_direction,
    max(TRY_CAST(stats_max_value AS UTINYINT)) FILTER (path_in_schema = 'direction') AS high_direction,
    max(stats_null_count) FILTER (path_in_schema = 'direction') AS direction_nulls,
    max(TRY_CAST(stats_max_value AS UBIGINT)) FILTER (path_in_schema = 'bytes') AS most_bytes,
    max(TRY_CAST(stats_max_value AS UBIGINT)) FILTER (path_in_schema = 'packets') AS most_packets,
    max(stats_null_count) FILTER (path_in_schema = 'start') AS start_nulls,
    max(stats_null_count) FILTER (path_in_schema = 'end') AS end_nulls,
    max(stats_null_count) FILTER (path_in_schema = 'bytes') AS byte_nulls,
    max(stats_null_count) FILTER (path_in_schema = 'packets') AS packet_nulls,
    max(stats_null_count) FILTER (path_in_schema = 'reverse_bytes') AS byte_turns,
    max(stats_null_count) FILTER (path_in_schema = 'reverse_packets') AS packet_turns
  FROM parquet_metadata{files} GROUP BY file_name, row_group_id)"""

_OF_TABLE = """
SELECT '{table}' AS name, count(*) AS rows, min(epoch_ns(start)) AS first,
  greatest(max(epoch_ns(start)), max(epoch_ns("end"))) AS last,
  count(start) = count(*) AND count("end") = count(*) AS is_timed,
  count(reverse_bytes) + count(reverse_packets) > 0 AS has_reverse,
  min(direction) AS low_direction, max(direction) AS high_direction, TRUE AS is_directed,
  coalesce(max(bytes), 0) AS most_bytes, coalesce(max(packets), 0) AS most_packets
FROM {table}"""
