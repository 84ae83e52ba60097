from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tidegauge.lab.wired import person
from tidegauge.lab.wired.person import (
    Act,
    Order,
    browse,
    download,
    listen,
    stream,
    write_mails,
    write_webmails,
)


class Answer:
    def __init__(self, size: int) -> None:
        self._size = size

    def read(self) -> bytes:
        return bytes(self._size)


class Connection:
    """Gives what is asked for, less ``lacking`` bytes."""

    asked: list[tuple[str, int]]
    posted: list[int]
    lacking = 0

    def __init__(self, host: str, **_: object) -> None:
        self.host = host

    def connect(self) -> None: ...

    def request(self, _: str, path: str, content: bytes = b"") -> None:
        self.posted.append(len(content))
        self._size = int(path.removeprefix("/bytes/"))
        self.asked.append((self.host, self._size))

    def getresponse(self) -> Answer:
        return Answer(self._size - self.lacking)

    def close(self) -> None: ...


class Server:
    def __init__(self) -> None:
        self.mails: list[object] = []

    @contextmanager
    def __call__(self, *_: object, **__: object) -> Iterator[Server]:
        yield self

    def starttls(self, context: ssl.SSLContext) -> None: ...

    def send_message(self, mail: object) -> None:
        self.mails.append(mail)


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    Connection.asked, Connection.posted, Connection.lacking = [], [], 0
    for name in ("HTTPConnection", "HTTPSConnection"):
        monkeypatch.setattr(person, name, Connection)
    monkeypatch.setattr(person, "is_there", lambda: False)
    monkeypatch.setattr("time.sleep", lambda _: None)
    return Connection.asked


def order(who: str, seconds: float = 1) -> Order:
    return Order(who, seconds, ssl.create_default_context())


def fetched(acts: list[Act]) -> int:
    return sum(act.bytes_down for act in acts)


@pytest.mark.parametrize("script", [stream, listen, download, browse, write_webmails])
def test_what_is_told_is_what_was_fetched(script: person.Script, asked: list[tuple[str, int]]) -> None:
    acts = list(script(order("mia", 3)))
    assert fetched(acts) == sum(size for _, size in asked) > 0
    assert {act.site for act in acts} == {host for host, _ in asked}
    assert all(act.start <= (act.connected or 0) <= (act.closing or 0) <= act.end for act in acts)


def test_everybody_browses_pages_of_their_own(asked: list[tuple[str, int]]) -> None:
    def sizes(who: str) -> list[int]:
        asked.clear()
        list(browse(order(who)))
        return [size for _, size in asked]

    assert sizes("mia") == sizes("mia") != sizes("tom")


def test_mails_are_counted_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    monkeypatch.setattr("smtplib.SMTP", server)
    acts = list(write_mails(order("sarah")))
    assert len(acts) == len(server.mails) == person.MAILS
    assert all(act.bytes_up > person.MAIL_BYTES for act in acts)


def test_what_is_written_in_a_browser_is_told_and_posted() -> None:
    acts = list(write_webmails(order("tom")))
    assert sum(act.bytes_up for act in acts) == sum(Connection.posted) > person.WEBMAILS * person.MAIL_BYTES


def test_who_gets_less_than_asked_for_does_not_claim_it() -> None:
    Connection.lacking = 1
    with pytest.raises(ConnectionError, match="less than"):
        list(download(order("alex")))
