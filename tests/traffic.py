"""Traffic made for a test: flows as few words as possible, and lakes that hold many of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import msgspec

from tests.sample_lake import SECOND, Row, add_segment
from tidegauge.analysis.activity import Activity
from tidegauge.analysis.finding import Evidence
from tidegauge.analysis.flows import flows
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.flow.addresses import address_from_text, uuid_text
from tidegauge.query.question import Query
from tidegauge.store.engines.tables import TABLES
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Manifest
from tidegauge.store.segment import Segment

SINCE = 1_760_000_400 * SECOND  # a whole hour: 2025-10-09T09:00:00Z
DAY = 86_400
NUMBERS = ("src_port", "dst_port", "protocol", "tcp_flags", "packets", "bytes")
SYN, SYN_ACK, RST_ACK, WHOLE = 0x02, 0x12, 0x14, 0x1B


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow; ``second`` counts from ``SINCE``."""

    src_addr: str
    dst_addr: str
    src_port: int
    dst_port: int
    protocol: int = 6
    tcp_flags: int | None = SYN
    packets: int = 1
    bytes: int = 60
    second: float = 0.0
    duration: float = 0.0

    @property
    def start(self) -> int:
        return SINCE + int(self.second * SECOND)

    @property
    def end(self) -> int:
        return self.start + int(self.duration * SECOND)


def both_ways(up: Flow, packets: int, size: int) -> list[Flow]:
    """A flow and its answer."""
    down = Flow(
        up.dst_addr, up.src_addr, up.dst_port, up.src_port, up.protocol, up.tcp_flags, packets, size,
        up.second, up.duration,
    )  # fmt: skip
    return [up, down]


def lake_of(path: Path, rows: Iterable[Flow], exporters: Sequence[str] = ()) -> Lake:
    """A lake with these flows in one segment, each as often as there are ``exporters`` that saw it."""
    lake = Lake.create(path)
    found = list(rows)
    if found:
        _add(lake, found, exporters)
    if exporters:
        add_segment(lake, "ledger", [_ledger_row(exporter) for exporter in exporters])
    return lake


def _ledger_row(exporter: str) -> Row:
    return {
        "minute": SINCE,
        "last_received": SINCE,
        "exporter": exporter,
        "observation_domain": 1,
        "stored": 1,
    }


@contextmanager
def activity_of(path: Path, rows: Iterable[Flow], seconds: float = DAY) -> Iterator[Activity]:
    """What a detector is given for the ``seconds`` from ``SINCE``."""
    lake = lake_of(path, rows)
    until = SINCE + int(seconds * SECOND)
    with lake.generation() as generation, Activity(lake, generation, SINCE, until) as activity:
        yield activity


def flows_of(path: Path, evidence: Evidence) -> int:
    """How many flows a person sees who opens the evidence."""
    return _totals(path, evidence)["flows"] or 0


def bytes_of(path: Path, evidence: Evidence) -> int:
    """How many bytes these are."""
    return _totals(path, evidence)["bytes"] or 0


def _totals(path: Path, evidence: Evidence) -> dict[str, int | None]:
    since, until = (text_from_instant(end) for end in (evidence.since, evidence.until))
    # A second more, for flows that begin in the range and go on after it: all of them is asked for.
    query = Query(filter=evidence.filter, since=since, until=until, top=0)
    return flows(Lake.open(path), query, SINCE).totals


def _add(lake: Lake, rows: list[Flow], exporters: Sequence[str]) -> None:
    target = lake.path / "segments/0.flows.parquet"
    target.parent.mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        columns = ", ".join(f'"{column}" {sql_type}' for column, sql_type in TABLES["flows"].items())
        connection.execute(f"CREATE TABLE flows ({columns})")
        seen_by: list[str | None] = [*exporters] or [None]
        for exporter in seen_by:
            connection.execute(
                'INSERT INTO flows (exporter, start, "end", received, src_addr, dst_addr, '
                f"{', '.join(NUMBERS)}) SELECT CAST(? AS UUID), "
                f"{', '.join(['make_timestamp_ns(unnest(?))'] * 3)} {', unnest(?)' * (2 + len(NUMBERS))}",
                [exporter and _uuid(exporter), *_columns(rows)],
            )
        connection.execute("UPDATE flows SET observation_domain = 1 WHERE exporter IS NOT NULL")
        connection.table("flows").write_parquet(str(target))
    segment = Segment(
        table="flows",
        path="segments/0.flows.parquet",
        rows=len(rows) * max(1, len(exporters)),
        bytes=target.stat().st_size,
        start_min=min(flow.start for flow in rows),
        end_max=max(flow.end for flow in rows),
    )

    def change(manifest: Manifest) -> Manifest:
        return msgspec.structs.replace(manifest, segments=(*manifest.segments, segment))

    lake.commit(change, now=SINCE)


def _columns(rows: list[Flow]) -> list[list[object]]:
    starts: list[object] = [flow.start for flow in rows]
    ends: list[object] = [flow.end for flow in rows]
    addresses: list[list[object]] = [
        [_uuid(flow.src_addr) for flow in rows],
        [_uuid(flow.dst_addr) for flow in rows],
    ]
    numbers: list[list[object]] = [[getattr(flow, name) for flow in rows] for name in NUMBERS]
    return [starts, ends, ends, *addresses, *numbers]


@cache
def _uuid(address: str) -> str:
    return uuid_text(address_from_text(address))
