"""``/metrics``: counters for Prometheus, in base units and with bounded labels.

An exporter is a label, a flow's address or a user never is: those are what the API is for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response

import tidegauge
from tidegauge.analysis.clocks import clocks
from tidegauge.analysis.exporters import exporters
from tidegauge.analysis.overview import overview
from tidegauge.analysis.time_service import time_service_of
from tidegauge.clock.instant_text import instant_from_text
from tidegauge.query.question import Query
from tidegauge.store.copy_record import read_records
from tidegauge.store.own_clock import judgement_at
from tidegauge.store.raw_folder import raw_files
from tidegauge.web.prometheus import MEDIA_TYPE, family
from tidegauge.web.resources.copy_metrics import copy_lines
from tidegauge.web.resources.time_metrics import own_clock_lines, time_server_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from tidegauge.analysis.answer import Answer
    from tidegauge.web.prometheus import Labels, Sample
    from tidegauge.web.reader import Reader

MAXIMUM_EXPORTERS = 1000
REST = "other"

_COUNTERS = {
    "datagrams": "Datagrams received.",
    "records": "Flow records decoded.",
    "stored": "Flow records written to the lake.",
    "lost_sequence": "Missing by sequence number: datagrams for NetFlow v9 and sFlow, records for others.",
    "lost_no_template": "Data sets given up because no template came in time.",
    "forgotten_templates": "Templates forgotten because they were too old or too many.",
    "malformed": "Inputs refused.",
}

_CLOCK_GAUGES = {
    "exporter_clock_offset_seconds": (
        "offset_seconds",
        "The exporter's clock minus the collector's, probably.",
    ),
    "exporter_clock_offset_low_seconds": ("offset_low", "It is certainly no less."),
    "exporter_clock_offset_high_seconds": ("offset_high", "It is certainly no more."),
    "exporter_clock_corrected": ("corrected", "1 where times of the exporter's flows are put right."),
}


async def metrics(request: Request) -> Response:
    """Reply in the Prometheus text format."""
    reader: Reader = request.app.state.reader
    answers = [await reader.ask(question, Query()) for question in (exporters, clocks, overview)]
    now = reader.now()
    judgement = await reader.read(lambda lake: judgement_at(lake, now))
    service = await reader.read(lambda lake: time_service_of(lake, now))
    copies = await reader.read(lambda lake: [each for each in read_records(lake) if each.is_running_at(now)])
    kept = await reader.read(raw_files)
    lines = [
        *_lines(*answers),
        *own_clock_lines(judgement),
        *time_server_lines(service, now),
        *copy_lines(copies, kept),
    ]
    return Response("".join(lines), media_type=MEDIA_TYPE)


def _lines(exporter_rows: Answer, clock_rows: Answer, glance: Answer) -> Iterator[str]:
    names = _exporter_names(exporter_rows.data)
    yield from family(
        "build_info", "gauge", "The release that runs.", [({"version": tidegauge.__version__}, 1)]
    )
    for counter, meaning in _COUNTERS.items():
        yield from family(f"{counter}_total", "counter", meaning, _summed(exporter_rows.data, names, counter))
    yield from family(
        "exporter_last_seen_timestamp_seconds",
        "gauge",
        "Arrival of the exporter's last datagram.",
        ((_labels(row, names), _seconds(row["last_received"])) for row in _named(exporter_rows.data, names)),
    )
    for name, (column, meaning) in _CLOCK_GAUGES.items():
        samples = ((_clock_labels(row), _number(row[column])) for row in _named(clock_rows.data, names))
        yield from family(name, "gauge", meaning, samples)
    row = glance.data[0]
    yield from family("flows_stored", "gauge", "Flow records in the lake.", [({}, row["flows"])])
    bytes_per_second = row["bits_per_second"] // 8
    yield from family(
        "traffic_bytes_per_second", "gauge", "Arriving in the last minute.", [({}, bytes_per_second)]
    )


def _number(value: float | bool | None) -> float | None:
    return int(value) if isinstance(value, bool) else value


def _exporter_names(rows: list[dict[str, Any]]) -> frozenset[str]:
    """The exporters that get a label of their own: those with the most records."""
    by_records = sorted(rows, key=lambda row: -(row["records"] or 0))
    return frozenset(list(dict.fromkeys(row["exporter"] for row in by_records))[:MAXIMUM_EXPORTERS])


def _named(rows: list[dict[str, Any]], names: frozenset[str]) -> Iterator[dict[str, Any]]:
    return (row for row in rows if row["exporter"] in names)


def _summed(rows: list[dict[str, Any]], names: frozenset[str], counter: str) -> Iterator[Sample]:
    sums: dict[tuple[tuple[str, str], ...], int] = {}
    for row in rows:
        key = tuple(_labels(row, names).items())
        sums[key] = sums.get(key, 0) + (row[counter] or 0)
    return ((dict(key), total) for key, total in sums.items())


def _labels(row: dict[str, Any], names: frozenset[str]) -> Labels:
    if row["exporter"] not in names:
        return {"exporter": REST, "observation_domain": REST, "protocol_version": row["protocol_version"]}
    domain = str(row["observation_domain"])
    return {
        "exporter": row["exporter"],
        "observation_domain": domain,
        "protocol_version": row["protocol_version"],
    }


def _clock_labels(row: dict[str, Any]) -> Labels:
    return {"exporter": row["exporter"], "observation_domain": str(row["observation_domain"])}


def _seconds(instant: str | None) -> float | None:
    return None if instant is None else instant_from_text(instant) / 1e9
