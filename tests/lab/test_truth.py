from __future__ import annotations

from random import Random

import pytest

from tidegauge.lab.activity import MINUTE, Activity
from tidegauge.lab.address import packed
from tidegauge.lab.call import single_call
from tidegauge.lab.conversation import Conversation, flows_of
from tidegauge.lab.people import person
from tidegauge.lab.sites import SERVICES
from tidegauge.lab.truth import Truth, Usage

JOHN = person("John")


def tell(truth: Truth, service: str, start: int, end: int, up: int, down: int) -> None:
    """Have John use something between two minutes."""
    deed = Activity("John", JOHN.laptop, SERVICES[service], start * MINUTE, end * MINUTE, up, down)
    conversation = Conversation(single_call(deed), packed("192.168.10.13"), 40_000, packed("151.101.0.81"))
    truth.connected(conversation)
    for flow in flows_of(conversation, Random(1)):
        truth.exported(flow, conversation.call)


@pytest.fixture
def truth() -> Truth:
    return Truth()


def test_uses_are_summed_and_overlap_counts_once(truth: Truth) -> None:
    tell(truth, "BBC", 0, 10, 1_000, 2_000)
    tell(truth, "BBC", 5, 12, 10_000, 20_000)
    tell(truth, "BBC", 20, 21, 100_000, 200_000)
    usage = truth.by("who", "service")["John", "BBC"]
    assert (usage.connections, usage.minutes) == (3, 13.0)
    assert (usage.bytes_up, usage.bytes_down) == (111_000, 222_000)


def test_a_silence_of_five_minutes_ends_a_session(truth: Truth) -> None:
    for start, end in ((11, 12), (0, 1), (5, 6)):
        tell(truth, "BBC", start, end, 1_000, 1_000)
    usage = truth.by("service")["BBC",]
    assert usage.sessions == [(0, 6 * MINUTE), (11 * MINUTE, 12 * MINUTE)]
    assert usage.minutes == 7
    assert Usage().sessions == []


def test_shared_addresses_are_told_apart_by_what_was_wanted(truth: Truth) -> None:
    tell(truth, "BBC", 0, 1, 1_000, 1_000)
    tell(truth, "Guardian", 2, 3, 10_000, 10_000)
    assert {names: usage.bytes_up for names, usage in truth.by("device", "site").items()} == {
        ("john-laptop", "www.bbc.co.uk"): 1_000,
        ("john-laptop", "www.theguardian.com"): 10_000,
    }
