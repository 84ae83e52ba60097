from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tidegauge.cli.main import run


@pytest.fixture
def packets(root: Path) -> str:
    return str(root / "tests/data/packets.pcap")


def test_one_line_says_what_was_metered_and_sent(packets: str, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector:
        collector.bind(("127.0.0.1", 0))
        target = f"ipfix+udp://127.0.0.1:{collector.getsockname()[1]}"
        assert run(["probe", "--read", packets, "--export", target, "--idle-timeout", "5"]) == 0
        assert collector.recv(65536)[:2] == b"\x00\x0a"
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("metered 528 packets (252301 bytes) into ")
    assert f"sent to {target} in " in err
    assert err.count("\n") == 1


def test_what_is_wrong_with_a_target_is_said(packets: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["probe", "--read", packets, "--export", "udp://127.0.0.1:2055"]) == 2
    assert "exports are written netflow5+udp://HOST:PORT" in capsys.readouterr().err


def test_a_capture_that_cannot_be_read_ends_with_4(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    readme = str(root / "README.md")
    assert run(["probe", "--read", readme, "--export", "ipfix+udp://127.0.0.1:4739"]) == 4
    assert f"{readme}: not a capture" in capsys.readouterr().err


def test_a_collector_that_is_not_there_ends_with_4(packets: str, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        target = f"ipfix+udp://127.0.0.1:{gone.getsockname()[1]}"
    assert run(["probe", "--read", packets, "--export", target]) == 4
    assert f"cannot export to {target}" in capsys.readouterr().err


def test_a_capture_without_ip_ends_with_4(
    root: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "empty.pcap"
    path.write_bytes((root / "tests/data/packets.pcap").read_bytes()[:24])
    assert run(["probe", "--read", str(path), "--export", "ipfix+udp://127.0.0.1:4739"]) == 4
    assert "holds no IP packets" in capsys.readouterr().err
