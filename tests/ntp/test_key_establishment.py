from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.nts_server import AGREED, END, NtsServer, nts_server, record
from tidegauge.ntp.key_establishment import (
    Agreement,
    NtsError,
    establish,
    exporter_context,
    request,
)
from tidegauge.ntp.nts_records import MessageReader

COOKIE = record(5, bytes(100))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NtsServer]:
    with nts_server(tmp_path) as running:
        yield running


def agreement(message: bytes) -> Agreement:
    records = MessageReader().feed(message + END)
    assert records is not None
    return Agreement.from_records(records)


def test_a_request_offers_what_every_server_has() -> None:
    assert request().hex(" ", 2) == "8001 0002 0000 8004 0002 000f 8000 0000"


def test_keys_differ_by_direction() -> None:
    contexts = exporter_context(is_to_client=False).hex(), exporter_context(is_to_client=True).hex()
    assert contexts == ("0000000f00", "0000000f01")


def test_an_agreement_is_read() -> None:
    read = agreement(AGREED + record(6, b"time.example.org") + record(7, b"\x1f\x40") + COOKIE * 2)
    assert read == Agreement((bytes(100),) * 2, "time.example.org", 8000)
    assert agreement(AGREED + COOKIE) == Agreement((bytes(100),), None, 123)
    assert len(agreement(AGREED + COOKIE * 20).cookies) == 8


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (AGREED, "no cookie"),
        (AGREED + record(5), "a cookie of 0 bytes"),
        (AGREED + COOKIE + record(5, bytes(513)), "a cookie of 513 bytes"),
        (record(4, b"\0\x0f") + COOKIE, "no next-protocol record"),
        (record(1, b"\0\0") + COOKIE, "no aead-algorithm record"),
        (AGREED + AGREED + COOKIE, "2 next-protocol records"),
        (record(1, b"\x80\0") + record(4, b"\0\x0f") + COOKIE, "does not offer NTPv4"),
        (record(1) + record(4, b"\0\x0f") + COOKIE, "does not offer NTPv4"),
        (record(1, b"\0\0") + record(4, b"\0\x1e") + COOKIE, "does not offer AES-SIV-CMAC-256"),
        (record(2, b"\0\1"), "error: bad request"),
        (record(2, b"\0\x63"), "number 99"),
        (record(2, b"\0"), "1 bytes in place of 2"),
        (AGREED + record(3, b"\0\7") + COOKIE, "warning 7"),
        (AGREED + record(99, critical=True) + COOKIE, "critical record of unknown type 99"),
        (AGREED + record(7, b"\0\1\2") + COOKIE, "3 bytes in place of 2"),
        (AGREED + record(7, b"\0\0") + COOKIE, "no UDP port"),
        (AGREED + record(6, b"\xff") + COOKIE, "ascii"),
    ],
)
def test_an_answer_that_cannot_be_used_says_why(message: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        agreement(message)


def test_what_is_not_critical_is_passed_over() -> None:
    assert agreement(AGREED + record(99) + COOKIE).cookies == (bytes(100),)


def test_keys_are_established_with_a_server_one_trusts(server: NtsServer) -> None:
    for host in ("localhost", "127.0.0.1"):
        made = establish(host, server.key_port, trusted=server.certificate)
        assert (made.host, made.port, len(made.cookies)) == ("127.0.0.1", server.time_port, 8)
        assert server.cookies[made.cookies[7]] == (made.client_to_server, made.server_to_client)
        assert made.client_to_server != made.server_to_client


def test_an_answer_in_single_bytes_is_as_good(server: NtsServer) -> None:
    server.message = lambda cookies, _: [
        bytes([byte]) for byte in AGREED + b"".join(record(5, cookie) for cookie in cookies) + END
    ]
    assert len(establish("localhost", server.key_port, trusted=server.certificate).cookies) == 8


def test_a_server_nobody_vouches_for_is_refused(server: NtsServer) -> None:
    with pytest.raises(NtsError, match="certificate verify failed"):
        establish("localhost", server.key_port)


def test_a_certificate_for_somebody_else_is_refused(tmp_path: Path) -> None:
    with (
        nts_server(tmp_path, "elsewhere.example.org") as server,
        pytest.raises(NtsError, match="not for loc"),
    ):
        establish("localhost", server.key_port, trusted=server.certificate)


def test_a_server_that_speaks_something_else_is_refused(server: NtsServer) -> None:
    server.application_protocol = b""
    with pytest.raises(NtsError):
        establish("localhost", server.key_port, trusted=server.certificate)


@pytest.mark.parametrize(
    ("pieces", "complaint"),
    [([AGREED], "closed the connection"), ([record(99, bytes(10_000))] * 2, "longer than 16384 bytes")],
)
def test_answers_without_an_end_are_given_up(server: NtsServer, pieces: list[bytes], complaint: str) -> None:
    server.message = lambda *_: pieces
    with pytest.raises(NtsError, match=complaint):
        establish("localhost", server.key_port, trusted=server.certificate)


def test_a_server_that_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(TimeoutError, match="takes too long"):
            establish("localhost", silent.getsockname()[1], timeout_seconds=0.1)
    assert time.monotonic() - started < 2
    missing = tmp_path / "none.pem"
    with pytest.raises(NtsError, match=r"none.pem: no file of certificates"):
        establish("localhost", 1, trusted=missing)


def test_a_server_that_hangs_up_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            link, _ = listener.accept()
            link.close()

        thread = Thread(target=hang_up)
        thread.start()
        with pytest.raises(NtsError, match="no TLS session"):
            establish("localhost", listener.getsockname()[1])
        thread.join()


RECORDS = st.lists(
    st.builds(record, st.integers(0, 9), st.binary(max_size=8), critical=st.booleans()), max_size=8
)


@given(st.one_of(st.binary(max_size=200), RECORDS.map(lambda records: AGREED + b"".join(records) + END)))
def test_no_bytes_do_more_than_make_a_sentence(message: bytes) -> None:
    with suppress(ValueError):
        records = MessageReader(limit=150).feed(message)
        made = Agreement.from_records(records or ())
        assert all(0 < len(cookie) <= 512 for cookie in made.cookies)
        assert 0 < made.port <= 65535
