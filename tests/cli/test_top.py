from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.test_reading import LEDGER, TWICE
from tests.cli.running import Terminal
from tests.sample_lake import make_lake


@pytest.mark.usefixtures("sample")
def test_rows_are_named_by_field_and_metric(terminal: Terminal) -> None:
    ran = terminal("top", "src_addr,protocol", "--limit", "1", "--order", "packets", "not", "udp")
    assert ran.rows == [{"src_addr": "10.0.0.1", "protocol": 6, "bytes": 10, "packets": 3, "flows": 1}]


@pytest.mark.usefixtures("sample")
def test_metrics_can_be_chosen(terminal: Terminal) -> None:
    assert terminal("top", "protocol", "tcp", "--metrics", "bytes_up").rows == [
        {"protocol": 6, "bytes_up": 10}
    ]


@pytest.mark.usefixtures("sample")
def test_groups_can_be_chosen_and_compared(terminal: Terminal) -> None:
    ran = terminal(
        "top", "protocol", "--having", "bytes >= 10", "--direction", "up", "--metrics", "bytes,share",
        "--since", "2026-01-01", "--until", "2026-01-02", "--compare", "1d",
    )  # fmt: skip
    assert [tuple(row.values()) for row in ran.rows] == [(17, 100, 100 / 110, None), (6, 10, 10 / 110, None)]


@pytest.mark.usefixtures("sample")
def test_a_mistake_in_having_is_pointed_at(terminal: Terminal) -> None:
    ran = terminal("top", "protocol", "--having", "bytes > many")
    assert ran.code == 3
    assert ran.err.splitlines()[:2] == ["bytes > many", "        ^"]


@pytest.mark.usefixtures("sample")
def test_rates_take_the_step_of_the_question(terminal: Terminal) -> None:
    ran = terminal("top", "protocol", "udp", "--metrics", "peak_bps", "--step", "1s")
    assert ran.rows == [{"protocol": 17, "peak_bps": 800}]


def test_what_two_exporters_saw_may_be_counted_twice(terminal: Terminal, tmp_path: Path) -> None:
    lake = str(make_lake(tmp_path / "two", TWICE, LEDGER).path)
    once = terminal("top", "src_addr", "--lake", lake)
    assert once.rows[0]["bytes"] == 100
    assert "duplicates=all counts each" in once.err
    assert terminal("top", "src_addr", "--lake", lake, "--duplicates", "all").rows[0]["bytes"] == 200
    assert len(terminal("flows", "--lake", lake, "--duplicates", "all").rows) == 2
