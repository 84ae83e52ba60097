from __future__ import annotations

import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.flow_sender import send, wait_until
from tests.numbered_flows import numbers_in
from tidegauge._core import Batch, Encoder
from tidegauge.cli.main import UNREACHABLE, USAGE, run
from tidegauge.ntp.server import VouchedServer
from tidegauge.receiving.listen_address import COLLECTOR_TRANSPORTS, ListenAddress
from tidegauge.store.lake import Lake
from tidegauge.store.own_clock import judgement_at


@contextmanager
def collect(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[ListenAddress]]]:
    """The command as a user starts it, and where it says it listens."""
    wanted = arguments.count("--listen")
    command = [sys.executable, "-m", "tidegauge", "collect", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            told: list[ListenAddress] = []
            while len(told) < wanted and (line := process.stderr.readline()):
                if line.startswith("listening "):
                    told.append(ListenAddress.parse(line.split()[1], COLLECTOR_TRANSPORTS))
            yield process, told
        finally:
            process.kill()


def test_what_only_questions_need_is_not_loaded(tmp_path: Path) -> None:
    program = f"""
import os, signal, sys, threading, time
from tidegauge.cli.main import run

def stop():
    while signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=stop).start()
run(["collect", "--listen", "udp://127.0.0.1:0", "--lake", {str(tmp_path / "lake")!r}])
print(*sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert "tidegauge.app.collector" in loaded
    assert not loaded & {"duckdb", "importlib.metadata", "tidegauge.app.name_following"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_drains_and_ends_well(tmp_path: Path, number: signal.Signals) -> None:
    lake, statistics = tmp_path / "lake", tmp_path / "stats.json"
    arguments = (
        "--listen",
        "udp://127.0.0.1:0",
        "--listen",
        "udp://[::1]:0",
        "--stats-json",
        str(statistics),
    )
    with collect(*arguments, "--lake", str(lake)) as (process, (address, second)):
        assert second.host == "::1"
        send(address, range(600))
        process.send_signal(number)
        assert process.wait(20) == 0
    assert numbers_in(Lake.open(lake)) == list(range(600))
    told = json.loads(statistics.read_text())
    assert (told["stored"], told["records"]["netflow5"], told["lost"]["write"]) == (600, 600, 0)


def test_time_servers_are_asked_and_our_clock_is_judged(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    with VouchedServer("127.0.0.1", 0, local_stratum=3) as server:
        named = ("--time-source", f"127.0.0.1:{server.port}")
        with collect("--listen", "udp://127.0.0.1:0", "--lake", str(lake), *named) as (process, _):
            wait_until(lambda: server.counters()["answered"] > 0)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
    judgement = judgement_at(Lake.open(lake), time.time_ns())
    assert judgement is not None
    assert [(source.state, source.stratum) for source in judgement.sources] == [("good", 3)]
    assert judgement.bound is not None


def test_statistics_are_there_while_it_runs(tmp_path: Path) -> None:
    statistics = tmp_path / "stats.json"
    arguments = (
        "--listen",
        "udp://127.0.0.1:0",
        "--lake",
        str(tmp_path / "lake"),
        "--stats-json",
        str(statistics),
    )
    with collect(*arguments) as (process, _):
        wait_until(statistics.exists)
        assert json.loads(statistics.read_text())["schema"] == 1
        assert process.poll() is None


def test_a_taken_port_is_a_sentence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        address = f"udp://127.0.0.1:{holder.getsockname()[1]}"
        assert run(["collect", "--listen", address, "--lake", str(tmp_path / "lake")]) == UNREACHABLE
    assert f"Error: cannot listen at {address}" in capfd.readouterr().err


def test_a_listener_of_another_kind_is_a_usage_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["collect", "--listen", "sctp://127.0.0.1:4740", "--lake", str(tmp_path)]) == USAGE
    assert "listeners are written udp://HOST:PORT" in capfd.readouterr().err


def test_questions_are_answered_meanwhile(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lake = tmp_path / "lake"
    with collect("--listen", "udp://127.0.0.1:0", "--lake", str(lake)) as (_, [address]):
        send(address, [100, 200])
        wait_until(lambda: len(numbers_in(Lake.open(lake))) == 2)
        assert run(["top", "exporter", "--lake", str(lake), "--format", "json"]) == 0
    [row] = json.loads(capfd.readouterr().out)
    assert row == {"exporter": "127.0.0.1", "bytes": 300, "packets": 2, "flows": 2}


def test_connections_are_taken_and_told_of(tmp_path: Path) -> None:
    lake, statistics = tmp_path / "lake", tmp_path / "stats.json"
    certificate, key = Authority(tmp_path).issue("collector")
    arguments = ["--listen", "tcp://127.0.0.1:0", "--listen", "tls://127.0.0.1:0"]
    arguments += ["--tls-certificate", str(certificate), "--tls-key", str(key)]
    arguments += ["--stats-json", str(statistics), "--lake", str(lake)]
    rows = Batch({"bytes": array("Q", range(600)), "packets": array("Q", [1] * 600)})
    with collect(*arguments) as (process, (plain, secure)):
        assert (plain.transport, secure.transport) == ("tcp", "tls")
        trusting = ssl.create_default_context(cafile=tmp_path / "authority.pem")
        for address in (plain, secure):
            with socket.create_connection(address[:2]) as link:
                channel = (
                    trusting.wrap_socket(link, server_hostname="127.0.0.1") if address is secure else link
                )
                channel.sendall(b"".join(Encoder("ipfix", in_stream=True).encode(rows, time.time_ns())))
                channel.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert numbers_in(Lake.open(lake)) == sorted([*range(600)] * 2)
    told = json.loads(statistics.read_text())
    assert (told["stored"], told["records"]["ipfix"]) == (1_200, 1_200)
    assert (told["connections"]["opened"], told["connections"]["ended"], told["connections"]["refused"]) == (
        2,
        2,
        0,
    )
