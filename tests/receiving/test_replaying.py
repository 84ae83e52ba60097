from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kept_datagrams import keep
from tests.numbered_flows import datagrams
from tidegauge.clock.timerange import TimeRange
from tidegauge.receiving.capture import Selection
from tidegauge.receiving.forward_target import ForwardTarget
from tidegauge.receiving.replaying import ReplayOrder, replay
from tidegauge.store.lake import Lake
from tidegauge.store.raw_folder import recordings

SENDER = "127.4.5.6"


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        link.settimeout(10)
        yield link


@pytest.fixture
def contents() -> list[bytes]:
    return [*datagrams(range(90)), b"no export at all"]


@pytest.fixture
def kept(tmp_path: Path, contents: list[bytes]) -> list[list[Path]]:
    lake = Lake.create(tmp_path / "lake")
    keep(lake, contents, sender=SENDER)
    return list(recordings(lake, TimeRange()).values())


@pytest.mark.parametrize("keeps_source", [True, False])
def test_what_was_kept_is_sent_as_it_came(
    kept: list[list[Path]], contents: list[bytes], receiver: socket.socket, *, keeps_source: bool
) -> None:
    target = ForwardTarget(*receiver.getsockname())
    everything = Selection(takes_unknown=True)
    *_, last = replay(ReplayOrder(kept, target, everything, speed=None, keeps_source=keeps_source))
    assert (last.datagrams, last.failed, last.error) == (4, 0, None)
    assert last.bytes == sum(map(len, contents))
    assert last.first is not None
    assert last.last is not None
    assert last.first <= last.last
    found = [receiver.recvfrom(65_536) for _ in contents]
    assert [content for content, _ in found] == contents
    # Who may not send in another's name sends in our own, and says so.
    senders = {host for _, (host, _) in found}
    assert senders == ({"127.0.0.1"} if last.from_own else {SENDER})
    assert last.from_own in ({0, 4} if keeps_source else {4})


def test_a_time_without_datagrams_sends_nothing(kept: list[list[Path]], receiver: socket.socket) -> None:
    target = ForwardTarget(*receiver.getsockname())
    *_, last = replay(ReplayOrder(kept, target, Selection(until=1), speed=None))
    assert (last.datagrams, last.first, last.last) == (0, None, None)


def test_what_is_no_capture_is_named(tmp_path: Path, receiver: socket.socket) -> None:
    path = tmp_path / "bare"
    path.write_bytes(datagrams(range(3))[0])
    order = ReplayOrder([[path]], ForwardTarget(*receiver.getsockname()), Selection())
    with pytest.raises(OSError, match=r"bare: this is no capture"):
        list(replay(order))
