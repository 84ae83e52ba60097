"""How complete an answer is: what the ledger says was stored, and what it knows was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.minutes import IN_RANGE, range_values
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.counters import MALFORMED
from tidegauge.flow.numbering import IS_BY_DATAGRAM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.store.engines.duckdb import Engine
    from tidegauge.store.fault import Fault
    from tidegauge.store.segment import Segment

_REASONS = {
    "lost_kernel": "datagrams dropped by the kernel",
    "lost_queue": "records dropped before writing",
    "lost_sequence": "records missing by sequence number",
    "lost_sequence_datagrams": "datagrams missing by sequence number",
    "lost_no_template": "data sets without a template",
    "lost_write": "records received but not written",
    "malformed": "malformed inputs",
    "told_unsent_flows": "flows that exporters say they metered and never sent",
    "told_unsent_packets": "packets in flows that exporters say they never sent",
    "told_dropped_packets": "packets that exporters say they dropped",
    "told_ignored_packets": "packets that exporters say they did not meter",
    "unreadable": "records in damaged files",
    "removed": "records removed by retention",
}
_COUNTED_IN_LEDGER = tuple(_REASONS)[:-2]

_IN_RECORDS = {"lost_queue", "lost_sequence", "lost_write", "unreadable", "removed"}

_MALFORMED = " + ".join(f"malformed_{reason}" for reason in MALFORMED)
_COUNTED = f"""
SELECT sum(stored),
  sum(lost_kernel) AS lost_kernel, sum(lost_queue) AS lost_queue,
  sum(lost_sequence) FILTER (WHERE NOT {IS_BY_DATAGRAM}) AS lost_sequence,
  sum(lost_sequence) FILTER (WHERE {IS_BY_DATAGRAM}) AS lost_sequence_datagrams,
  sum(lost_no_template) AS lost_no_template, sum(lost_write) AS lost_write,
  sum({_MALFORMED}) AS malformed, sum(told_unsent_flows), sum(told_unsent_packets),
  sum(told_dropped_packets), sum(told_ignored_packets)
FROM ledger"""
_SQL = f"{_COUNTED} WHERE ({IN_RANGE})"
_STORED = f"SELECT sum(stored) FROM ledger WHERE ({IN_RANGE})"

# A record arrives after its flow, and long after where an exporter's clock is slow or a capture is old.
_OR_BROUGHT_FLOWS = """
OR epoch_ns(minute) IN (
  SELECT DISTINCT epoch_ns(received) // 60000000000 * 60000000000 FROM flows
  WHERE ($since IS NULL OR epoch_ns(coalesce("end", start, received)) >= $since)
    AND ($until IS NULL OR epoch_ns(coalesce(start, "end", received)) < $until))"""


def completeness(engine: Engine, time_range: TimeRange, *, is_of_flows: bool = False) -> dict[str, Any]:
    """Stored over stored and lost, for all exporters together, in the minutes of arrival inside the range.

    For an answer about flows, whose range means the flows' own time, the minutes in which they arrived
    count as well.

    Only losses counted in flow records enter ``fraction``. A lost datagram of NetFlow v9 or sFlow, or a
    data set without its template, held an unknown number of them: these stand in ``reasons`` and make
    the fraction an upper bound. Kernel drops of IPFIX and v5 show in the sequence numbers as well, so
    they are not added twice. What exporters say that they missed themselves was never sent.

    What was stored once and is not here any more counts as well: what stands in damaged files, and what
    retention removed, of which ``removed_before`` tells the last arrival. Of a question without a beginning
    the first flows are those that are left.
    """
    gone = _gone(engine, time_range) if is_of_flows else {}
    stored, *lost = _counted(engine, time_range, is_of_flows=is_of_flows, is_exact=bool(gone))
    reasons = {name: int(count) for name, count in zip(_COUNTED_IN_LEDGER, lost, strict=True) if count}
    records = sum(reasons.get(name, 0) for name in ("lost_queue", "lost_sequence", "lost_write"))
    known = int(stored or 0) + records
    removed = gone.get("removed", 0)
    if time_range.since is None:
        known -= removed
        removed = 0
    here = known - records - removed - gone.get("unreadable", 0)
    found: dict[str, Any] = {
        "fraction": max(0, here) / known if known > 0 else 1.0,
        "lost_records": records + gone.get("unreadable", 0),
        "reasons": reasons | {name: count for name, count in gone.items() if count},
    }
    if "removed" in gone and engine.removed_before is not None:
        found["removed_before"] = text_from_instant(engine.removed_before)
    return found


def _gone(engine: Engine, time_range: TimeRange) -> dict[str, int]:
    """Records of the range that were stored and are not here any more."""
    found: dict[str, int] = {}
    if rows := sum(each.segment.rows for each in engine.faults if each.segment.table == "flows"):
        found["unreadable"] = rows
    removed = engine.removed_before
    if removed is not None and (time_range.since is None or time_range.since < removed):
        until = removed if time_range.until is None else min(removed, time_range.until)
        # By the minutes of the ledger, which outlives the flows.
        [(count,)] = engine.rows(_STORED, range_values(TimeRange(time_range.since, until)))
        found["removed"] = int(count or 0)
    return found


def fault_sentences(faults: Iterable[Fault]) -> list[str]:
    """What a question leaves out because files are damaged, in a sentence for each."""
    return [
        f"{each.segment.path} {each.why} and is left out, with {_what_of(each.segment)}"
        "; tidegauge lake verify tells what to do"
        for each in faults
    ]


def _what_of(segment: Segment) -> str:
    rows = f"{segment.rows:,} rows of {segment.table}" if segment.rows else f"rows of {segment.table}"
    if segment.received_min is None or segment.received_max is None:
        return rows
    first, last = (text_from_instant(at) for at in (segment.received_min, segment.received_max))
    return f"{rows} that arrived from {first} to {last}"


def _counted(
    engine: Engine, time_range: TimeRange, *, is_of_flows: bool, is_exact: bool
) -> tuple[int | None, ...]:
    """What was stored, and what was lost for each reason that the ledger knows.

    Where nothing was ever lost it hardly matters how much was stored, unless ``is_exact``.
    """
    if time_range == TimeRange() or not is_of_flows:
        return engine.rows(_SQL, range_values(time_range))[0]
    whole = engine.rows(_COUNTED)[0]
    if not any(whole[1:]):
        # Nothing was lost ever, so no flow has to be looked at for when it came.
        return engine.rows(_SQL, range_values(time_range))[0] if is_exact else whole
    return engine.rows(_SQL + _OR_BROUGHT_FLOWS, range_values(time_range))[0]


def sentence(found: dict[str, Any]) -> str:
    """One line for people when an answer is incomplete, else empty.

    >>> sentence({"fraction": 0.98, "lost_records": 2, "reasons": {"lost_sequence": 2}})
    'incomplete: 98.000 % of the records known to be sent are here; 2 records missing by sequence number'
    """
    reasons, before = found.get("reasons", {}), found.get("removed_before")
    if not reasons.keys() - {"removed"} and not (before and found["fraction"] < 1):
        return f"flows that arrived before {before} were removed by retention" if before else ""
    counted = [f"{count} {_REASONS[name]}" for name, count in reasons.items() if name != "removed"]
    if before:
        counted.append(f"flows that arrived before {before} were removed by retention")
    bound = "at most " if reasons.keys() - _IN_RECORDS else ""
    share = f"{found['fraction'] * 100:.3f} %"
    return f"incomplete: {bound}{share} of the records known to be sent are here; {', '.join(counted)}"
