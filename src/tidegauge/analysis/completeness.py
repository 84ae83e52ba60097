"""How complete an answer is: what the ledger says was stored, and what it knows was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.minutes import IN_RANGE, range_values
from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.counters import MALFORMED
from tidegauge.flow.numbering import IS_BY_DATAGRAM

if TYPE_CHECKING:
    from tidegauge.store.engines.duckdb import Engine

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
}

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
    """
    stored, *lost = _counted(engine, time_range, is_of_flows=is_of_flows)
    reasons = {name: int(count) for name, count in zip(_REASONS, lost, strict=True) if count}
    records = sum(reasons.get(name, 0) for name in ("lost_queue", "lost_sequence", "lost_write"))
    known = int(stored or 0) + records
    return {
        "fraction": (known - records) / known if known else 1.0,
        "lost_records": records,
        "reasons": reasons,
    }


def _counted(engine: Engine, time_range: TimeRange, *, is_of_flows: bool) -> tuple[int | None, ...]:
    """What was stored, and what was lost for each of ``_REASONS``."""
    if time_range == TimeRange() or not is_of_flows:
        return engine.rows(_SQL, range_values(time_range))[0]
    whole = engine.rows(_COUNTED)[0]
    if not any(whole[1:]):
        return whole  # nothing was lost ever, so no flow has to be looked at for when it came
    return engine.rows(_SQL + _OR_BROUGHT_FLOWS, range_values(time_range))[0]


def sentence(found: dict[str, Any]) -> str:
    """One line for people when an answer is incomplete, else empty.

    >>> sentence({"fraction": 0.98, "lost_records": 2, "reasons": {"lost_sequence": 2}})
    'incomplete: 98.000 % of the records known to be sent are here; 2 records missing by sequence number'
    """
    reasons = found.get("reasons", {})
    if not reasons:
        return ""
    counted = ", ".join(f"{count} {_REASONS[name]}" for name, count in reasons.items())
    bound = "at most " if reasons.keys() - {"lost_queue", "lost_sequence", "lost_write"} else ""
    share = f"{found['fraction'] * 100:.3f} %"
    return f"incomplete: {bound}{share} of the records known to be sent are here; {counted}"
