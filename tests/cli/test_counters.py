from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Terminal
from tests.snmp_agent import COMMUNITY, agent
from tidegauge.cli.main import UNREACHABLE, USAGE


def name(lake: Path, port: int, community: str = COMMUNITY, timeout: str = "2s") -> None:
    path = lake / "snmp.toml"
    path.write_text(
        f'[edge]\naddress = "127.0.0.1"\nport = {port}\nexporter = "192.0.2.9"\n'
        f'community = "{community}"\ntimeout = "{timeout}"\n'
    )
    path.chmod(0o600)


def test_polling_twice_tells_what_passed_between(terminal: Terminal, sample: Path) -> None:
    with agent() as port:
        name(sample, port)
        ran = terminal("counters", "poll", "--format", "ndjson")
    assert ran.code == 0
    assert ran.rows == [
        {
            "agent": "edge", "address": "127.0.0.1", "port": port, "exporter": "192.0.2.9",
            "state": "answered", "interfaces": 2, "sentence": None,
        }
    ]  # fmt: skip
    assert len(list((sample / "counters").glob("*.parquet"))) == 1


def test_nobody_answers(terminal: Terminal, sample: Path) -> None:
    name(sample, 1, timeout="50ms")
    ran = terminal("counters", "poll", "--format", "ndjson")
    assert ran.code == UNREACHABLE
    assert ran.rows[0]["state"] == "silent"
    assert "127.0.0.1 port 1 did not answer" in ran.rows[0]["sentence"]
    assert "no agent answered" in ran.err


def test_the_file_is_checked_without_asking(terminal: Terminal, sample: Path) -> None:
    name(sample, 1)
    ran = terminal("counters", "check", "--format", "ndjson")
    assert (ran.code, ran.rows[0]["version"], ran.rows[0]["every"]) == (0, "2c", "1m")
    assert COMMUNITY not in ran.out
    (sample / "snmp.toml").write_text('[edge]\naddress = "nowhere"\ncommunity = "c"\n')
    ran = terminal("counters", "check")
    assert (ran.code, ran.out) == (UNREACHABLE, "")
    assert "agent 'edge': 'nowhere'" in ran.err


@pytest.mark.parametrize("word", ["check", "poll"])
def test_nobody_to_ask(terminal: Terminal, sample: Path, word: str) -> None:
    ran = terminal("counters", word)
    assert ran.code == USAGE
    assert f"{sample / 'snmp.toml'} names no agent" in ran.err
