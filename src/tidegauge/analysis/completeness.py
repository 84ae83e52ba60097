"""How complete an answer is: what the ledger says was stored, and what it knows was lost."""

from __future__ import annotations

from collections import Counter, defaultdict
from math import ceil
from typing import TYPE_CHECKING, Any

from tidegauge.analysis.minutes import IN_RANGE, range_values
from tidegauge.analysis.rolled_flows import ARRIVED, PAST
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.counters import MALFORMED
from tidegauge.flow.lost_records import Heard, Losses, losses
from tidegauge.flow.numbering import IS_BY_DATAGRAM
from tidegauge.flow.sampling_error import margin
from tidegauge.flow.spreading import MAX_FLOW_AGE
from tidegauge.query.source import RAW_LIFE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidegauge.analysis.rolled_flows import RolledFlows
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

_COUNTED_RECORDS = ("lost_queue", "lost_write")
_BY_NUMBERS = ("lost_kernel", "lost_sequence", "lost_sequence_datagrams")

_MALFORMED = " + ".join(f"malformed_{reason}" for reason in MALFORMED)


def _missing(condition: str) -> str:
    """SQL for what is missing; exporters that count otherwise than their protocol are of the other kind."""
    missing = (
        "lost_sequence::BIGINT - coalesce(found_sequence, 0)::BIGINT - coalesce(lost_otherwise, 0)::BIGINT"
    )
    return f"sum(CASE WHEN {condition} THEN {missing} ELSE coalesce(lost_otherwise, 0)::BIGINT END)"


_COUNTED = f"""
SELECT sum(stored),
  sum(lost_kernel) AS lost_kernel, sum(lost_queue) AS lost_queue,
  {_missing(f"NOT {IS_BY_DATAGRAM}")} AS lost_sequence,
  {_missing(IS_BY_DATAGRAM)} AS lost_sequence_datagrams,
  sum(lost_no_template) AS lost_no_template, sum(lost_write) AS lost_write,
  sum({_MALFORMED}) AS malformed, sum(told_unsent_flows), sum(told_unsent_packets),
  sum(told_dropped_packets), sum(told_ignored_packets)
FROM ledger"""
_STORED = f"SELECT sum(stored) FROM ledger WHERE ({IN_RANGE})"
_STORED_AS_SUMS = f"""
SELECT sum(flows)
FROM (SELECT make_timestamp_ns(CAST(minute AS BIGINT) * 60000000000) AS minute, flows FROM {PAST})
WHERE ({IN_RANGE})"""
_HEARD = (
    "datagrams", "records", "option_records", "record_squares",
    "lost_sequence", "found_sequence", "lost_otherwise", "lost_upstream",
)  # fmt: skip
_BY_SOURCE = f"""
SELECT writer, coalesce(protocol_version, ''), {", ".join(f"sum(coalesce({name}, 0))" for name in _HEARD)},
  sum(lost_kernel) - sum(coalesce(shown_kernel, lost_kernel)),
  sum(malformed_short_header + malformed_unknown_version)
FROM ledger"""
_TOGETHER = " GROUP BY writer, exporter, observation_domain, protocol_version"
_OF_MINUTES = f" WHERE ({IN_RANGE})"

# A record arrives after its flow, and long after where an exporter's clock is slow or a capture is old.
_OR_BROUGHT_FLOWS = f"""
OR epoch_ns(minute) // 60000000000 IN (
  SELECT DISTINCT epoch_ns(received) // 60000000000
  FROM (SELECT *, greatest(raw_start, raw_end) AS ended FROM (SELECT received, {RAW_LIFE} FROM flows))
  WHERE ($since IS NULL OR ended >= $since)
    AND ($until IS NULL
      OR least(ended, greatest(raw_start, greatest(ended, 0) - {MAX_FLOW_AGE})) < $until))"""
_OR_BROUGHT_OTHERS = f" OR epoch_ns(minute) // 60000000000 IN (SELECT minute FROM {ARRIVED})"


def completeness(
    engine: Engine, time_range: TimeRange, *, is_of_flows: bool = False, rolled: RolledFlows | None = None
) -> dict[str, Any]:
    """Stored over stored and lost, for all exporters together, in the minutes of arrival inside the range.

    For an answer about flows, whose range means the flows' own time, the minutes in which they arrived
    count as well, those of the flows that rollups told of, ``rolled``, among them.

    ``lost_records`` are flow records. Those in datagrams of NetFlow v9 and sFlow, and in datagrams that our
    kernel dropped and no sequence number told of, are estimated: ``lost_records_error`` is what to add and to
    take away so that the truth lies between, 95 times in 100. Of them at least ``lost_upstream`` were lost
    before they came here. What cannot be counted in records stands in ``reasons`` alone and makes the
    fraction an upper bound. What exporters say that they missed themselves was never sent.

    What was stored once and is not here any more counts as well: what stands in damaged files, and what
    retention removed, of which ``removed_before`` tells the last arrival, but for what sums told of. Of a
    question without a beginning the first flows are those that are left.
    """
    gone = _gone(engine, time_range, rolled) if is_of_flows else {}
    minutes, (stored, *lost) = _counted(
        engine, time_range, is_of_flows=is_of_flows, is_rolled=rolled is not None, is_exact=bool(gone)
    )
    told = zip(_COUNTED_IN_LEDGER, lost, strict=True)
    reasons = {name: int(count) for name, count in told if count and count > 0}
    estimate = Losses()
    if reasons.keys() & {*_BY_NUMBERS}:
        estimate = _losses(engine.rows(f"{_BY_SOURCE}{minutes}{_TOGETHER}", range_values(time_range)))
    records = round(estimate.records.value) + sum(reasons.get(name, 0) for name in _COUNTED_RECORDS)
    known = int(stored or 0) + records
    removed = gone.get("removed", 0)
    if time_range.since is None:
        known -= removed
        removed = 0
    here = known - records - removed - gone.get("unreadable", 0)
    found: dict[str, Any] = {
        "fraction": max(0, here) / known if known > 0 else 1.0,
        "lost_records": records + gone.get("unreadable", 0),
        "lost_records_error": margin(ceil(estimate.records.variance)),
        "lost_upstream": round(estimate.upstream.value),
        "reasons": reasons | {name: count for name, count in gone.items() if count},
    }
    if "removed" in gone and engine.removed_before is not None:
        found["removed_before"] = text_from_instant(engine.removed_before)
    return found


def _gone(engine: Engine, time_range: TimeRange, rolled: RolledFlows | None) -> dict[str, int]:
    """Records of the range that were stored and are not here any more."""
    found: dict[str, int] = {}
    if rows := sum(each.segment.rows for each in engine.faults if each.segment.table == "flows"):
        found["unreadable"] = rows
    removed = engine.removed_before
    if removed is not None and (time_range.since is None or time_range.since < removed):
        until = removed if time_range.until is None else min(removed, time_range.until)
        # By the minutes of the ledger, which outlives the flows.
        values = range_values(TimeRange(time_range.since, until))
        [(count,)] = engine.rows(_STORED, values)
        if rolled and rolled.has_history:
            [(known,)] = engine.rows(_STORED_AS_SUMS, values)
            missing = int(count or 0) - int(known or 0)
            return found | ({"removed": missing} if missing > 0 else {})
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
    engine: Engine, time_range: TimeRange, *, is_of_flows: bool, is_rolled: bool, is_exact: bool
) -> tuple[str, tuple[int | None, ...]]:
    """Which minutes count, as SQL, and what was stored in them, and lost for each reason the ledger knows.

    Where nothing was ever lost it hardly matters how much was stored, unless ``is_exact``.
    """
    values = range_values(time_range)
    if time_range == TimeRange() or not is_of_flows:
        return _OF_MINUTES, engine.rows(_COUNTED + _OF_MINUTES, values)[0]
    whole = engine.rows(_COUNTED)[0]
    if not any(whole[1:]):
        # Nothing was lost ever, so no flow has to be looked at for when it came.
        return _OF_MINUTES, engine.rows(_COUNTED + _OF_MINUTES, values)[0] if is_exact else whole
    minutes = _OF_MINUTES + _OR_BROUGHT_FLOWS + (_OR_BROUGHT_OTHERS if is_rolled else "")
    return minutes, engine.rows(_COUNTED + minutes, values)[0]


def _losses(rows: Sequence[tuple[Any, ...]]) -> Losses:
    """Each listener's own: what its kernel dropped is missing from its own exporters."""
    heard: defaultdict[str, list[Heard]] = defaultdict(list)
    unseen: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for writer, version, *counts, by_kernel, strange in rows:
        heard[writer].append(Heard.of(version, dict(zip(_HEARD, map(int, counts), strict=True))))
        unseen[writer] += int(by_kernel)
        refused[writer] += int(strange)
    each = (losses(sources, unseen[writer], refused[writer]) for writer, sources in heard.items())
    return sum(each, start=Losses())


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
    about = ""
    if error := found.get("lost_records_error"):
        about = "about "
        counted.append(f"about {found['lost_records']} records lost in all, give or take {error}")
    if upstream := found.get("lost_upstream"):
        which = f"at least {upstream} of them" if upstream < found["lost_records"] else "all of them"
        counted.append(f"{which} before they came here")
    bound = "at most " if _has_more(found) else ""
    share = f"{found['fraction'] * 100:.3f} %"
    return f"incomplete: {bound}{about}{share} of the records known to be sent are here; {', '.join(counted)}"


def _has_more(found: dict[str, Any]) -> bool:
    """Whether something was lost that nobody can count in records."""
    counted = {*_COUNTED_RECORDS, "unreadable", "removed"}
    if found["lost_records"]:
        counted |= {*_BY_NUMBERS}
    return bool(found["reasons"].keys() - counted)
