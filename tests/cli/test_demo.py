from __future__ import annotations

import socket

import pytest

from tidegauge.cli.main import run


def test_it_ends_well_once_everything_answers(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--http", "127.0.0.1:0", "--exit"]) == 0
    captured = capfd.readouterr()
    assert "dashboard http://127.0.0.1:" in captured.err
    assert "listening udp://127.0.0.1:" in captured.err
    assert captured.out == ""


def test_a_duration_ends_it_and_it_says_what_there_is_to_find(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--http", "127.0.0.1:0", "--duration", "0"]) == 0
    found = capfd.readouterr().err
    assert "John watches YouTube" in found
    assert "was the address of" in found


def test_a_taken_port_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["demo", "--http", f"127.0.0.1:{port}"]) == 4
    assert str(port) in capfd.readouterr().err


@pytest.mark.parametrize("http", ["8480", "127.0.0.1:http", "127.0.0.1:65536"])
def test_an_address_that_is_none_is_a_usage_error(http: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--http", http]) == 2
    assert "ADDR:PORT" in capfd.readouterr().err
