"""Our decoder finds in every shared capture what two independent programs find there."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.conformance.oracle import CASES, Case
from tidegauge._core import Decoder

pytestmark = pytest.mark.conformance


def decode(case: Case) -> Decoder:
    """Read every capture of a case in one session; rows are dropped, counters stay."""
    decoder = Decoder()
    for path in case.paths:
        while decoder.read(path, "::"):
            decoder.drain()
    return decoder


def records(decoder: Decoder) -> Counter[tuple[str, str]]:
    """Records by protocol version and counter, over all exporters."""
    found: Counter[tuple[str, str]] = Counter()
    for exporter in decoder.exporters():
        for counter in ("records", "option_records"):
            found[exporter.protocol_version, counter] += exporter.counters[counter]
    return +found


def test_records_equal_the_oracle(case: Case) -> None:
    assert records(decode(case)) == case.records


def test_sets_without_template_are_set_aside(case: Case) -> None:
    assert decode(case).counters()["parked"] == case.sets_without_template


def test_every_message_is_recognised(case: Case) -> None:
    assert decode(case).counters()["datagrams"] == case.messages


def test_oracle_has_every_protocol_that_anybody_still_sends() -> None:
    protocols = {protocol for case in CASES for protocol, _ in case.records}
    assert protocols == {"netflow1", "netflow5", "netflow8", "netflow9", "ipfix", "sflow5"}
