from __future__ import annotations

from pathlib import Path

from tests.analysis.conftest import ledger_row
from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.ledger import COUNTER_NAMES, ledger
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake


def test_rows_of_one_minute_add_up(tmp_path: Path) -> None:
    rows = [ledger_row(records=2, stored=1, writer="a"), ledger_row(records=3, stored=3, writer="b")]
    [row] = ledger(make_lake(tmp_path / "lake", ledger=rows), Query(), NOON).data
    assert (row["minute"], row["exporter"]) == ("2026-01-01T12:00:00.000000000Z", "192.0.2.9")
    assert (row["records"], row["stored"]) == (5, 4)
    assert set(COUNTER_NAMES) < set(row)


def test_the_range_takes_every_minute_it_touches(lake: Lake) -> None:
    answer = ledger(lake, Query(since="2026-01-01T12:00:59Z", until="2026-01-01T12:01:00Z"), NOON)
    assert [row["records"] for row in answer.data] == [8]
    assert answer.totals["records"] == 8


def test_order_and_limit(lake: Lake) -> None:
    answer = ledger(lake, Query(order="records", top=1), NOON)
    assert [row["records"] for row in answer.data] == [8]
    assert answer.totals["records"] == 9


def test_the_listener_has_no_exporter(tmp_path: Path) -> None:
    row = ledger_row(exporter=None, port=None, observation_domain=None, protocol_version=None, lost_kernel=7)
    [found] = ledger(make_lake(tmp_path / "lake", ledger=[row]), Query(), NOON + SECOND).data
    assert (found["exporter"], found["lost_kernel"]) == (None, 7)
