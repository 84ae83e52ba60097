"""The servers of the internet, as one program: ``python -m tidegauge.lab.wired.internet FOLDER``.

HTTP on port 80 and HTTPS on port 443 give as many bytes as the path asks for, ``/bytes/1000``, and take what
is posted; QUIC on port 443 gives; SMTP on ports 25 and 587 takes every mail, after STARTTLS where the client
wants that. The folder has the certificate. It says ``ready`` once all listen.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.lab.wired.authority import CHAIN, KEY
from tidegauge.lab.wired.quic import is_there, serve_quic
from tidegauge.lab.wired.sites import FILES, MUSIC

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERYWHERE = "0.0.0.0"  # noqa: S104 -- of a namespace of our own
PIECE = bytes(65536)
LONGEST_MAIL = 1 << 24
PACE = {FILES.address: 2_000_000}
"""Bytes a second that a server sends at most, by its address: everybody else is as fast as it goes."""
_SO_MAX_PACING_RATE = 47

GREETING = b"220 mail ready\r\n"
CAPABILITIES = b"250-mail\r\n250 STARTTLS\r\n"
# What each command is answered; others are unknown.
REPLIES = {
    b"EHLO": CAPABILITIES,
    b"HELO": b"250 mail\r\n",
    b"MAIL": b"250 OK\r\n",
    b"RCPT": b"250 OK\r\n",
    b"DATA": b"354 End with a dot\r\n",
    b"STAR": b"220 Go ahead\r\n",
    b"QUIT": b"221 Bye\r\n",
}


class Ports(NamedTuple):
    """Where everything is served."""

    http: int = 80
    https: int = 443
    smtp: tuple[int, ...] = (25, 587)


async def give(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the HTTP requests of one connection."""
    _pace(writer)
    while line := await reader.readline():
        words = line.split(b" ")
        headers = await _headers(reader)
        await reader.readexactly(int(headers.get(b"content-length", b"0")))
        kind, _, number = words[1].removeprefix(b"/").partition(b"/") if len(words) > 1 else (b"", b"", b"")
        if kind != b"bytes" or not number.isdigit():
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            continue
        rest = int(number)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % rest)
        while rest:
            writer.write(PIECE[:rest])
            rest -= min(rest, len(PIECE))
            await writer.drain()
    writer.close()


async def _headers(reader: asyncio.StreamReader) -> Mapping[bytes, bytes]:
    found = {}
    while line := (await reader.readline()).strip():
        name, _, value = line.partition(b":")
        found[name.lower()] = value.strip()
    return found


def _pace(writer: asyncio.StreamWriter) -> None:
    address, *_ = writer.get_extra_info("sockname")
    if rate := PACE.get(address):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, _SO_MAX_PACING_RATE, rate)


class MailServer:
    """Takes mails, under TLS where the client asks for it."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take the mails of one connection."""
        writer.write(GREETING)
        while line := await reader.readline():
            command = line[:4].upper()
            writer.write(REPLIES.get(command, b"502 Unknown\r\n"))
            if command == b"DATA":
                await reader.readuntil(b"\r\n.\r\n")
                writer.write(b"250 Taken\r\n")
            elif command == b"STAR":
                await writer.start_tls(self._tls)
            elif command == b"QUIT":
                break
        writer.close()


async def serve(folder: Path, ports: Ports = Ports(), host: str = EVERYWHERE) -> None:  # noqa: B008 -- frozen
    """Serve until the program ends."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(folder / CHAIN, folder / KEY)
    mail = MailServer(tls)
    servers = [
        await asyncio.start_server(give, host, ports.http),
        await asyncio.start_server(give, host, ports.https, ssl=tls),
        *[await asyncio.start_server(mail.take, host, port, limit=LONGEST_MAIL) for port in ports.smtp],
    ]
    # UDP answers from the address that the route has: only one that is bound is the one that was asked.
    where = MUSIC.address if host == EVERYWHERE else host
    quic = await serve_quic(folder, where, ports.https) if is_there() else None
    print("ready", flush=True)  # noqa: T201 -- this is a program
    try:
        await asyncio.gather(*(server.serve_forever() for server in servers))
    finally:
        if quic:
            quic.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
