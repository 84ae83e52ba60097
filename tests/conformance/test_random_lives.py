"""Templates, data, withdrawals, time and restarts in any order, beside a model too simple to be wrong."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass, field

import pytest

from tests.conformance.heard import EXPORTER, MINUTE, NOW, OCTETS, ipfix, set_of, template, withdrawal
from tidegauge._core import Decoder
from tidegauge.store.batch_rows import batch_rows

LIFETIME, PARKED_AGE = 40 * MINUTE, 20 * MINUTE
SETTINGS = {"template_lifetime": LIFETIME, "parked_age": PARKED_AGE, "borrows_templates": 0}
LAYOUTS = [((OCTETS, 4),), ((210, 1), (OCTETS, 4)), ((OCTETS, 4), (210, 2))]
PORTS, NUMBERS = (1, 2), (256, 257, 300)
OFTEN = 16
STEPS = 150


def octets(body: bytes, layout: int) -> list[int]:
    """The records of a body, as a layout has them."""
    form = (">I", ">xI", ">Ixx")[layout]
    size = struct.calcsize(form)
    return [struct.unpack_from(form, body, at)[0] for at in range(0, len(body) - size + 1, size)]


@dataclass
class Session:
    """What is known of one port: layouts by number, when each was sent last, whether it was of use."""

    layouts: dict[int, int] = field(default_factory=dict)
    sent: dict[int, int] = field(default_factory=dict)
    waiting: dict[int, list[tuple[int, bytes]]] = field(default_factory=dict)
    heard: int = 0
    is_useful: bool = False

    def forget(self, numbers: list[int]) -> None:
        for number in numbers:
            self.layouts.pop(number, None)

    def older_than(self, moment: int) -> list[int]:
        return [number for number in self.layouts if self.sent[number] < moment]

    @property
    def outlives(self) -> bool:
        return bool(self.layouts) and (self.is_useful or self.heard >= OFTEN)


class Life:
    """A collector and its model, given the same."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.now = NOW
        self.decoder = Decoder(settings=SETTINGS)
        self.sessions = {port: Session() for port in PORTS}

    def step(self) -> None:
        """Let something happen, and see that it is told alike."""
        self.now += self.draw.choice((1, 1, 1, 5, 15)) * MINUTE
        port, number = self.draw.choice(PORTS), self.draw.choice(NUMBERS)
        what = self.draw.choice((self.define, self.data, self.data, self.data, self.withdraw, self.restart))
        what(port, number)

    def define(self, port: int, number: int) -> None:
        layout = self.draw.randrange(len(LAYOUTS))
        session = self.enter(port)
        session.layouts[number], session.sent[number] = layout, self.now
        owed = [one for _, body in session.waiting.pop(number, []) for one in octets(body, layout)]
        session.is_useful |= bool(owed)
        self.feed(port, template(number, *LAYOUTS[layout]), owed)

    def data(self, port: int, number: int) -> None:
        body = self.draw.randbytes(self.draw.randrange(4, 40))
        session = self.enter(port)
        if number in session.layouts:
            session.is_useful = True
            return self.feed(port, set_of(number, body), octets(body, session.layouts[number]))
        session.waiting.setdefault(number, []).append((self.now, body))
        return self.feed(port, set_of(number, body), [])

    def withdraw(self, port: int, number: int) -> None:
        every = self.draw.random() < 0.2
        session = self.enter(port)
        session.forget(list(session.layouts) if every else [number])
        self.feed(port, withdrawal(2 if every else number), [])

    def restart(self, *_: int) -> None:
        """End, and begin with what was kept."""
        known = self.decoder.knowledge()
        assert known is not None
        self.decoder = Decoder(settings=SETTINGS, knowledge=(known, self.now))
        for port, session in self.sessions.items():
            if not session.outlives:
                self.sessions[port] = Session()
                continue
            session.forget(session.older_than(self.now - LIFETIME))
            session.waiting.clear()
            session.is_useful = True  # It was worth keeping once.
        told = self.decoder.counters()["resumed_templates"]
        assert told == sum(len(session.layouts) for session in self.sessions.values())

    def enter(self, port: int) -> Session:
        session = self.sessions[port]
        session.heard += 1
        session.forget(session.older_than(self.now - LIFETIME))
        for each in self.sessions.values():
            for number, sets in list(each.waiting.items()):
                each.waiting[number] = [one for one in sets if one[0] > self.now - PARKED_AGE]
        return session

    def feed(self, port: int, message_set: bytes, expected: list[int]) -> None:
        self.decoder.feed(ipfix(message_set), EXPORTER, port, self.now)
        flows = [batch for batch in self.decoder.drain() if batch.table == "flows"]
        assert [one for batch in flows for (one,) in batch_rows(batch, ["bytes"])] == expected


@pytest.mark.proves("C15", "C16", "D20", "D21", "D24")
@pytest.mark.parametrize("seed", range(4))
def test_a_decoder_lives_as_its_model(seed: int) -> None:
    life = Life(seed)
    for _ in range(STEPS):
        life.step()
