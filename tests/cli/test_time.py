from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
import pytest

from tidegauge.cli.main import run
from tidegauge.cli.time import command
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


def test_the_group_is_named_as_it_is_typed() -> None:
    assert isinstance(command, click.Group)
    assert (command.name, sorted(command.commands)) == ("time", ["query", "serve", "status"])
