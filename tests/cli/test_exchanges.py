from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.analysis.test_passings import SLOW, answer, asked, others, question
from tests.cli.running import Terminal
from tests.ntp.test_polling import lying, time_server
from tests.sample_lake import NOON, make_lake
from tidegauge.analysis.exchanges import COLUMNS
from tidegauge.cli.main import UNREACHABLE, USAGE
from tidegauge.store.exchanges import append


def test_routers_are_shown_by_our_packets(terminal: Terminal, tmp_path: Path) -> None:
    numbers = range(4)
    flows = others() + [record(number) for record in (question, answer) for number in numbers]
    lake = make_lake(tmp_path / "lake", flows)
    append(lake, [asked(number) for number in numbers], NOON)
    [row] = terminal("exchanges", "show", "--lake", str(lake.path), "--format", "ndjson").rows
    assert list(row) == [column.name for column in COLUMNS]
    assert row["offset_low"] <= SLOW / 10**9 <= row["offset_high"]


def test_an_exchange_is_kept_and_shown(terminal: Terminal, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        target = f"127.0.0.1:{listener.getsockname()[1]}"
        ran = terminal("exchanges", "ask", f"tcp://{target}", "--lake", str(lake), "--format", "ndjson")
    assert ran.code == 0
    [row] = ran.rows
    assert (row["target"], row["client_address"]) == (target, "127.0.0.1")
    assert row["seconds"] > 0
    assert len(list((lake / "exchanges").glob("*.parquet"))) == 1


def test_nobody_answers(terminal: Terminal, tmp_path: Path) -> None:
    ran = terminal(
        "exchanges", "ask", "tcp://127.0.0.1:1", "--lake", str(tmp_path / "lake"), "--timeout-seconds", "0.1"
    )
    assert ran.code == UNREACHABLE
    assert "no answer from tcp://127.0.0.1:1" in ran.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["192.0.2.1"], "write ntp://HOST"),
        (["ntp://192.0.2.1", "--every", "100ms"], "too often"),
        (["ntp://192.0.2.1", "--every", "soon"], "no duration"),
    ],
)
def test_wrong_words_are_refused_before_anything_is_sent(
    terminal: Terminal, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    ran = terminal("exchanges", "ask", *arguments, "--lake", str(tmp_path / "lake"))
    assert (ran.code, sentence in ran.err) == (USAGE, True)
    assert not (tmp_path / "lake").exists()


def test_an_exporter_is_asked_for_its_time(terminal: Terminal, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    with time_server(lying) as (address, _):
        target = f"ntp://127.0.0.1:{address.port}"
        ran = terminal("exchanges", "probe", target, "--lake", str(lake), "--format", "ndjson")
    assert ran.code == 0
    [row] = ran.rows
    assert (row["exporter"], row["kind"]) == ("127.0.0.1", "ntp")
    assert row["offset_low"] <= 5 <= row["offset_high"]
    assert len(list((lake / "clock_probes").iterdir())) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["tcp://192.0.2.1:80"], "asked by ntp://HOST"), (["icmp://192.0.2.1", "--every", "1s"], "too often")],
)
def test_probes_that_cannot_be_meant_are_refused(
    terminal: Terminal, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    ran = terminal("exchanges", "probe", *arguments, "--lake", str(tmp_path / "lake"))
    assert (ran.code, sentence in ran.err) == (USAGE, True)
