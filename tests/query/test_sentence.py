from __future__ import annotations

import pytest
from hypothesis import given

from tests.query.terms import terms
from tidegauge.query.parser import parse
from tidegauge.query.sentence import sentence
from tidegauge.query.syntax import Match, Term
from tidegauge.query.vocabulary import PAIRS, Pair


@pytest.mark.parametrize(
    ("written", "meaning"),
    [
        ("", "every flow"),
        ("tcp", "flows whose protocol is TCP"),
        ("not port 443", "flows whose neither source nor destination port is 443"),
        ("port in [80, 443]", "flows whose source or destination port is 80 or 443"),
        ("src net 10/8 and bytes > 1M",
         "flows whose source address is in 10.0.0.0/8 and bytes are more than 1,000,000"),
        ("flags SA", "flows whose TCP flags include SYN and ACK"),
        ("tcp or (udp and dst port 53)",
         "flows whose protocol is TCP or (protocol is UDP and destination port is 53)"),
        ("not flags AFR", "flows whose TCP flags do not include FIN, RST, or ACK"),
        ("not (tcp and udp)", "flows except those whose protocol is TCP and protocol is UDP"),
        ("last seen < 2026-01-01T00:00:00Z", "flows whose end is before 2026-01-01T00:00:00.000000000Z"),
        ("duration >= 20ms", "flows whose duration is at least 20ms"),
        ("user ~ jo or site like '%.org'", 'flows whose user contains "jo" or site looks like "%.org"'),
        ("src_as = null", "flows whose source AS is unknown"),
        ("nat_addr 10/8", "flows whose translated source or destination address is in 10.0.0.0/8"),
        ("packets 5-2000", "flows whose packets are from 5 to 2,000"),
    ],
)  # fmt: skip
def test_a_filter_in_words(written: str, meaning: str) -> None:
    assert sentence(parse(written).term) == meaning


@given(terms())
def test_every_filter_has_words(term: Term) -> None:
    assert sentence(term).startswith(("flows ", "every flow"))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_either_side_names_both(pair: Pair) -> None:
    assert " or " in sentence(Match(pair.name, "=", (None,)))


def test_an_unknown_field_has_none() -> None:
    with pytest.raises(ValueError, match="no field"):
        sentence(Match("nothing", "=", (1,)))
