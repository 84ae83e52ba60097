"""The servers of the internet, as one program: ``python -m tidegauge.lab.wired.internet``.

HTTP on port 80 gives as many bytes as the path asks for, ``/bytes/1000``; SMTP on port 25 takes every mail.
It says ``ready`` once both listen.
"""

from __future__ import annotations

import asyncio

HTTP, SMTP = 80, 25
EVERYWHERE = "0.0.0.0"  # noqa: S104 -- of a namespace of our own
PIECE = bytes(65536)
GREETING = b"220 mail ready\r\n"
# What each command is answered; others are unknown.
REPLIES = {
    b"EHLO": b"250 mail\r\n",
    b"HELO": b"250 mail\r\n",
    b"MAIL": b"250 OK\r\n",
    b"RCPT": b"250 OK\r\n",
    b"DATA": b"354 End with a dot\r\n",
    b"QUIT": b"221 Bye\r\n",
}


async def give(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the HTTP requests of one connection."""
    while line := await reader.readline():
        path = line.split(b" ")[1] if line.count(b" ") == 2 else b""  # noqa: PLR2004 -- method, path, version
        while (await reader.readline()).strip():
            pass
        kind, _, number = path.removeprefix(b"/").partition(b"/")
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


async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the mails of one connection."""
    writer.write(GREETING)
    while line := await reader.readline():
        command = line[:4].upper()
        writer.write(REPLIES.get(command, b"502 Unknown\r\n"))
        if command == b"DATA":
            await reader.readuntil(b"\r\n.\r\n")
            writer.write(b"250 Taken\r\n")
        elif command == b"QUIT":
            break
    writer.close()


async def serve(http: int = HTTP, smtp: int = SMTP, host: str = EVERYWHERE) -> None:
    """Serve until the program ends."""
    servers = [
        await asyncio.start_server(give, host, http),
        await asyncio.start_server(take, host, smtp, limit=1 << 24),
    ]
    print("ready", flush=True)  # noqa: T201 -- this is a program
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(serve())
