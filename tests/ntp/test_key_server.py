from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from OpenSSL import SSL

from tests.nts_server import self_signed
from tidegauge.ntp import key_server as key_server_module
from tidegauge.ntp.cookie_keys import CookieKeys
from tidegauge.ntp.key_establishment import NtsError, establish
from tidegauge.ntp.key_server import Certificate, KeyServer

KEYS = CookieKeys.create(1_795_000_000_000_000_000)


@contextmanager
def key_server(folder: Path, **options: Any) -> Iterator[KeyServer]:
    certificate = Certificate(*self_signed(folder, "localhost", "127.0.0.1"))
    with KeyServer(("127.0.0.1", 0), certificate, time_port=11123, seal=KEYS.seal, **options) as server:
        yield server


def count(server: KeyServer, name: str, expected: int) -> None:
    """Wait until so many sessions ended so."""
    deadline = time.monotonic() + 5
    while (counters := server.counters())[f"keys_{name}"] != expected:
        assert time.monotonic() < deadline, counters
        time.sleep(0.01)


def tls(server: KeyServer, *protocols: bytes) -> tuple[socket.socket, SSL.Connection]:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    if protocols:
        context.set_alpn_protos(list(protocols))
    link = socket.create_connection(("127.0.0.1", server.port))
    connection = SSL.Connection(context, link)
    connection.set_connect_state()
    with suppress(SSL.Error):
        connection.do_handshake()
    return link, connection


def test_our_client_gets_keys_and_cookies_that_hold_them(tmp_path: Path) -> None:
    with key_server(tmp_path) as server:
        found = establish("localhost", server.port, trusted=tmp_path / "certificate.pem")
        count(server, "established", 1)
    assert (found.port, len(found.cookies), len(set(found.cookies))) == (11123, 8, 8)
    assert found.client_to_server != found.server_to_client
    assert all(len(cookie) == 100 for cookie in found.cookies)


@pytest.mark.parametrize("protocols", [(), (b"http/1.1",)])
def test_who_speaks_something_else_gets_nothing(tmp_path: Path, protocols: tuple[bytes, ...]) -> None:
    with key_server(tmp_path) as server:
        link, _ = tls(server, *protocols)
        count(server, "failed", 1)
        link.close()


def test_a_message_may_come_in_pieces(tmp_path: Path) -> None:
    with key_server(tmp_path) as server:
        link, connection = tls(server, b"ntske/1")
        for byte in bytes.fromhex("80010002000080040002000f80000000"):
            connection.send(bytes([byte]))
        assert connection.recv(4096).startswith(bytes.fromhex("800100020000"))
        count(server, "established", 1)
        link.close()


def test_a_message_without_end_is_cut_off(tmp_path: Path) -> None:
    with key_server(tmp_path) as server:
        link, connection = tls(server, b"ntske/1")
        with suppress(SSL.Error):
            for _ in range(10):
                connection.send(b"\0\x10\x01\0" + bytes(256))
        count(server, "failed", 1)
        link.close()


def test_who_dawdles_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_server_module, "SESSION_SECONDS", 0.1)
    with key_server(tmp_path) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as link:
            count(server, "late", 1)
            assert link.recv(1) == b""
        link, _ = tls(server, b"ntske/1")
        count(server, "late", 2)
        link.close()


def test_one_address_has_so_many_sessions_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_server_module, "SESSIONS_OF_ONE_ADDRESS", 2)
    with key_server(tmp_path) as server:
        links = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5)]
        count(server, "busy", 3)
        for link in links:
            link.close()
        count(server, "failed", 2)
        establish("localhost", server.port, trusted=tmp_path / "certificate.pem")


def test_who_is_not_admitted_is_not_let_in(tmp_path: Path) -> None:
    with key_server(tmp_path, admits=lambda address: address != "127.0.0.1") as server:
        with pytest.raises((NtsError, OSError)):
            establish("localhost", server.port, trusted=tmp_path / "certificate.pem")
        count(server, "denied", 1)


def test_a_renewed_certificate_is_taken_up_and_a_broken_one_is_not(tmp_path: Path) -> None:
    with key_server(tmp_path) as server:
        old = tmp_path / "old.pem"
        old.write_bytes((tmp_path / "certificate.pem").read_bytes())
        self_signed(tmp_path, "localhost")
        server.refresh()
        establish("localhost", server.port, trusted=tmp_path / "certificate.pem")
        with pytest.raises(NtsError):
            establish("localhost", server.port, trusted=old)
        (tmp_path / "key.pem").write_text("broken")
        os.utime(tmp_path / "key.pem", (1, 1))
        server.refresh()
        establish("localhost", server.port, trusted=tmp_path / "certificate.pem")


def test_files_that_do_not_fit_together_are_an_error(tmp_path: Path) -> None:
    chain, key = self_signed(tmp_path, "localhost")
    with pytest.raises(OSError, match="not a certificate and its key"):
        Certificate(key, chain)
    with pytest.raises(FileNotFoundError):
        Certificate(chain, tmp_path / "absent.pem")
