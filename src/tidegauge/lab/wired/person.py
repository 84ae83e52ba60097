"""Somebody at a laptop, as a program: ``python -m tidegauge.lab.wired.person NAME SECONDS``.

Each act that was done is printed as a line of JSON: who did what where, from when to when, and how much was
given or taken above TCP. Amounts are about a hundredth of what people move, so that all fits into seconds.
"""

from __future__ import annotations

import json
import smtplib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from http.client import HTTPConnection
from random import Random
from typing import Self

KILOBYTE, MEGABYTE = 1_000, 1_000_000
SEGMENT = 250 * KILOBYTE
SEGMENTS_A_SECOND = 1.0
MAILS = 10
MAIL_BYTES = 18 * KILOBYTE
DOWNLOAD_BYTES = 20 * MEGABYTE
PAGES = 8

VIDEO_SITE, FILE_SITE, MAIL_SITE = "www.youtube.com", "www.dropbox.com", "smtp.gmail.com"
WEB_SITE = "www.wikipedia.org"


@dataclass(frozen=True)
class Act:
    """Something somebody did. Times are in nanoseconds since 1970; bytes are those of content."""

    who: str
    what: str
    site: str
    start: int
    end: int
    amount: int
    bytes_up: int
    bytes_down: int


Script = Callable[[str, float], Iterator[Act]]


def stream(who: str, seconds: float) -> Iterator[Act]:
    """Watch a video: a segment a second, over one connection."""
    start, segments = time.time_ns(), max(1, round(seconds * SEGMENTS_A_SECOND))
    with _Site(VIDEO_SITE) as site:
        for number in range(segments):
            site.fetch(SEGMENT)
            _rest_until(start, (number + 1) / SEGMENTS_A_SECOND)
    yield Act(who, "stream", VIDEO_SITE, start, time.time_ns(), segments, 0, segments * SEGMENT)


def write_mails(who: str, seconds: float) -> Iterator[Act]:
    """Send mails, each over a connection of its own."""
    begin = time.time_ns()
    for number in range(MAILS):
        start = time.time_ns()
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = (
            "sarah@office.example",
            "somebody@example.com",
            f"{number}",
        )
        mail.set_content("\n".join(["x" * 76] * (MAIL_BYTES // 77)))
        with smtplib.SMTP(MAIL_SITE, timeout=10) as server:
            server.send_message(mail)
        yield Act(who, "mail", MAIL_SITE, start, time.time_ns(), 1, len(mail.as_bytes()), 0)
        _rest_until(begin, (number + 1) * seconds / MAILS)


def download(who: str, seconds: float) -> Iterator[Act]:  # noqa: ARG001 -- as fast as it goes
    """Download one large file."""
    start = time.time_ns()
    with _Site(FILE_SITE) as site:
        site.fetch(DOWNLOAD_BYTES)
    yield Act(who, "download", FILE_SITE, start, time.time_ns(), 1, 0, DOWNLOAD_BYTES)


def browse(who: str, seconds: float) -> Iterator[Act]:
    """Read pages, each over a connection of its own; the same ones every time."""
    random, begin = Random(who), time.time_ns()  # noqa: S311 -- nobody is to be surprised
    for number in range(PAGES):
        start, size = time.time_ns(), random.randrange(20 * KILOBYTE, 200 * KILOBYTE)
        with _Site(WEB_SITE) as site:
            site.fetch(size)
        yield Act(who, "page", WEB_SITE, start, time.time_ns(), 1, 0, size)
        _rest_until(begin, (number + 1) * seconds / PAGES)


SCRIPTS: dict[str, Script] = {"john": stream, "sarah": write_mails, "alex": download}
"""What somebody does all the time; everybody else browses."""


class _Site:
    """A connection to a site; a name is looked up as every program does."""

    def __init__(self, name: str) -> None:
        self._connection = HTTPConnection(name, timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def fetch(self, size: int) -> None:
        """Fetch so many bytes."""
        self._connection.request("GET", f"/bytes/{size}")
        answer = self._connection.getresponse()
        if len(answer.read()) != size:
            raise ConnectionError(f"{self._connection.host} gave less than {size} bytes")


def _rest_until(begin: int, seconds: float) -> None:
    time.sleep(max(0.0, begin / 1e9 + seconds - time.time()))


def main() -> None:
    """Do what this person does, for so long."""
    who, seconds = sys.argv[1], float(sys.argv[2])
    for act in SCRIPTS.get(who, browse)(who, seconds):
        print(json.dumps(asdict(act)), flush=True)  # noqa: T201 -- this is a program


if __name__ == "__main__":
    main()
