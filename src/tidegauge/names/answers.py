"""The lines of a resolver's log put together: who asked, for what name, and what came of it."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.names.address import packed_address
from tidegauge.names.answer import host_of_pointer, site_of_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegauge.flow.binding import Binding

_ALIAS = "<CNAME>"
_V4_MAPPED = bytes(10) + b"\xff\xff"
_MOST_CLIENTS = 64


class Record(NamedTuple):
    """One record of an answer as the log shows it; ``number`` is the question's, if the log has numbers."""

    name: str
    value: str
    number: str | None
    at: int


class _Question:
    """A name somebody waits for; answered once, the next who ask start anew."""

    __slots__ = ("clients", "is_answered", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.clients: set[bytes] = set()
        self.is_answered = False


class Answers:
    """Turns the lines of one resolver's log, in their order, into bindings.

    The name of a binding is the one that was asked, however many aliases (CNAME) lie between it and the
    address. A bounded number of questions waits for answers; the oldest is forgotten first.
    """

    def __init__(self, most_questions: int = 8192) -> None:
        self._most_questions = most_questions
        self._questions: OrderedDict[tuple[str, str], _Question] = OrderedDict()
        self._asked = self._last_name = ""
        self._was_alias = False

    def ask(self, name: str, record_type: str, number: str | None, client: bytes | None) -> None:
        """Note that a client asked. A log without numbers tells answers apart by name and type."""
        self.interrupt()
        key = ("", number) if number else (name.lower(), record_type)
        question = self._questions.get(key)
        if question is None or question.is_answered:
            question = self._questions[key] = _Question(name)
            self._questions.move_to_end(key)
        if client is not None and len(question.clients) < _MOST_CLIENTS:
            question.clients.add(client)
        if len(self._questions) > self._most_questions:
            self._questions.popitem(last=False)

    def interrupt(self) -> None:
        """Note a line that belongs to no answer: whatever comes next begins a new one."""
        self._asked = self._last_name = ""
        self._was_alias = False

    def answer(self, record: Record) -> Iterator[Binding]:
        """Yield what one record of an answer says."""
        address = packed_address(record.value)
        self._follow(record)
        if address is None:
            yield from self._pointed(record)
        elif question := self._question(record, address):
            question.is_answered = True
            sites = (
                site_of_answer(question.name, address, client, record.at)
                for client in sorted(question.clients)
            )
            yield from (site for site in sites if site)

    def _follow(self, record: Record) -> None:
        """Keep track of the name an answer began with: each alias is followed by what it stands for."""
        if not self._was_alias and record.name != self._last_name:
            self._asked = record.name.lower()
        self._last_name, self._was_alias = record.name, record.value == _ALIAS

    def _question(self, record: Record, address: bytes) -> _Question | None:
        if record.number:
            return self._questions.get(("", record.number))
        return self._questions.get((self._asked, "A" if address[:12] == _V4_MAPPED else "AAAA"))

    def _pointed(self, record: Record) -> Iterator[Binding]:
        address = packed_address(record.name)
        if address is not None and "." in record.value:
            host = host_of_pointer(record.value, address, record.at)
            if host is not None:
                yield host
