from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.nts_server import self_signed
from tidegauge.cli.main import run
from tidegauge.clock.instant_text import text_from_instant
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


def test_serve_passes_on_what_servers_say_of_our_clock(capsys: pytest.CaptureFixture[str]) -> None:
    with VouchedServer("127.0.0.1", 0, local_stratum=3) as upstream:
        source = ("--time-source", f"127.0.0.1:{upstream.port}")
        with serving(*source) as (process, address):
            assert run(["time", "query", address, "--samples", "1", "--format", "json"]) == 0
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=5) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["stratum"], row["synchronised"]) == (4, True)
    # So much at least the crystal may do until the word is renewed.
    assert 0.0015 < row["root_dispersion_seconds"] < 1
    assert abs(row["offset_seconds"]) <= row["bound_seconds"]


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


def test_serve_offers_nts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chain, key = self_signed(tmp_path, "localhost")
    state = tmp_path / "state"
    options = [
        "--nts-certificate",
        str(chain),
        "--nts-key",
        str(key),
        "--nts-port",
        "0",
        "--state",
        str(state),
    ]
    with serving(*options, "--local-stratum", "6") as (process, _):
        assert process.stderr is not None
        word, address = process.stderr.readline().split()
        assert (word, address.partition("://")[0]) == ("listening", "nts-ke")
        place = f"localhost:{address.rpartition(':')[2]}"
        arguments = ["--nts", "--trusted", str(chain), "--samples", "2", "--format", "json"]
        assert run(["time", "query", place, *arguments]) == 0
        [row] = json.loads(capsys.readouterr().out)
        assert (row["nts"], row["stratum"], row["answers"]) == (True, 6, 2)
        process.terminate()
        assert process.wait(timeout=5) == 0
    record = json.loads((state / "time-server.json").read_text())
    assert (record["counters"]["answered_nts"], record["counters"]["keys_established"]) == (2, 1)
    assert record["clients"][0]["authenticated"] == 2
    assert (state / "nts-cookie-keys.json").stat().st_mode & 0o777 == 0o600


def test_serve_needs_a_certificate_and_its_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chain, key = map(str, self_signed(tmp_path, "localhost"))
    arguments = ["time", "serve", "--listen", "udp://127.0.0.1:0"]
    assert run([*arguments, "--nts-certificate", chain]) == 2
    assert run([*arguments, "--nts-certificate", key, "--nts-key", chain]) == 4
    assert "not a certificate and its key" in capsys.readouterr().err


def test_serve_smears_a_leap_second(capsys: pytest.CaptureFixture[str]) -> None:
    now = time.time_ns()
    with serving("--leap-smear", "--leap-at", text_from_instant(now), "--local-stratum", "6") as (_, address):
        assert run(["time", "query", address, "--samples", "1", "--format", "json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    # Half of the second is over at the leap, and our clock has not been set back for it.
    assert 0.49 < row["offset_seconds"] < 0.51


def test_serve_announces_a_leap_second(capsys: pytest.CaptureFixture[str]) -> None:
    later = text_from_instant(time.time_ns() + 3600 * 10**9)
    with serving("--leap-at", later, "--local-stratum", "6") as (_, address):
        assert run(["time", "query", address, "--samples", "1", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["leap"] == 1


def test_serve_says_what_it_must_know_to_smear(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["time", "serve", "--listen", "udp://127.0.0.1:0", "--leap-smear"]
    assert run([*arguments, "--leap-at", "soon"]) == 2
    (tmp_path / "list").write_text("no list")
    assert run([*arguments, "--leap-list", str(tmp_path / "list")]) == 4
    assert "no leap-seconds.list" in capsys.readouterr().err
