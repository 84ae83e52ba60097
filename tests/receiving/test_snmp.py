from __future__ import annotations

import asyncio
import itertools
import time
from typing import Any

import pytest
from scapy.asn1.asn1 import ASN1_OID, ASN1_STRING
from scapy.layers.snmp import SNMP, SNMPresponse, SNMPvarbind

from tests.names.told import packed
from tests.sample_lake import NOON
from tests.snmp_agent import COMMUNITY, IF, Answering, agent, answers
from tidegauge.exporters.agent import SECOND, Agent, Community
from tidegauge.receiving.snmp import MAXIMUM_INTERFACES, Polled, poll


def asked(answering: Answering | None = None, **changed: Any) -> Polled:
    with agent(answering) as port:
        described: dict[str, Any] = {
            "name": "edge", "address": "127.0.0.1", "port": port, "exporter": packed("192.0.2.1"),
            "access": Community(COMMUNITY), "every": 60 * SECOND, "timeout": 5 * SECOND,
        }  # fmt: skip
        return asyncio.run(poll(Agent(**(described | changed)), lambda: NOON))


def test_every_interface_is_read() -> None:
    polled = asked()
    assert (polled.state, polled.sentence) == ("answered", "")
    assert [
        (each.interface, each.name, each.description, each.octets_in, each.octets_out, each.counter_bits)
        for each in polled.samples
    ] == [(1, "lo", None, 1000, 2000, 32), (2, "Gi0/2", "to the Internet", 3000, 4000, 32)]
    assert {each.counting_since for each in polled.samples} == {NOON - 60 * SECOND}


def test_a_lost_datagram_is_asked_for_again() -> None:
    turns = itertools.count()
    polled = asked(lambda datagram: answers(datagram) if next(turns) else [], timeout=SECOND)
    assert (polled.state, len(polled.samples)) == ("answered", 2)


def test_a_late_answer_is_not_taken_for_another() -> None:
    """The answer about interface 1 comes after it was asked about again, and so does one more of it."""
    held: list[bytes] = []
    turns = itertools.count()

    def late(datagram: bytes) -> list[bytes]:
        turn = next(turns)
        answer = answers(datagram)
        if turn == 1:
            held.extend(answer)
            return []
        return [*held, *answer]

    polled = asked(late, timeout=SECOND)
    assert [each.octets_in for each in polled.samples] == [1000, 3000]


@pytest.mark.parametrize("changed", [{"access": Community("wrong")}, {"port": 1}])
def test_silence_is_a_state_with_a_sentence(changed: dict[str, Any]) -> None:
    polled = asked(timeout=SECOND // 5, **changed)
    assert (polled.state, polled.samples) == ("silent", ())
    assert "did not answer within 200ms, 2 times" in polled.sentence
    assert "community" in polled.sentence


def test_an_agent_that_falls_silent_keeps_what_it_said() -> None:
    turns = itertools.count()
    polled = asked(lambda datagram: answers(datagram) if next(turns) < 2 else [], timeout=SECOND)
    assert (polled.state, [each.interface for each in polled.samples]) == ("silent", [1])


def test_an_agent_that_is_too_slow_is_given_up_after_one_interval() -> None:
    def late(datagram: bytes) -> list[bytes]:
        time.sleep(0.6)
        return answers(datagram)

    started = time.monotonic()
    assert asked(late, every=SECOND // 3, timeout=SECOND).state == "silent"
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("place", [0, 1, 4, 20, 30])
def test_nonsense_is_a_state_with_a_sentence(place: int) -> None:
    """Some of it makes the library panic."""

    def broken(datagram: bytes) -> list[bytes]:
        answer = bytearray(answers(datagram)[0])
        answer[place] ^= 0x7F
        return [bytes(answer)]

    polled = asked(broken, timeout=SECOND // 20)
    assert polled.state in ("unreadable", "silent")
    assert polled.sentence


def test_a_panic_ends_nothing() -> None:
    polled = asked(lambda datagram: [answers(datagram)[0][:4]])
    assert polled.state == "unreadable"


def test_an_agent_that_never_ends_is_cut_short() -> None:
    def endless(datagram: bytes) -> list[bytes]:
        question = SNMP(datagram)
        last = int(question.PDU.varbindlist[0].oid.val.rpartition(".")[2])
        first = last if last > 2 else 0
        bindings = [
            SNMPvarbind(oid=ASN1_OID(f"{IF}.2.{number}"), value=ASN1_STRING(b"x"))
            for number in range(first + 1, first + 1001)
        ]
        response = SNMPresponse(id=question.PDU.id, varbindlist=bindings)
        return [bytes(SNMP(version=question.version, community=question.community, PDU=response))]

    polled = asked(endless, timeout=5 * SECOND, every=10 * SECOND)
    assert len(polled.samples) <= MAXIMUM_INTERFACES
    assert polled.state == "unreadable"


def test_an_agent_without_interfaces_says_so() -> None:
    def bare(datagram: bytes) -> list[bytes]:
        question = SNMP(datagram)
        question.PDU.varbindlist[0].oid = ASN1_OID("1.3.6.1.9.9")
        return answers(bytes(question))

    polled = asked(bare)
    assert (polled.state, polled.sentence) == (
        "unreadable",
        "127.0.0.1 shows no interface to whom we ask as",
    )
