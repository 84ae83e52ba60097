from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import Terminal
from tests.kept_datagrams import keep
from tests.numbered_flows import datagrams
from tidegauge.cli.main import UNREACHABLE, USAGE
from tidegauge.store.lake import Lake


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        link.settimeout(10)
        yield link


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    made = Lake.create(tmp_path / "lake")
    monkeypatch.setenv("TIDEGAUGE_LAKE", str(made.path))
    return made


def address(receiver: socket.socket) -> str:
    return f"udp://127.0.0.1:{receiver.getsockname()[1]}"


def test_what_the_lake_kept_is_sent_again(lake: Lake, terminal: Terminal, receiver: socket.socket) -> None:
    contents = datagrams(range(60))
    folder = keep(lake, contents)
    ran = terminal("replay", "--to", address(receiver), "--speed", "max", "--source", "own")
    assert ran.code == 0
    assert "sent 2 datagrams, " in ran.err
    assert "our own address" not in ran.err, "that is what was asked for"
    assert [receiver.recv(65_536) for _ in contents] == contents
    [file] = (lake.path / "raw" / folder).iterdir()
    assert terminal("replay", str(file), "--to", address(receiver), "--speed", "1000").code == 0
    assert [receiver.recv(65_536) for _ in contents] == contents


def test_nothing_to_send_is_told(lake: Lake, terminal: Terminal, receiver: socket.socket) -> None:
    assert terminal("replay", "--to", address(receiver)).code == UNREACHABLE
    keep(lake, datagrams(range(3)))
    ran = terminal("replay", "--to", address(receiver), "--until", "1970-01-02")
    assert ran.code == UNREACHABLE
    assert "no datagrams of that time are kept" in ran.err


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "inf", "nan"])
def test_what_is_no_speed_is_refused(speed: str, lake: Lake, terminal: Terminal) -> None:
    del lake
    ran = terminal("replay", "--to", "udp://127.0.0.1:9", "--speed", speed)
    assert ran.code == USAGE
    assert "a number above 0, or max" in ran.err


def test_a_name_that_is_unknown_is_told(lake: Lake, terminal: Terminal) -> None:
    keep(lake, datagrams(range(3)))
    ran = terminal("replay", "--to", "udp://nobody.invalid:9")
    assert ran.code == UNREACHABLE
    assert "cannot send to nobody.invalid:9" in ran.err
