"""``timeline``: everything one address did and was, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tidegauge.analysis.alerts import alerts
from tidegauge.analysis.reading import Reading
from tidegauge.analysis.totals import totals_of
from tidegauge.analysis.wording import amount_words, count_words, duration_words
from tidegauge.clock.instant_text import instant_from_text
from tidegauge.query.named_numbers import PROTOCOLS
from tidegauge.query.statement import Column
from tidegauge.query.timeline import (
    DEFAULT_LIMIT,
    KINDS,
    answers_in_order,
    flows_in_order,
    kinds_told,
    names_in_order,
    order_of_time,
    subject_of,
)
from tidegauge.store.bindings import bindings_seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

COLUMNS = (
    Column("time", "instant"),
    Column("end", "instant"),
    Column("kind", "text"),
    Column("exporter", "address"),
    Column("text", "text"),
    Column("src_addr", "address"),
    Column("src_port", "uint16"),
    Column("dst_addr", "address"),
    Column("dst_port", "uint16"),
    Column("protocol", "uint8"),
    Column("packets", "uint64", "packets"),
    Column("bytes", "uint64", "bytes"),
    Column("site", "text"),
    Column("service", "text"),
    Column("hop", "uint32"),
    Column("hops", "uint32"),
    Column("clock_bound", "int64", "nanoseconds"),
)
_METRICS = ("bytes", "packets", "flows")
_UNSEARCHED = "no findings: detectors search the lake's own files, not ClickHouse"
_PROTOCOL_NAMES = {number: name for name, number in PROTOCOLS.items()}
# RFC 8158, section 4.1.
_NAT_EVENTS = {1: "created", 2: "deleted", 4: "created", 5: "deleted", 6: "created", 7: "deleted"}

Row = dict[str, Any]


def timeline(lake: Lake, query: Query, now: int) -> Answer:
    """Rows by corrected time: a flow for each exporter that saw it, NAT, DNS, names, findings.

    The filter names the address, ``addr 10.0.0.1``, and may say more about its flows. The first hundred
    unless ``query.top`` says otherwise, the last with the order ``time:desc``. ``having`` picks kinds of
    rows, ``kind = dns``. ``clock_bound`` says how far a time may be off: hops closer together than that may
    be in the wrong order.
    """
    address = subject_of(query).first.to_bytes(16, "big")
    is_latest_first = order_of_time(query) == "DESC"
    asked = msgspec.structs.replace(query, by=(), metrics=_METRICS, duplicates="all")
    with Reading(lake, asked, now, ("having",)) as reading:
        totals = totals_of(reading)
        kinds = {row["kind"] for row in reading.rows(kinds_told(reading.query))}
        rows = [row for row in _happened(lake, reading, address, kinds) if row["kind"] in kinds]
        warnings = list(totals.warnings)
        if "finding" in kinds and lake.clickhouse:
            warnings.append(_UNSEARCHED)
        elif "finding" in kinds:
            rows += _findings(lake, query, now)
        rows.sort(key=lambda row: (KINDS.index(row["kind"]), row["exporter"] or "", row["text"]))
        rows.sort(key=lambda row: str(row["time"]), reverse=is_latest_first)
        shown = DEFAULT_LIMIT if query.top is None else query.top
        return reading.answer(
            rows[:shown] if shown else rows,
            COLUMNS,
            totals=totals.metrics,
            extent=totals.extent,
            warnings=warnings,
        )


def _happened(lake: Lake, reading: Reading, address: bytes, kinds: set[str]) -> Iterator[Row]:
    """Everything that the lake itself tells of the address, of these kinds at least."""
    spans = reading.query, reading.time_range
    if kinds & {"flow", "nat"}:
        # The first so many flows need not hold the first so many translations.
        asked = spans[0] if "flow" in kinds else msgspec.structs.replace(spans[0], top=0)
        yield from (
            event for flow in reading.rows(flows_in_order(asked, spans[1])) for event in _flow_events(flow)
        )
    if "name" in kinds:
        for name in reading.rows(names_in_order(*spans, address)):
            yield _row(name["time"], "name", _name_text(name))
    if "dns" in kinds:
        with bindings_seen(reading.engine, lake):
            for told in reading.rows(answers_in_order(*spans, address)):
                yield _row(told["time"], "dns", _dns_text(told))


def _flow_events(flow: Row) -> Iterator[Row]:
    if flow["is_translated"]:
        yield _row(flow["time"], "nat", _nat_text(flow), exporter=flow["exporter"])
    if flow["nat_event"] is None:
        known = {name: flow[name] for name in flow if name != "time"}
        yield _row(flow["time"], "flow", _flow_text(flow), **known)


def _flow_text(flow: Row) -> str:
    name = _PROTOCOL_NAMES.get(flow["protocol"], f"protocol {flow['protocol']}")
    what = f"{_end(flow, 'src')} to {_end(flow, 'dst')} by {name}"
    about = [f"({flow['service'] or flow['site']})"] if flow["service"] or flow["site"] else []
    took = instant_from_text(flow["end"]) - instant_from_text(flow["time"])
    packets = count_words(flow["packets"] or 0, "packet", "packets")
    amount = f"{amount_words(flow['bytes'] or 0)} in {packets} within {duration_words(took)}"
    hop = [f", hop {flow['hop']} of {flow['hops']}"] if flow["hops"] > 1 else []
    return f"{' '.join([what, *about])}: {amount}{''.join(hop)}"


def _nat_text(flow: Row) -> str:
    event = _NAT_EVENTS.get(flow["nat_event"] or 0)
    # A flow may have been metered before its translation or after it.
    verb = "became" if event else "translates to"
    changes = [
        f"{_end(flow, side)} {verb} {_end(flow, f'nat_{side}')}"
        for side in ("src", "dst")
        if flow[f"nat_{side}_addr"] is not None and _end(flow, f"nat_{side}") != _end(flow, side)
    ]
    return " and ".join(changes) + (f" ({event})" if event else "")


def _end(flow: Row, side: str) -> str:
    address, port = flow[f"{side}_addr"], flow[f"{side}_port"]
    shown = f"[{address}]" if address and ":" in address else str(address)
    return shown if port is None else f"{shown}:{port}"


def _name_text(name: Row) -> str:
    who = " with ".join(filter(None, (name["person"], name["machine"]))) or "somebody unknown"
    return f"{'held' if name['is_begin'] else 'given up'} by {who}, says {name['source']}"


def _dns_text(told: Row) -> str:
    name = told["name"] or "nothing"
    return f"{told['client']} was told that {name} is {told['address']}, says {told['source']}"


def _findings(lake: Lake, query: Query, now: int) -> list[Row]:
    found = alerts(lake, msgspec.structs.replace(query, top=0, order="", by=(), having=""), now)
    return [
        _row(row["first_seen"], "finding", f"{row['severity']}: {row['sentence']}", end=row["last_seen"])
        for row in found.data
    ]


def _row(time: str, kind: str, text: str, **known: object) -> Row:
    row = {column.name: known.get(column.name) for column in COLUMNS}
    return row | {"time": time, "kind": kind, "text": text}
