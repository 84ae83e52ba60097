"""Somebody at a laptop, as a program: ``python -m tidegauge.lab.wired.person WHO SCRIPT SECONDS AUTHORITY``.

Each act that was done is printed as a line of JSON: who did what where, from when to when, and how much was
given or taken above TCP and TLS. AUTHORITY is the file of the certificate to trust. Amounts are about a
hundredth of what people move, and a second stands for a minute: ``SCALE``.
"""

from __future__ import annotations

import asyncio
import json
import smtplib
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from http.client import HTTPConnection, HTTPSConnection
from random import Random
from typing import NamedTuple, Self

from tidegauge.lab.wired.quic import is_there, visits
from tidegauge.lab.wired.sites import FILES, MAIL, MUSIC, NEWS, VIDEO, WEB, WEBMAIL

KILOBYTE, MEGABYTE = 1_000, 1_000_000
SCALE = {"bytes": 100, "time": 60}
"""What one byte and one second here stand for in an office."""
SEGMENT, SONG_SEGMENT = 250 * KILOBYTE, 40 * KILOBYTE
SEGMENTS_A_SECOND = 1.0
MAILS = 10
MAIL_BYTES = 18 * KILOBYTE
MAIL_PORT = 587
DOWNLOAD_BYTES = 20 * MEGABYTE
PAGES = 8
WEBMAILS = 5
INBOX_BYTES = 60 * KILOBYTE
LONGEST_WAIT_SECONDS = 10.0


@dataclass(frozen=True)
class Act:
    """Something somebody did. Times are in nanoseconds since 1970; bytes are those of content.

    Nothing passed before ``start`` or after ``end``. By ``connected`` something had, and from ``closing`` on
    something still did: a busy machine may let a program wait between looking at the clock and speaking.
    """

    who: str
    what: str
    site: str
    start: int
    end: int
    amount: int
    bytes_up: int
    bytes_down: int
    transport: str = "tls"
    connected: int | None = None
    closing: int | None = None


class Order(NamedTuple):
    """Who is to be busy, for how long, and how they know whom they speak with."""

    who: str
    seconds: float
    tls: ssl.SSLContext


Script = Callable[[Order], Iterator[Act]]


def stream(order: Order) -> Iterator[Act]:
    """Watch a video: a segment a second, over one connection."""
    start, segments = time.time_ns(), max(1, round(order.seconds * SEGMENTS_A_SECOND))
    with _Visit(VIDEO.name, order.tls) as site:
        for number in range(segments):
            site.fetch(SEGMENT)
            _rest_until(start, (number + 1) / SEGMENTS_A_SECOND)
    end, content = time.time_ns(), segments * SEGMENT
    yield Act(order.who, "stream", VIDEO.name, start, end, segments, 0, content, "tls", *site.while_there)


def listen(order: Order) -> Iterator[Act]:
    """Listen to music: as with a video, but over QUIC where that is there."""
    segments = max(1, round(order.seconds * SEGMENTS_A_SECOND))
    content = segments * SONG_SEGMENT
    if is_there():
        start, end, connected = asyncio.run(_listen_over_quic(order, segments))
        yield Act(order.who, "listen", MUSIC.name, start, end, segments, 0, content, "quic", connected, end)
        return
    start = time.time_ns()
    with _Visit(MUSIC.name, order.tls) as site:
        for number in range(segments):
            site.fetch(SONG_SEGMENT)
            _rest_until(start, (number + 1) / SEGMENTS_A_SECOND)
    end = time.time_ns()
    yield Act(order.who, "listen", MUSIC.name, start, end, segments, 0, content, "tls", *site.while_there)


async def _listen_over_quic(order: Order, segments: int) -> tuple[int, int, int]:
    visit = visits(MUSIC.name, order.tls)
    start = time.time_ns()
    async with visit as fetch:
        connected = time.time_ns()
        for number in range(segments):
            await fetch(SONG_SEGMENT)
            await asyncio.sleep(_seconds_until(start, (number + 1) / SEGMENTS_A_SECOND))
        # What follows is the wait for what may still be on its way.
        return start, time.time_ns(), connected


def write_mails(order: Order) -> Iterator[Act]:
    """Send mails, each over a connection of its own."""
    begin = time.time_ns()
    for number in range(MAILS):
        start, mail = time.time_ns(), _mail(number)
        with smtplib.SMTP(MAIL.name, MAIL_PORT, timeout=LONGEST_WAIT_SECONDS) as server:
            connected = time.time_ns()
            server.starttls(context=order.tls)
            server.send_message(mail)
            closing = time.time_ns()
        end, written = time.time_ns(), len(mail.as_bytes())
        yield Act(order.who, "mail", MAIL.name, start, end, 1, written, 0, "tls", connected, closing)
        _rest_until(begin, (number + 1) * order.seconds / MAILS)


def write_webmails(order: Order) -> Iterator[Act]:
    """Read and write mails in a browser: from outside, the two cannot be told apart."""
    begin = time.time_ns()
    for number in range(WEBMAILS):
        start, written = time.time_ns(), _mail(number).as_bytes()
        with _Visit(WEBMAIL.name, order.tls) as site:
            site.fetch(INBOX_BYTES)
            site.post(written)
        carried = len(written), INBOX_BYTES
        end, transport = time.time_ns(), "tls"
        yield Act(order.who, "webmail", WEBMAIL.name, start, end, 1, *carried, transport, *site.while_there)
        _rest_until(begin, (number + 1) * order.seconds / WEBMAILS)


def download(order: Order) -> Iterator[Act]:
    """Download one large file."""
    start = time.time_ns()
    with _Visit(FILES.name, order.tls) as site:
        site.fetch(DOWNLOAD_BYTES)
    end, carried = time.time_ns(), (0, DOWNLOAD_BYTES)
    yield Act(order.who, "download", FILES.name, start, end, 1, *carried, "tls", *site.while_there)


def browse(order: Order) -> Iterator[Act]:
    """Read pages of two sites, each over a connection of its own; the same ones every time."""
    random, begin = Random(order.who), time.time_ns()  # noqa: S311 -- nobody is to be surprised
    for number in range(PAGES):
        start, size = time.time_ns(), random.randrange(20 * KILOBYTE, 200 * KILOBYTE)
        name, tls = ((WEB.name, order.tls), (NEWS.name, None))[number % 2]
        with _Visit(name, tls) as site:
            site.fetch(size)
        end, transport = time.time_ns(), "tls" if tls else "tcp"
        yield Act(order.who, "page", name, start, end, 1, 0, size, transport, *site.while_there)
        _rest_until(begin, (number + 1) * order.seconds / PAGES)


SCRIPTS: dict[str, Script] = {
    "stream": stream,
    "listen": listen,
    "mail": write_mails,
    "webmail": write_webmails,
    "download": download,
    "browse": browse,
}


class _Visit:
    """A connection to a site, in clear without ``tls``; a name is looked up as every program does.

    ``while_there`` is when it was made and when it was to end, once it has.
    """

    def __init__(self, name: str, tls: ssl.SSLContext | None) -> None:
        self._connection = (
            HTTPSConnection(name, timeout=LONGEST_WAIT_SECONDS, context=tls)
            if tls
            else HTTPConnection(name, timeout=LONGEST_WAIT_SECONDS)
        )
        self.while_there = (0, 0)

    def __enter__(self) -> Self:
        self._connection.connect()
        self._connected = time.time_ns()
        return self

    def __exit__(self, *_: object) -> None:
        self.while_there = self._connected, time.time_ns()
        self._connection.close()

    def fetch(self, size: int) -> None:
        """Fetch so many bytes."""
        self._connection.request("GET", f"/bytes/{size}")
        self._expect(size)

    def post(self, content: bytes) -> None:
        """Hand something in."""
        self._connection.request("POST", "/bytes/0", content)
        self._expect(0)

    def _expect(self, size: int) -> None:
        answer = self._connection.getresponse()
        if len(answer.read()) != size:
            raise ConnectionError(f"{self._connection.host} gave less than {size} bytes")


def _mail(number: int) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "sarah@office.example", "somebody@example.com", f"{number}"
    mail.set_content("\n".join(["x" * 76] * (MAIL_BYTES // 77)))
    return mail


def _rest_until(begin: int, seconds: float) -> None:
    time.sleep(_seconds_until(begin, seconds))


def _seconds_until(begin: int, seconds: float) -> float:
    return max(0.0, begin / 1e9 + seconds - time.time())


def main() -> None:
    """Do what this person does, for so long."""
    who, script, seconds, trusted = sys.argv[1:]
    order = Order(who, float(seconds), ssl.create_default_context(cafile=trusted))
    for act in SCRIPTS[script](order):
        print(json.dumps(asdict(act)), flush=True)  # noqa: T201 -- this is a program


if __name__ == "__main__":
    main()
