from __future__ import annotations

from tests.cli.running import Terminal
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
