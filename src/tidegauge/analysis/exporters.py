"""``exporters``: what we know of each exporter, and whether it can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.analysis.minutes import IN_RANGE, range_values
from tidegauge.analysis.reading import Reading
from tidegauge.analysis.rows import arranged
from tidegauge.analysis.sampling_history import Stretch, sampling_told, stretches
from tidegauge.analysis.told_tables import STATISTICS, Told, told_tables
from tidegauge.clock.instant_text import instant_from_text
from tidegauge.flow.addresses import address_from_text
from tidegauge.flow.counters import MALFORMED
from tidegauge.flow.numbering import BY_DATAGRAM, MISSING
from tidegauge.query.statement import Column, Statement

if TYPE_CHECKING:
    from tidegauge.analysis.answer import Answer
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

SILENT_AFTER = 300_000_000_000
"""Nanoseconds without a datagram after which an exporter is silent: five usual active timeouts."""

_MALFORMED = " + ".join(f"malformed_{reason}" for reason in MALFORMED)

_MISSED = {
    "told_unsent_flows": "flows metered and never sent",
    "told_unsent_packets": "packets in flows never sent",
    "told_dropped_packets": "packets dropped",
    "told_ignored_packets": "packets not metered",
}
_COUNTED = ("told_exported_flows", *_MISSED)

_COLUMNS = (
    Column("exporter", "address"),
    Column("observation_domain", "uint32"),
    Column("protocol_version", "text"),
    Column("port", "uint16"),
    Column("first_received", "instant"),
    Column("last_received", "instant"),
    Column("datagrams", "uint64", "datagrams"),
    Column("records", "uint64", "records"),
    Column("option_records", "uint64", "records"),
    Column("stored", "uint64", "records"),
    Column("templates", "uint32", "templates"),
    Column("forgotten_templates", "uint64", "templates"),
    Column("sampling_interval", "uint32", "packets"),
    Column("sampling_source", "text"),
    Column("sampling_history", "text"),
    Column("lost_sequence", "uint64", "datagrams or records"),
    Column("lost_no_template", "uint64", "data sets"),
    Column("malformed", "uint64", "inputs"),
    *(Column(name, "uint64", name.rpartition("_")[2]) for name in _COUNTED),
)
_WORDS = (
    Column("boot_time", "instant"),
    Column("tables", "text"),
    Column("state", "text"),
    Column("note", "text"),
)

_SQL = f"""
SELECT CAST(exporter AS BLOB), observation_domain, protocol_version, arg_max(port, last_received),
  epoch_ns(min(minute)), epoch_ns(max(last_received)),
  sum(datagrams), sum(records), sum(option_records), sum(stored),
  arg_max(template_count, last_received), sum(expired_templates + evicted_templates),
  arg_max(sampling_interval, last_received), NULL, NULL,
  {MISSING}, sum(lost_no_template), sum({_MALFORMED}),
  {", ".join(f"sum({name})" for name in _COUNTED)}
FROM ledger WHERE exporter IS NOT NULL AND {IN_RANGE}
GROUP BY exporter, observation_domain, protocol_version
ORDER BY exporter, observation_domain, protocol_version"""


def exporters(lake: Lake, query: Query, now: int) -> Answer:
    """A row for each exporter, observation domain and protocol version heard in the range.

    ``first_received`` is exact to the minute. ``state`` is ``receiving`` or ``silent`` at the
    end of the range; ``forgotten_templates`` were too old or too many; ``note`` says in words what makes the
    numbers of this exporter doubtful. ``sampling_interval`` is that of the whole exporter then, null where
    its parts differ; ``sampling_source`` says who told it, ``sampling_history`` what was told for which part
    and time. ``tables`` are what else it told beside its flows, each with its entries and when it was told
    last, in the range as well. ``told_exported_flows`` and the like are its own counts, null where it tells
    none. The filter of the question plays no part.
    """
    with Reading(lake, query, now) as reading:
        rows = reading.rows(_statement(reading.time_range))
        until = reading.time_range.until
        moment = now if until is None else min(now, until)
        known = stretches(reading.engine, reading.time_range)
        tables = told_tables(reading.engine, reading.time_range)
        data = [
            row | _sampling(row, known, moment) | _told(tables.get(_key(row))) | _state(row, moment)
            for row in rows
        ]
        columns = (*_COLUMNS, *_WORDS)
        return reading.answer(arranged(data, columns, query.order, query.top), columns)


def _statement(time_range: TimeRange) -> Statement:
    return Statement(_SQL, range_values(time_range), _COLUMNS)


def _key(row: dict[str, Any]) -> tuple[bytes, int, str]:
    exporter = address_from_text(row["exporter"]).to_bytes(16, "big")
    return exporter, row["observation_domain"], row["protocol_version"]


def _told(told: Told | None) -> dict[str, Any]:
    tables = str(told) if told else None
    counts = dict.fromkeys(_COUNTED) if not told or STATISTICS not in told.names else {}
    return {**counts, "boot_time": told and told.boot_time, "tables": tables}


def _sampling(row: dict[str, Any], known: list[Stretch], moment: int) -> dict[str, Any]:
    exporter, *_ = _key(row)
    own = [
        stretch
        for stretch in known
        if stretch.exporter == exporter and stretch.observation_domain in (None, row["observation_domain"])
    ]
    told = sampling_told(own, moment)
    is_unknown = row["sampling_interval"] == 0 and told["sampling_source"] is None
    return told | {"sampling_source": "unknown" if is_unknown else told["sampling_source"]}


def _state(row: dict[str, Any], moment: int) -> dict[str, str]:
    last = row["last_received"]
    is_silent = last is None or moment - instant_from_text(last) > SILENT_AFTER
    notes = [f"silent since {last}"] if is_silent else []
    if row["lost_sequence"]:
        unit = "datagrams" if row["protocol_version"] in BY_DATAGRAM else "records"
        notes.append(f"{row['lost_sequence']} {unit} missing by sequence number")
    if row["lost_no_template"]:
        notes.append(f"{row['lost_no_template']} data sets without a template")
    if row["forgotten_templates"]:
        notes.append(f"{row['forgotten_templates']} templates forgotten, too old or for want of room")
    if row["malformed"]:
        notes.append(f"{row['malformed']} malformed")
    notes += [f"{row[name]} {words}, by its own count" for name, words in _MISSED.items() if row[name]]
    if row["sampling_interval"] == 0:
        notes.append("flows name a sampler of which nobody told how many packets it leaves out")
    return {"state": "silent" if is_silent else "receiving", "note": "; ".join(notes)}
