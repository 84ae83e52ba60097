from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tidegauge.cli.main import run
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


def asked(address: str, capsys: pytest.CaptureFixture[str]) -> int:
    """Ask once; the exit code."""
    code = run(["time", "query", address, "--samples", "1", "--timeout-seconds", "0.3", "--format", "ndjson"])
    capsys.readouterr()
    return code


def test_serve_keeps_a_record_of_who_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    statistics = tmp_path / "statistics.json"
    options = ["--state", str(tmp_path / "state"), "--stats-json", str(statistics)]
    with serving(*options) as (process, address):
        assert asked(address, capsys) == 0
        process.terminate()
        assert process.wait(timeout=5) == 0
    record = json.loads(statistics.read_text())
    assert record["listening"] == f"udp://{address}"
    assert (record["counters"]["received"], record["counters"]["answered"]) == (1, 1)
    assert [client["address"] for client in record["clients"]] == ["127.0.0.1"]
    assert run(["time", "clients", "--state", str(tmp_path / "state"), "--format", "json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["address"], row["state"], row["requests"]) == ("127.0.0.1", "asked once", 1)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--deny", "127.0.0.0/8"], 4),
        (["--allow", "10.0.0.0/8"], 4),
        (["--allow", "10.0.0.0/8", "--allow", "127.0.0.1"], 0),
    ],
)
def test_serve_answers_whom_it_may(options: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(*options) as (_, address):
        assert asked(address, capsys) == code


def test_serve_limits_how_often_an_address_asks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    statistics = tmp_path / "statistics.json"
    options = ["--rate-limit", "0.001", "--burst", "2", "--stats-json", str(statistics)]
    with serving(*options) as (process, address):
        for _ in range(2):
            assert asked(address, capsys) == 0
        for _ in range(3):
            asked(address, capsys)
        process.terminate()
        process.wait(timeout=5)
    record = json.loads(statistics.read_text())
    counters = record["counters"]
    # A quarter of what is beyond leaks through, so the rest may be none.
    assert counters["answered"] + counters["ignored_rate"] == counters["received"] == 5
    assert record["clients"][0]["answered"] == counters["answered"] >= 2


@pytest.mark.parametrize(
    "options", [["--allow", "office"], ["--deny", "10.0.0.1/8"], ["--rate-limit", "-1"], ["--burst", "0"]]
)
def test_serve_refuses_manners_that_mean_nothing(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["time", "serve", "--listen", "udp://127.0.0.1:0", *options]) == 2
    assert options[1] in capsys.readouterr().err
