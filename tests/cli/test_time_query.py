from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.nts_server import nts_server
from tidegauge._core import TimeServer
from tidegauge.cli.main import run
from tidegauge.clock.instant_text import instant_from_text
from tidegauge.ntp.packet import Leap
from tidegauge.ntp.server import VouchedServer
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.exchanges import exchanges_seen
from tidegauge.store.lake import Lake


def test_query_prints_offset_and_bound(capsys: pytest.CaptureFixture[str]) -> None:
    with VouchedServer("127.0.0.1", 0, local_stratum=3) as server:
        address = f"127.0.0.1:{server.port}"
        assert run(["time", "query", address, "--samples", "2", "--format", "json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["server"], row["port"], row["stratum"], row["answers"]) == ("127.0.0.1", server.port, 3, 2)
    assert (row["leap"], row["reference_id"]) == (Leap.NONE, "127.127.1.1")
    assert abs(row["offset_seconds"]) <= row["bound_seconds"] < 0.1
    assert row["sent"] < row["received"]


def test_query_keeps_in_a_lake_when_it_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with VouchedServer("127.0.0.1", 0, local_stratum=3) as server:
        asking = ["time", "query", f"127.0.0.1:{server.port}", "--samples", "2", "--format", "json"]
        assert run([*asking, "--lake", str(tmp_path / "lake")]) == 0
    [row] = json.loads(capsys.readouterr().out)
    lake = Lake.open(tmp_path / "lake")
    with lake.generation() as generation, Engine(generation) as engine, exchanges_seen(engine, lake):
        sent = [at for (at,) in engine.rows("SELECT epoch_ns(sent) FROM exchanges ORDER BY sent")]
    assert len(sent) == 2
    assert instant_from_text(row["sent"]) in sent


@pytest.mark.parametrize("format_name", ["table", "ndjson", "csv"])
def test_query_prints_in_the_formats_of_every_command(
    format_name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with VouchedServer("127.0.0.1", 0, local_stratum=3) as server:
        arguments = ["time", "query", f"127.0.0.1:{server.port}", "--samples", "1", "--format", format_name]
        assert run(arguments) == 0
    out = capsys.readouterr().out
    assert "offset_seconds" in out
    assert "127.127.1.1" in out


def test_query_warns_of_a_server_that_does_not_know_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    server = TimeServer("127.0.0.1", 0)
    assert run(["time", "query", f"127.0.0.1:{server.port}", "--samples", "1", "--format", "json"]) == 0
    server.close()
    printed = capsys.readouterr()
    assert json.loads(printed.out)[0]["bound_seconds"] is None
    assert "does not know the time" in printed.err


def test_query_ends_4_with_a_sentence_when_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        assert run(["time", "query", address, "--samples", "1", "--timeout-seconds", "0.05"]) == 4
    printed = capsys.readouterr()
    assert "no answer from 127.0.0.1" in printed.err
    assert printed.out == ""


def test_query_ends_4_at_once_for_a_closed_port(capsys: pytest.CaptureFixture[str]) -> None:
    with VouchedServer("127.0.0.1", 0) as server:
        port = server.port
    assert run(["time", "query", f"127.0.0.1:{port}", "--timeout-seconds", "60"]) == 4
    assert f"127.0.0.1 port {port}: Connection refused" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["host:port", "host:99999", "[::1", "host/path", ":123", ""])
def test_query_refuses_what_is_no_host(text: str) -> None:
    assert run(["time", "query", text]) == 2


def test_query_with_nts_believes_only_whom_it_trusts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with nts_server(tmp_path) as server:
        asking = ["time", "query", f"localhost:{server.key_port}", "--nts", "--samples", "1"]
        assert run([*asking, "--trusted", str(server.certificate), "--format", "json"]) == 0
        [row] = json.loads(capsys.readouterr().out)
        assert (row["nts"], row["port"], row["stratum"]) == (True, server.time_port, 1)
        assert run(asking) == 4
    assert "certificate verify failed" in capsys.readouterr().err
