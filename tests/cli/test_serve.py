from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tidegauge.cli.main import UNREACHABLE, USAGE, run
from tidegauge.store.lake import Lake

Start = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def lake(tmp_path: Path) -> str:
    return str(Lake.create(tmp_path / "lake").path)


@pytest.fixture
def start(lake: str) -> Iterator[Start]:
    started = []

    def starting(*options: str) -> tuple[subprocess.Popen[str], str]:
        program = "from tidegauge.cli.main import main; main()"
        words = [sys.executable, "-c", program, "serve", "--lake", lake, "--http", "127.0.0.1:0", *options]
        process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith("listening http://127.0.0.1:")
        return process, line.split()[1]

    yield starting
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_ends_clean_and_fast(start: Start, number: signal.Signals) -> None:
    process, address = start()
    with urllib.request.urlopen(f"{address}/api/v1/overview") as reply:
        assert json.load(reply)["data"][0]["flows"] == 0
    began = time.monotonic()
    process.send_signal(number)
    assert process.wait(timeout=5) == 0
    assert time.monotonic() - began < 1.5


def test_a_token_is_asked_for_where_one_is_given(start: Start) -> None:
    _, address = start("--token", "sesame")
    with pytest.raises(urllib.error.HTTPError, match="401") as refused:
        urllib.request.urlopen(f"{address}/api/v1/overview")
    refused.value.close()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with browser.open(f"{address}/api/v1/overview?token=sesame") as reply:
        assert reply.url == f"{address}/api/v1/overview"


def test_a_taken_port_ends_with_4(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["serve", "--lake", lake, "--http", f"127.0.0.1:{port}"]) == UNREACHABLE
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in capsys.readouterr().err


def test_a_missing_lake_ends_with_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "--lake", str(tmp_path / "none"), "--http", "127.0.0.1:0"]) == UNREACHABLE
    assert "there is no lake at" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("0.0.0.0:0", "give --token"),
        ("[::]:0", "give --token"),
        ("localhost", "is not ADDR:PORT"),
        ("127.0.0.1:70000", "is not ADDR:PORT"),
        (":8480", "is not ADDR:PORT"),
    ],
)
def test_a_wrong_address_is_wrong_usage(
    lake: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    monkeypatch.delenv("TIDEGAUGE_TOKEN", raising=False)
    assert run(["serve", "--lake", lake, "--http", address]) == USAGE
    assert said in capsys.readouterr().err
