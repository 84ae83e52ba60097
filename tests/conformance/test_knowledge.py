"""What a decoder knows outlives it, and what is no such thing is refused."""

from __future__ import annotations

import pytest

from tests.conformance.heard import (
    EXPORTER,
    MINUTE,
    NOW,
    OCTETS,
    SECOND,
    Heard,
    data,
    ipfix,
    netflow9,
    options_template,
    set_of,
    template,
)
from tidegauge._core import Decoder
from tidegauge.store.batch_rows import batch_rows

FIELDS = (OCTETS, 4)


def knowledge_of(*messages: bytes, port: int = 4739) -> bytes:
    heard = Heard()
    for message in messages:
        heard.feed(message, port=port)
    known = heard.decoder.knowledge()
    assert known is not None
    return known


KNOWN = knowledge_of(ipfix(template(256, FIELDS), data(256, 1)))


@pytest.mark.proves("D24")
@pytest.mark.parametrize("message", [ipfix, netflow9])
def test_data_after_a_restart_is_read_at_once(message) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    of = 2 if message is ipfix else 0
    known = knowledge_of(message(template(256, FIELDS, of=of), data(256, 1)))
    heard = Heard(knowledge=(known, NOW + MINUTE))
    assert heard.decoder.exporters() == [], "nobody was heard yet"
    assert heard.feed(message(data(256, 2)), at=NOW + MINUTE) == [2]
    assert (heard.count("resumed_templates"), heard.count("parked")) == (1, 0)


def test_sampling_and_boot_times_are_known_as_well() -> None:
    options = set_of(257, bytes([0, 0, 0, 7, 0, 0, 0, 100]) + (NOW // 10**6 - 3_600_000).to_bytes(8))
    sets = [options_template(257, (149, 4), (34, 4), (160, 8)), options, template(256, FIELDS, (22, 4))]
    known = knowledge_of(ipfix(*sets, set_of(256, bytes(8))))
    decoder = Decoder(knowledge=(known, NOW))
    decoder.feed(
        ipfix(set_of(256, bytes([0, 0, 0, 1]) + (3_599_000).to_bytes(4)), sequence=2), EXPORTER, 4739, NOW
    )
    flows = next(batch for batch in decoder.drain() if batch.table == "flows")
    assert list(batch_rows(flows, ["sampling_interval", "start"])) == [(100, NOW - SECOND)]


def test_templates_that_are_lent_are_known_too() -> None:
    heard = Heard()
    heard.feed(ipfix(template(256, FIELDS)), port=1)
    heard.feed(ipfix(data(256, 1)), port=2)
    later = Heard(knowledge=(heard.decoder.knowledge() or b"", NOW))
    assert later.feed(ipfix(data(256, 2)), port=2) == [2]


@pytest.mark.proves("D24")
def test_what_is_too_old_by_then_is_left() -> None:
    for age, read in ((29 * MINUTE, [2]), (31 * MINUTE, [])):
        heard = Heard(knowledge=(KNOWN, NOW + age), template_lifetime=30 * MINUTE)
        assert heard.feed(ipfix(data(256, 2)), at=NOW + age) == read
    heard = Heard(knowledge=(KNOWN, NOW + MINUTE), template_lifetime=30 * MINUTE)
    assert heard.feed(ipfix(data(256, 2)), at=NOW + 31 * MINUTE) == [], "ages go on from where they were"


def test_it_is_told_when_there_is_something_new_only() -> None:
    heard = Heard(knowledge=(KNOWN, NOW))
    assert heard.decoder.knowledge(ages=False) is None
    heard.feed(ipfix(template(256, FIELDS), data(256, 1)))
    heard.decoder.knowledge()
    heard.feed(ipfix(template(256, FIELDS), data(256, 1)))
    assert heard.decoder.knowledge(ages=False) is None, "it was repeated"
    heard.feed(ipfix(template(257, FIELDS)))
    assert heard.decoder.knowledge(ages=False) is not None
    heard.feed(ipfix(template(256, FIELDS)), port=9)
    heard.decoder.knowledge()
    heard.feed(ipfix(data(256, 1)), port=9)
    assert heard.decoder.knowledge(ages=False) is not None, "now it is worth keeping"


@pytest.mark.proves("A8")
def test_passers_by_are_not_worth_keeping() -> None:
    heard = Heard()
    heard.feed(ipfix(template(256, FIELDS), data(256, 1)))
    before = heard.decoder.knowledge()
    for number in range(100):
        heard.feed(ipfix(template(256, FIELDS)), exporter=f"203.0.113.{number}")
    assert heard.decoder.knowledge() == before


def test_who_was_heard_often_keeps_its_standing() -> None:
    heard = Heard()
    for number in range(20):
        heard.feed(ipfix(template(256, FIELDS), data(256, number), sequence=number))
    later = Heard(knowledge=(heard.decoder.knowledge() or b"", NOW), sessions=8)
    for number in range(100):
        later.feed(ipfix(), exporter=f"203.0.113.{number}")
    assert later.feed(ipfix(data(256, 2), sequence=20)) == [2]


@pytest.mark.proves("I12")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no file of templates"),
        (b"PAR1" + bytes(100), "no file of templates"),
        (KNOWN[:-1], "torn"),
        (KNOWN[:20], "torn"),
        (KNOWN + b"\0", "torn"),
        (KNOWN[:30] + bytes([KNOWN[30] ^ 1]) + KNOWN[31:], "torn"),
        (KNOWN[:7] + b"\x09" + KNOWN[8:], "format 9"),
    ],
)
def test_what_is_foreign_or_torn_is_refused_in_words(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Decoder(knowledge=(content, NOW))


def test_limits_hold_for_what_is_taken_over() -> None:
    heard = Heard(knowledge=(KNOWN, NOW), fields_per_template=0)
    assert (heard.feed(ipfix(data(256, 2))), heard.count("resumed_templates")) == ([], 0)
