from __future__ import annotations

from pathlib import Path

from tests.cli.running import Terminal
from tests.sample_lake import NOON, make_lake
from tidegauge.cli.main import FILTER


def test_check_prints_the_canonical_form(terminal: Terminal) -> None:
    [row] = terminal("filter", "check", "src net 10/8", "and tcp or udp").rows
    assert row["filter"] == "(src_addr = 10.0.0.0/8 and protocol = tcp) or protocol = udp"
    assert len(row["warnings"]) == 1


def test_check_points_at_what_is_wrong(terminal: Terminal) -> None:
    ran = terminal("filter", "check", "port 80 or 443")
    assert ran.code == FILTER
    assert "did you mean port in [80, 443]?" in ran.err


def test_explain_shows_sql_and_parameters(terminal: Terminal) -> None:
    [row] = terminal("filter", "explain", "dst port 443").rows
    assert row["sql"] == '"dst_port" = CAST($p1 AS USMALLINT)'
    assert row["parameters"] == '{"p1":443}'


def test_explain_says_it_in_words(terminal: Terminal) -> None:
    [row] = terminal("filter", "explain", "not tcp").rows
    assert row["meaning"] == "flows whose protocol is not TCP"


def test_complete_offers_words_without_a_lake(terminal: Terminal, tmp_path: Path) -> None:
    rows = terminal("filter", "complete", "dst po", "--lake", str(tmp_path / "none")).rows
    assert rows == [{"text": "port", "kind": "word", "meaning": "", "start": 4, "end": 6}]


def test_complete_offers_what_flows_hold(terminal: Terminal, tmp_path: Path) -> None:
    flow = {"start": NOON, "end": NOON, "bytes": 1, "packets": 1, "user": "Sarah Q"}
    make_lake(tmp_path / "lake", [flow])
    text = "user sar and tcp"
    rows = terminal("filter", "complete", text, "--cursor", "8", "--lake", str(tmp_path / "lake")).rows
    assert [(row["text"], row["start"], row["end"]) for row in rows] == [('"Sarah Q"', 5, 8)]
