"""An NTS server in threads, written against RFC 8915 by itself, that can misbehave on purpose."""

from __future__ import annotations

import datetime as dt
import ipaddress
import secrets
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

NOW = 1_795_000_000 * 10**9
LABEL = b"EXPORTER-network-time-security"

Keys = tuple[bytes, bytes]


def record(kind: int, body: bytes = b"", *, critical: bool = False) -> bytes:
    return struct.pack("!HH", kind | critical << 15, len(body)) + body


END = record(0, critical=True)
AGREED = record(1, b"\0\0", critical=True) + record(4, b"\0\x0f")


@dataclass
class NtsServer:
    """What the server does; change it at any time. ``message`` turns cookies into the whole KE answer."""

    certificate: Path
    key_port: int = 0
    time_port: int = 0
    message: Callable[[Sequence[bytes], int], list[bytes]] | None = None
    application_protocol: bytes = b"ntske/1"
    seal: Callable[[bytes], bytes] = lambda reply: reply
    is_silent: bool = False
    sessions: int = 0
    requests: list[bytes] = field(default_factory=list)
    cookies: dict[bytes, Keys] = field(default_factory=dict)

    def new_cookie(self, keys: Keys) -> bytes:
        cookie = secrets.token_bytes(100)
        self.cookies[cookie] = keys
        return cookie

    def pieces(self, keys: Keys) -> list[bytes]:
        cookies = [self.new_cookie(keys) for _ in range(8)]
        if self.message:
            return self.message(cookies, self.time_port)
        port = record(7, struct.pack("!H", self.time_port))
        return [AGREED + port + b"".join(record(5, cookie) for cookie in cookies) + END]

    def reply(self, request: bytes) -> bytes:
        """Answer as section 5.7 says; unknown cookies are refused, unproven."""
        fields = dict[int, list[bytes]]()
        start = 48
        while start < len(request):
            kind, length = struct.unpack_from("!HH", request, start)
            fields.setdefault(kind, []).append(request[start + 4 : start + length])
            start += length
        identifier = struct.pack("!HH", 0x0104, 36) + fields[0x0104][0]
        keys = self.cookies.pop(fields[0x0204][0], None)
        if keys is None:
            return header(request, stratum=0, reference=b"NTSN") + identifier
        wanted = 1 + len(fields.get(0x0304, []))
        inner = b"".join(struct.pack("!HH", 0x0204, 104) + self.new_cookie(keys) for _ in range(wanted))
        return protected(header(request) + identifier, keys[1], inner)


def header(request: bytes, stratum: int = 1, reference: bytes = b"GPS\0") -> bytes:
    stamp = ((NOW // 10**9 + 2_208_988_800) % 2**32) << 32
    first = struct.pack("!BBbbII4sQ", 0x24, stratum, 0, -20, 0, 0, reference, 0)
    return first + request[40:48] + struct.pack("!QQ", stamp, stamp)


def protected(packet: bytes, key: bytes, inner: bytes = b"") -> bytes:
    nonce = secrets.token_bytes(16)
    sealed = AESSIV(key).encrypt(inner, [packet, nonce])
    body = struct.pack("!HH", len(nonce), len(sealed)) + nonce + sealed
    return packet + struct.pack("!HH", 0x0404, len(body) + 4) + body


def self_signed(folder: Path, *names: str) -> tuple[Path, Path]:
    """A certificate that speaks for the names, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a time server")])
    today = dt.datetime(2020, 1, 1)  # noqa: DTZ001 (x509 wants it naive)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(today)
        .not_valid_after(today + dt.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([alternative(name) for name in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    return paths


def alternative(name: str) -> x509.GeneralName:
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(name))
    return x509.DNSName(name)


@contextmanager
def nts_server(folder: Path, *names: str) -> Iterator[NtsServer]:
    """Serve on free ports of loopback until the block ends."""
    certificate, key = self_signed(folder, *(names or ("localhost", "127.0.0.1")))
    server = NtsServer(certificate)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link,
    ):
        link.bind(("127.0.0.1", 0))
        server.key_port, server.time_port = listener.getsockname()[1], link.getsockname()[1]
        threads = [Thread(target=establish_keys, args=(server, listener, key))]
        threads += [Thread(target=tell_time, args=(server, link))]
        for thread in threads:
            thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            link.sendto(b"", link.getsockname())
            for thread in threads:
                thread.join()


def establish_keys(server: NtsServer, listener: socket.socket, key: Path) -> None:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate_file(str(server.certificate))
    context.use_privatekey_file(str(key))
    context.set_alpn_select_callback(lambda _, offered: (offered and server.application_protocol) or b"")
    while True:
        try:
            link, _ = listener.accept()
        except OSError:
            return
        with link, suppress(SSL.Error):
            converse(server, SSL.Connection(context, link), link)


def converse(server: NtsServer, tls: SSL.Connection, link: socket.socket) -> None:
    link.settimeout(None)
    tls.set_accept_state()
    tls.do_handshake()
    tls.recv(4096)
    server.sessions += 1
    to_server, to_client = (
        tls.export_keying_material(LABEL, 32, b"\0\0\0\x0f" + side) for side in (b"\0", b"\1")
    )
    for piece in server.pieces((to_server, to_client)):
        tls.send(piece)
    tls.shutdown()


def tell_time(server: NtsServer, link: socket.socket) -> None:
    while True:
        request, client = link.recvfrom(4096)
        if not request:
            return
        server.requests.append(request)
        if not server.is_silent:
            link.sendto(server.seal(server.reply(request)), client)
