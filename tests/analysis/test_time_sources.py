from __future__ import annotations

from pathlib import Path

from tests.sample_lake import NOON, SECOND, Row, make_lake
from tidegauge.analysis.time_sources import time_sources
from tidegauge.query.question import Query

LAPTOP, PRINTER, CAMERA, POOL = "192.168.10.17", "192.168.20.20", "192.168.20.21", "192.0.2.123"
HOUR = 3600


def flow(source: str, port: int, at: int) -> Row:
    moment = NOON + at * SECOND
    ends = {"src_addr": source, "dst_addr": POOL, "src_port": 50_000, "dst_port": port}
    life = {"received": moment, "start": moment, "end": moment}
    return {**ends, **life, "protocol": 17, "packets": 1, "bytes": 76}


def test_devices_ask_stopped_or_never_ask(tmp_path: Path) -> None:
    flows = [flow(LAPTOP, 123, at) for at in range(0, 2 * HOUR, 1024)]
    flows += [flow(PRINTER, 123, at) for at in (0, 64, 128)]
    flows += [flow(PRINTER, 443, 2 * HOUR), flow(CAMERA, 443, 0)]
    answer = time_sources(make_lake(tmp_path, flows), Query(), NOON + 2 * HOUR * SECOND)
    assert [(row["address"], row["state"], row["interval_seconds"]) for row in answer.data] == [
        (LAPTOP, "asks", 1024.0),
        (PRINTER, "stopped", 64.0),
        (CAMERA, "never asks", None),
    ]
    assert [column["name"] for column in answer.columns] == list(answer.data[0])


def test_devices_are_ordered_and_cut(tmp_path: Path) -> None:
    flows = [flow(LAPTOP, 123, 0), flow(CAMERA, 443, 0)]
    answer = time_sources(make_lake(tmp_path, flows), Query(order="state:desc", top=1), NOON)
    assert [(row["address"], row["state"]) for row in answer.data] == [(CAMERA, "never asks")]


def test_one_question_has_no_interval(tmp_path: Path) -> None:
    [row] = time_sources(make_lake(tmp_path, [flow(LAPTOP, 123, 0)]), Query(), NOON).data
    assert (row["state"], row["interval_seconds"]) == ("asks", None)
