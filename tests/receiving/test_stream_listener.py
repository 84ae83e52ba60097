from __future__ import annotations

import socket
import ssl
import struct
import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.flow_sender import wait_until
from tidegauge._core import Batch, Encoder
from tidegauge.receiving import connection, stream_listener
from tidegauge.receiving.capture import CaptureReader
from tidegauge.receiving.copying import Copying
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.receiving.stream_listener import StreamListener
from tidegauge.receiving.stream_settings import StreamSettings
from tidegauge.store.counters_map import read_counters_map

NOON = 1_767_268_800_000_000_000
DEFAULTS = StreamSettings()


def messages(count: int, *, domain: int = 0) -> bytes:
    encoder = Encoder("ipfix", observation_domain=domain, in_stream=True)
    rows = Batch({"bytes": array("Q", range(count)), "packets": array("Q", [1] * count)})
    return b"".join(encoder.encode(rows, NOON))


@contextmanager
def listening(
    folder: Path, settings: StreamSettings = DEFAULTS, transport: str = "tcp"
) -> Iterator[StreamListener]:
    address = ListenAddress("127.0.0.1", 0, transport)
    listener = StreamListener(address, settings, writer_id="w", counters_path=folder / "counters.map")
    try:
        yield listener
    finally:
        listener.close()


def connect(listener: StreamListener) -> socket.socket:
    return socket.create_connection(listener.address[:2], timeout=10)


def flows(batches: Sequence[Batch]) -> int:
    return sum(len(batch) for batch in batches if batch.table == "flows")


def is_closed(link: socket.socket) -> bool:
    """Whether the other side has ended the connection; waits until it has."""
    try:
        return link.recv(1) == b""
    except ConnectionResetError:
        return True


def test_what_is_sent_is_gathered(tmp_path: Path) -> None:
    with listening(tmp_path) as listener, connect(listener) as link:
        link.sendall(messages(5_000, domain=3))
        gathered = 0
        deadline = time.monotonic() + 10
        while gathered < 5_000 and time.monotonic() < deadline:
            gathered += flows(listener.gather(0.05, maximum_rows=10_000))
        assert gathered == 5_000
        [exporter] = listener.exporters()
        assert (exporter.exporter, exporter.port) == link.getsockname()
        assert (exporter.protocol_version, exporter.observation_domain) == ("ipfix", 3)


def test_closing_hands_over_what_sockets_still_hold(tmp_path: Path) -> None:
    with listening(tmp_path) as listener, connect(listener) as link:
        link.sendall(messages(20_000))
        assert flows(listener.close()) == 20_000
        slots = read_counters_map((tmp_path / "counters.map").read_bytes())
        assert sum(slot.counters["records"] for slot in slots) == 20_000


def test_who_was_not_let_in_yet_is_heard_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_listener, "CONGESTED_BYTES", 0)  # so that it lets nobody in before its end
    with listening(tmp_path) as listener:
        for _ in range(20):
            with connect(listener) as link:
                link.sendall(messages(100))
        assert listener.connections["opened"] == 0
        assert flows(listener.close()) == 2_000


def test_each_connection_has_templates_of_its_own(tmp_path: Path) -> None:
    content = messages(10)
    (length,) = struct.unpack_from("!H", content, 18)
    without_template = (
        content[:2] + struct.pack("!H", len(content) - length) + content[4:16] + content[16 + length :]
    )
    with listening(tmp_path) as listener, connect(listener) as link, connect(listener) as other:
        link.sendall(content)
        wait_until(lambda: listener.counters()["records"] == 10)
        other.sendall(without_template)
        wait_until(lambda: listener.counters()["parked"] == 1)
        other.close()
        wait_until(lambda: listener.counters()["lost_no_template"] == 1)
        assert listener.counters()["records"] == 10


@pytest.mark.parametrize(
    "hostile",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00\x0a\x00\x00" + bytes(12),
        b"\x00\x0a\x00\x0f" + bytes(12),
        b"\x00\x09\x00\x01" + bytes(16),
    ],
)
def test_what_is_no_ipfix_ends_its_connection_and_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, hostile: bytes
) -> None:
    with listening(tmp_path) as listener, connect(listener) as honest, connect(listener) as link:
        link.sendall(messages(10) + hostile)
        assert is_closed(link)
        honest.sendall(messages(20))
        wait_until(lambda: listener.counters()["records"] == 30)
        assert listener.connections["not_ipfix"] == 1
        [told] = [record for record in caplog.records if "was closed" in record.getMessage()]
        assert "no IPFIX: malformed_" in vars(told)["facts"]["reason"]


def test_a_long_announced_message_holds_no_more_than_came(tmp_path: Path) -> None:
    with listening(tmp_path) as listener, connect(listener) as link:
        link.sendall(b"\x00\x0a\xff\xff" + bytes(1000))
        link.close()
        wait_until(lambda: listener.counters()["malformed_truncated_record"] == 1)


def test_connections_beyond_the_limit_are_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = StreamSettings(maximum_connections=2)
    with listening(tmp_path, settings) as listener, connect(listener) as first, connect(listener):
        for _ in range(30):
            with connect(listener) as refused:
                assert is_closed(refused)
        first.close()
        wait_until(lambda: listener.connections["ended"] == 1)
        with connect(listener) as next_one:
            next_one.sendall(messages(1))
            wait_until(lambda: listener.counters()["records"] == 1)
        assert listener.connections["refused"] == 30
        told = sum("are refused" in message for message in caplog.messages)
        assert 0 < told <= 20, "a flood does not fill the log"


def test_a_silent_connection_is_closed(tmp_path: Path) -> None:
    with listening(tmp_path, StreamSettings(idle_seconds=0.2)) as listener, connect(listener) as link:
        link.sendall(messages(1))
        assert is_closed(link)
        assert (listener.connections["idle"], listener.counters()["records"]) == (1, 1)


def test_reading_pauses_while_nobody_takes_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_listener, "CONGESTED_BYTES", 200_000)
    content = messages(60_000)
    with listening(tmp_path) as listener, connect(listener) as link:
        link.setblocking(False)  # noqa: FBT003
        sent, deadline = 0, time.monotonic() + 0.5
        while time.monotonic() < deadline:
            try:
                sent += link.send(content[sent % len(content) :])
            except BlockingIOError:
                time.sleep(0.01)
        assert listener.counters()["datagram_bytes"] < 200_000 + connection.READ_BYTES
        listener.gather(0.1, maximum_rows=1)
        wait_until(lambda: listener.counters()["datagram_bytes"] > 200_000)


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with (
        listening(tmp_path) as listener,
        pytest.raises(OSError, match=f"cannot listen at {listener.address}: .*in use"),
    ):
        StreamListener(listener.address, DEFAULTS, writer_id="x", counters_path=tmp_path / "other.map")


def secured(folder: Path, *, is_mutual: bool) -> tuple[StreamSettings, Authority]:
    authority = Authority(folder)
    certificate, key = authority.issue("collector")
    trusted = authority.path if is_mutual else None
    return StreamSettings(tls_certificate=certificate, tls_key=key, tls_trusted=trusted), authority


def test_tls_carries_the_same(tmp_path: Path) -> None:
    settings, authority = secured(tmp_path, is_mutual=False)
    context = ssl.create_default_context(cafile=authority.path)
    with (
        listening(tmp_path, settings, "tls") as listener,
        connect(listener) as link,
        context.wrap_socket(link, server_hostname="127.0.0.1") as secure,
    ):
        secure.sendall(messages(50_000))
        wait_until(lambda: listener.counters()["records"] == 50_000)


def test_strangers_are_not_admitted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings, authority = secured(tmp_path, is_mutual=True)
    stranger = ssl.create_default_context(cafile=authority.path)
    known = ssl.create_default_context(cafile=authority.path)
    known.load_cert_chain(*authority.issue("probe"))
    with listening(tmp_path, settings, "tls") as listener:
        with connect(listener) as link:
            link.sendall(messages(1))
            assert is_closed(link), "who speaks no TLS"
        with (
            connect(listener) as link,
            stranger.wrap_socket(link, server_hostname="127.0.0.1") as secure,
            pytest.raises(OSError, match=r"required|reset|closed|EOF"),
        ):
            secure.recv(1)
        wait_until(lambda: listener.connections["not_agreed"] == 2)
        with connect(listener) as link, known.wrap_socket(link, server_hostname="127.0.0.1") as secure:
            secure.sendall(messages(7))
            wait_until(lambda: listener.counters()["records"] == 7)
    assert sum("was closed" in message for message in caplog.messages) == 2


def test_who_does_not_agree_on_tls_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HANDSHAKE_SECONDS", 0.2)
    settings, _ = secured(tmp_path, is_mutual=False)
    with listening(tmp_path, settings, "tls") as listener, connect(listener) as link:
        assert is_closed(link)
        assert listener.connections["idle"] == 1


def test_messages_are_kept_as_they_came(tmp_path: Path) -> None:
    sent = messages(300)
    listener = StreamListener(
        ListenAddress("127.0.0.1", 0, "tcp"),
        DEFAULTS,
        writer_id="w",
        counters_path=tmp_path / "counters.map",
        copying=Copying(tmp_path / "raw"),
    )
    with connect(listener) as link:
        for piece in (sent[:7], sent[7:]):
            link.sendall(piece)
        peer = link.getsockname()
    assert flows(listener.close()) == 300
    [row] = listener.copies()
    assert (row["bytes"], row["lost_failed"]) == (len(sent), 0)
    [path] = (tmp_path / "raw" / f"tcp-127.0.0.1-{listener.address.port}").iterdir()
    reader = CaptureReader([path])
    assert sum(flows(batches) for batches in reader.batches()) == 300
    [exporter] = reader.exporters
    assert (exporter.exporter, exporter.port) == peer
