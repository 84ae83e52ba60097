from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
import pytest

from tidegauge._core import TimeServer
from tidegauge.cli.main import run
from tidegauge.cli.time import _host_and_port, command
from tidegauge.ntp.packet import Leap
from tidegauge.ntp.server import VouchedServer


@contextmanager
def serving(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``time serve`` as a process, and the address it prints."""
    arguments = [
        sys.executable,
        "-m",
        "tidegauge",
        "time",
        "serve",
        "--listen",
        "udp://127.0.0.1:0",
        *options,
    ]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        word, address = process.stderr.readline().split()
        assert word == "listening"
        yield process, address.removeprefix("udp://")
        process.kill()


def test_query_prints_offset_and_bound(capsys: pytest.CaptureFixture[str]) -> None:
    with VouchedServer("127.0.0.1", 0, local_stratum=3) as server:
        address = f"127.0.0.1:{server.port}"
        assert run(["time", "query", address, "--samples", "2", "--format", "json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["server"], row["port"], row["stratum"], row["answers"]) == ("127.0.0.1", server.port, 3, 2)
    assert (row["leap"], row["reference_id"]) == (Leap.NONE, "127.127.1.1")
    assert abs(row["offset_seconds"]) <= row["bound_seconds"] < 0.1
    assert row["sent"] < row["received"]


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


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("ntp.example.org", "ntp.example.org", 123),
        ("192.0.2.1:11123", "192.0.2.1", 11123),
        ("2001:db8::1", "2001:db8::1", 123),
        ("[2001:db8::1]:11123", "2001:db8::1", 11123),
        ("[2001:db8::1]", "2001:db8::1", 123),
    ],
)
def test_hosts_are_read_with_and_without_port(text: str, host: str, port: int) -> None:
    assert _host_and_port(text) == (host, port)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_answers_until_a_signal_and_ends_0(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving("--local-stratum", "7") as (process, address):
        assert run(["time", "query", address, "--samples", "1", "--format", "ndjson"]) == 0
        assert json.loads(capsys.readouterr().out)["stratum"] == 7
        process.send_signal(number)
        assert process.wait(timeout=5) == 0


def test_serve_ends_4_when_the_port_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with VouchedServer("127.0.0.1", 0) as server:
        assert run(["time", "serve", "--listen", f"udp://127.0.0.1:{server.port}"]) == 4
    assert f"cannot listen on udp://127.0.0.1:{server.port}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--listen", "127.0.0.1"], ["--listen", "udp://[::1]:0", "--local-stratum", "16"]]
)
def test_serve_refuses_what_cannot_be_meant(arguments: list[str]) -> None:
    assert run(["time", "serve", *arguments]) == 2


def test_status_says_whether_anybody_keeps_the_clock(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["time", "status", "--format", "json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert row["synchronised"] is (row["bound_seconds"] is not None)
    assert row["source"] == ("kernel" if row["synchronised"] else "none")


def test_the_group_is_named_as_it_is_typed() -> None:
    assert isinstance(command, click.Group)
    assert (command.name, sorted(command.commands)) == ("time", ["query", "serve", "status"])
