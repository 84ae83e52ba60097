"""NTS key establishment, the client's side (RFC 8915, section 4).

One TLS session tells who the server is, gives both the same keys, and the client a few cookies. In these the
server has sealed the keys for itself, so that it can forget us. All time comes later, over UDP.
"""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from OpenSSL import SSL

from tidegauge.ntp.certificate_names import speaks_for
from tidegauge.ntp.nts_records import (
    AES_SIV_CMAC_256,
    END,
    MESSAGE_LIMIT,
    NTPV4,
    ErrorCode,
    MessageReader,
    Record,
    RecordKind,
)
from tidegauge.ntp.patience import Patience
from tidegauge.ntp.server_address import KEY_ESTABLISHMENT_PORT, NTP_PORT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


APPLICATION_PROTOCOL = b"ntske/1"
EXPORTER_LABEL = b"EXPORTER-network-time-security"
KEY_BYTES = 32

COOKIES_KEPT = 8
LONGEST_COOKIE = 512
"""Servers in use send about 100 bytes. A cookie goes back in every packet, where space is short."""

_KNOWN_KINDS = frozenset(map(int, RecordKind))


class NtsError(OSError):
    """No keys could be established, or a server no longer accepts them. Never a reason to ask without NTS."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the server's message says. ``server`` is None where NTP is served by the same host."""

    cookies: tuple[bytes, ...]
    server: str | None = None
    port: int = NTP_PORT

    @classmethod
    def from_records(cls, records: Sequence[Record]) -> Agreement:
        """Read the answer to ``request``; ValueError says why it cannot be used."""
        refusal = next((record for record in records if record.kind == RecordKind.ERROR), None)
        if refusal:
            raise ValueError(f"it answered with an error: {_error_name(refusal.number)}")
        for record in records:
            if record.kind == RecordKind.WARNING:
                raise ValueError(f"it answered with warning {record.number}, and there is none that we know")
            if record.is_critical and record.kind not in _KNOWN_KINDS:
                raise ValueError(f"it sent a critical record of unknown type {record.kind}")
        if _only(records, RecordKind.NEXT_PROTOCOL).numbers != (NTPV4,):
            raise ValueError("it does not offer NTPv4")
        if _only(records, RecordKind.AEAD_ALGORITHM).numbers != (AES_SIV_CMAC_256,):
            raise ValueError("it does not offer AES-SIV-CMAC-256")
        server = _optional(records, RecordKind.SERVER)
        port = _optional(records, RecordKind.PORT)
        if port and not port.number:
            raise ValueError("it names 0, which is no UDP port")
        return cls(
            cookies=_cookies(records),
            server=server.body.decode("ascii") if server else None,
            port=port.number if port else NTP_PORT,
        )


@dataclass(frozen=True, slots=True)
class Established:
    """Keys for each direction, cookies that hold them, and where to ask for the time."""

    client_to_server: bytes
    server_to_client: bytes
    cookies: tuple[bytes, ...]
    host: str
    port: int


def request() -> bytes:
    """What the client says: NTPv4, with AES-SIV-CMAC-256."""
    records = (
        Record.of_numbers(RecordKind.NEXT_PROTOCOL, NTPV4, is_critical=True),
        Record.of_numbers(RecordKind.AEAD_ALGORITHM, AES_SIV_CMAC_256, is_critical=True),
        END,
    )
    return b"".join(record.to_bytes() for record in records)


def exporter_context(*, is_to_client: bool) -> bytes:
    """What makes the exported keys differ by protocol, algorithm and direction (RFC 8915, section 5.1)."""
    return struct.pack("!HHB", NTPV4, AES_SIV_CMAC_256, is_to_client)


def establish(
    host: str,
    port: int = KEY_ESTABLISHMENT_PORT,
    *,
    trusted: Path | None = None,
    timeout_seconds: float = 5.0,
) -> Established:
    """Ask ``host`` for keys.

    ``trusted`` is a file of certificates to trust, in place of those the system trusts. Raises NtsError when
    the server cannot be trusted or says nothing useful, TimeoutError when it takes too long, and OSError
    when it cannot be reached.
    """
    deadline = time.monotonic() + timeout_seconds
    context = _context(trusted)
    with socket.create_connection((host, port), timeout=timeout_seconds) as link:
        # Our message is two small writes; the second must not wait for the first to be acknowledged.
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.setblocking(False)  # noqa: FBT003 -- the socket's own interface
        try:
            return _Session(host, port, link, context, deadline).establish()
        except SSL.Error as error:
            raise NtsError(f"{host} port {port}: no TLS session: {_reason(error)}") from None
        except ValueError as error:
            raise NtsError(f"{host} port {port}: no keys: {error}") from None


class _Session:
    """One TLS connection, each step of which waits for the network until the deadline at most."""

    def __init__(
        self, host: str, port: int, link: socket.socket, context: SSL.Context, deadline: float
    ) -> None:
        self._host, self._port = host, port
        self._link = link
        self._patience = Patience(link, deadline, f"{host} port {port}: NTS key establishment takes too long")
        self._tls = SSL.Connection(context, link)
        if not _is_address(host):
            self._tls.set_tlsext_host_name(host.encode("idna"))
        self._tls.set_connect_state()

    def establish(self) -> Established:
        self._patience.wait_for(self._tls.do_handshake)
        self._require_the_right_server()
        # The request is so short that it is sent whole or not at all.
        self._patience.wait_for(lambda: self._tls.send(request()))
        agreement = Agreement.from_records(self._answer())
        export = self._tls.export_keying_material
        return Established(
            client_to_server=export(EXPORTER_LABEL, KEY_BYTES, exporter_context(is_to_client=False)),
            server_to_client=export(EXPORTER_LABEL, KEY_BYTES, exporter_context(is_to_client=True)),
            cookies=agreement.cookies,
            host=agreement.server or self._link.getpeername()[0],
            port=agreement.port,
        )

    def _require_the_right_server(self) -> None:
        if self._tls.get_alpn_proto_negotiated() != APPLICATION_PROTOCOL:
            raise ValueError("it does not speak ntske/1")
        certificate = self._tls.get_peer_certificate(as_cryptography=True)
        if certificate is None or not speaks_for(certificate, self._host):
            raise ValueError(f"its certificate is for somebody else, not for {self._host}")

    def _answer(self) -> tuple[Record, ...]:
        reader = MessageReader()
        while True:
            try:
                piece = self._patience.wait_for(lambda: self._tls.recv(MESSAGE_LIMIT))
            except (SSL.ZeroReturnError, SSL.SysCallError):
                raise ValueError("it closed the connection in the middle of its answer") from None
            records = reader.feed(piece)
            if records is not None:
                return records


def _context(trusted: Path | None) -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_3_VERSION)
    context.set_alpn_protos([APPLICATION_PROTOCOL])
    context.set_verify(SSL.VERIFY_PEER)
    if trusted is None:
        context.set_default_verify_paths()
        return context
    try:
        context.load_verify_locations(str(trusted))
    except SSL.Error:
        raise NtsError(f"{trusted}: no file of certificates (PEM) to trust") from None
    return context


def _only(records: Sequence[Record], kind: RecordKind) -> Record:
    record = _optional(records, kind)
    if record is None:
        raise ValueError(f"its answer has no {_words(kind)} record")
    return record


def _optional(records: Sequence[Record], kind: RecordKind) -> Record | None:
    found = [record for record in records if record.kind == kind]
    if len(found) > 1:
        raise ValueError(f"its answer has {len(found)} {_words(kind)} records in place of one")
    return found[0] if found else None


def _cookies(records: Sequence[Record]) -> tuple[bytes, ...]:
    cookies = [record.body for record in records if record.kind == RecordKind.NEW_COOKIE]
    for cookie in cookies:
        if not 0 < len(cookie) <= LONGEST_COOKIE:
            raise ValueError(f"it sent a cookie of {len(cookie)} bytes; 1 to {LONGEST_COOKIE} make sense")
    if not cookies:
        raise ValueError("it sent no cookie")
    return tuple(cookies[:COOKIES_KEPT])


def _words(kind: RecordKind) -> str:
    return kind.name.lower().replace("_", "-")


def _error_name(code: int) -> str:
    known = {int(error): error.name.lower().replace("_", " ") for error in ErrorCode}
    return known.get(code, f"number {code}, which is unknown")


def _reason(error: SSL.Error) -> str:
    """The last of OpenSSL's messages; there is none where the connection just ended."""
    queue = error.args[0] if error.args else None
    return str(queue[-1][-1]) if isinstance(queue, list) and queue else "the connection ended"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
