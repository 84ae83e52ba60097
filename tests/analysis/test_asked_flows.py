"""A question for an address is answered from the flows that its filter leaves, as from all flows."""

from __future__ import annotations

from array import array
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from tests.sample_lake import NOON, SECOND, Row, add_segment, make_lake
from tidegauge._core import Batch, SegmentWriter
from tidegauge.analysis import asked_flows
from tidegauge.analysis.answer import Answer
from tidegauge.analysis.flows import flows
from tidegauge.analysis.series import series
from tidegauge.analysis.top import top
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.flow.addresses import address_from_text
from tidegauge.query.canonical import canonical
from tidegauge.query.parser import parse
from tidegauge.query.question import Query
from tidegauge.store.engines import duckdb
from tidegauge.store.engines.tables import TABLES
from tidegauge.store.lake import Lake

MINUTE, QUESTIONS = 60 * SECOND, 5
ASKS = (top, flows, top, series)
ROUTERS = ("192.0.2.1", "192.0.2.2")
FILTERS = (
    "ip 10.0.0.1 and port 443", "src ip 10.0.0.1", "ip 10.0.0.1 and bytes > 500",
    "ip in [10.0.0.1, 10.0.0.2]",
    "ip 10.0.0.1 and (port 53 or exporter 192.0.2.2)", "net 10.0.0.0/30 and not tcp", "ip 203.0.113.9",
    "dst ip 10.0.0.2 and src port in [53, 5000]",
    "src ip 10.0.0.1 and dst net 10.0.0.2/31 and port 100-500 and udp",
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("ip 192.0.2.1 and bytes > 1", "addr = 192.0.2.1"),
        ("dst net 192.0.2.0/24", "dst_addr = 192.0.2.0/24"),
        ("net 10.0.0.0/8", ""),
        ("not ip 192.0.2.1", ""),
        ("ip 192.0.2.1 or bytes > 1", ""),
        ("next_hop 192.0.2.1", ""),
        ("any", ""),
    ],
)
def test_a_filter_leaves_few_flows_where_it_names_few_addresses(written: str, part: str) -> None:
    found = asked_flows.asked_part(parse(written).term)
    assert (canonical(found) if found else "") == part


def drawn_flows(random: Random) -> list[Row]:
    """Flows that one router saw or both, in part; one translates addresses, and one samples."""
    found: list[Row] = []
    for _ in range(60):
        start = NOON - random.randrange(50 * MINUTE)
        flow: Row = {
            "src_addr": f"10.0.0.{random.randrange(4)}", "dst_addr": f"10.0.0.{random.randrange(4)}",
            "src_port": random.choice((53, 443, 5000)), "dst_port": random.choice((53, 443)),
            "protocol": random.choice((6, 17)), "start": start, "end": start + random.randrange(20 * MINUTE),
            "bytes": random.randrange(1000), "packets": random.randrange(1, 9), "observation_domain": 0,
        }  # fmt: skip
        for router in random.sample(ROUTERS, random.choice((1, 1, 2))):
            sampled = random.choice((1, 10))
            seen = {"exporter": router, "received": start + MINUTE, "sampling_interval": sampled}
            outside = {"nat_src_addr": "10.0.0.3", "nat_src_port": 443} if random.random() < 0.1 else {}
            found.append({**flow, **seen, **outside})
    # Some tell no address, or no port.
    for _ in range(10):
        lost = random.choice(("src_addr", "dst_addr", "src_port", "dst_port", "end"))
        found.append({**random.choice(found), lost: None, "received": NOON})
    return found


def write_anew(lake: Lake, rows: list[Row], *, dense: bool) -> None:
    """Have the one segment of flows as we write it, in place of DuckDB."""
    [segment] = lake.generation().segments("flows")
    shapes: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        shapes.setdefault(tuple(name for name in row if row[name] is not None), []).append(row)
    batches = [
        Batch({name: _buffer(name, [row[name] for row in alike]) for name in names})
        for names, alike in shapes.items()
    ]
    writer, path = SegmentWriter("flows"), Path(segment.path)
    writer.write(batches, str(path))
    if dense:
        received = path.rename(path.with_suffix(".received"))
        writer.merge([str(received)], str(path), dense=True)
    found = msgspec.structs.replace(lake.manifest().segments[0], bytes=path.stat().st_size)
    lake.commit(lambda manifest: msgspec.structs.replace(manifest, segments=(found,)), now=NOON)


def _buffer(name: str, values: list[Any]) -> bytes:
    codes = {"UTINYINT": "B", "USMALLINT": "H", "UINTEGER": "I", "UBIGINT": "Q", "TIMESTAMPTZ_NS": "q"}
    if TABLES["flows"][name] == "UUID":
        return b"".join(address_from_text(value).to_bytes(16, "big") for value in values)
    return array(codes[TABLES["flows"][name]], values).tobytes()


def drawn_question(random: Random) -> Query:
    since, until = sorted(NOON - random.randrange(60) * MINUTE for _ in range(2))
    has_ends = random.random() < 0.6 and since < until
    return Query(
        filter=random.choice(FILTERS),
        by=(random.choice(("src_addr", "dst_port", "addr", "exporter")),),
        metrics=random.choice((("bytes", "packets", "flows"), ("bytes_estimate", "flows"))),
        duplicates=random.choice(("", "all", "once")),
        since=text_from_instant(since) if has_ends else None,
        until=text_from_instant(until) if has_ends else None,
        top=2,
    )


def same(answer: Answer) -> Answer:
    return msgspec.structs.replace(answer, stats={})


@pytest.mark.parametrize(
    ("writer", "most_values"),
    [*((writer, asked_flows.MOST_VALUES) for writer in ("ours", "densely", "another")), ("ours", 30)],
    ids=["as received", "dense", "of another writer", "too many to keep"],
)
def test_they_answer_as_all_flows_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: str, most_values: int
) -> None:
    random = Random(11)
    rows = drawn_flows(random)
    lake = make_lake(tmp_path / "lake", rows)
    if writer != "another":
        write_anew(lake, rows, dense=writer == "densely")
    told = [{"exporter": router, "observation_domain": 0, "stored": 60} for router in ROUTERS]
    add_segment(lake, "ledger", [row | {"minute": NOON - MINUTE, "lost_queue": 1} for row in told])
    monkeypatch.setattr(asked_flows, "MOST_VALUES", most_values)
    shown: list[str] = []
    monkeypatch.setattr(asked_flows.AskedFlows, "show", _noted(shown))
    used = 0
    for number in range(QUESTIONS):
        ask, query = ASKS[number % len(ASKS)], drawn_question(random)
        monkeypatch.setattr(duckdb, "LEAST_ROWS", 1_000_000)
        plain = ask(Lake.open(lake.path), query, NOON)
        assert not shown
        monkeypatch.setattr(duckdb, "LEAST_ROWS", 0)
        assert same(ask(Lake.open(lake.path), query, NOON)) == same(plain), query
        used += bool(shown)
        shown.clear()
    assert used > QUESTIONS // 2


def _noted(shown: list[str]) -> object:
    show = asked_flows.AskedFlows.show

    def noting(self: asked_flows.AskedFlows, sql: str) -> None:
        shown.append(sql)
        show(self, sql)

    return noting
