"""Where messages, sets and records end, and what lies between and behind them."""

from __future__ import annotations

import struct

import pytest

from tests.conformance.heard import (
    EXPORTER,
    NOW,
    OCTETS,
    Heard,
    data,
    ipfix,
    netflow9,
    options_template,
    set_of,
    template,
    words,
)
from tidegauge._core import Decoder

FIELDS = (OCTETS, 4)


@pytest.mark.proves("C2", "H19")
@pytest.mark.parametrize("count", [0, 1, 2, 4, 65535])
def test_the_count_of_netflow_9_is_advice(count: int) -> None:
    message = netflow9(template(256, FIELDS, of=0), data(256, 1, 2, 3), count=count)
    assert Heard().feed(message) == [1, 2, 3]


@pytest.mark.proves("C11")
def test_zeros_end_a_message_without_an_error() -> None:
    for filler in (4, 18, 400):
        heard = Heard()
        assert heard.feed(netflow9(template(256, FIELDS, of=0), data(256, 1)) + bytes(filler)) == [1]
        assert not any(count for name, count in heard.decoder.counters().items() if "malformed" in name)
        assert heard.messages()[0]["padding"]["length"] == filler


@pytest.mark.proves("C12")
@pytest.mark.parametrize("rest", [b"\1", b"\1\2", b"\1\2\3"])
def test_less_than_a_set_header_is_padding(rest: bytes) -> None:
    heard = Heard()
    assert heard.feed(netflow9(template(256, FIELDS, of=0), data(256, 1)) + rest) == [1]
    assert heard.count("malformed_bad_set_length") == 0
    assert heard.messages()[0]["padding"]["raw"] == rest.hex()


@pytest.mark.proves("C9", "C10")
@pytest.mark.parametrize("padding", [b"", b"\0", b"\0\0\0", b"\7\7\7"])
def test_what_is_less_than_a_record_is_padding_of_its_set(padding: bytes) -> None:
    heard = Heard()
    padded = set_of(256, struct.pack(">I", 1) + padding)
    assert heard.feed(netflow9(template(256, FIELDS, of=0), padded, data(256, 2))) == [1, 2]
    assert heard.count("malformed_bad_variable_length") == 0
    told = heard.messages()[0]["sets"][1]
    assert told.get("padding", {"raw": ""})["raw"] == padding.hex()


@pytest.mark.proves("H5")
def test_whole_records_of_zeros_are_records() -> None:
    """NX-OS pads by them; what they say is nothing, but nobody can tell that from a record that says so."""
    heard = Heard()
    assert heard.feed(netflow9(template(256, FIELDS, of=0), data(256, 1, 0))) == [1, 0]


@pytest.mark.proves("D1")
def test_bytes_behind_an_ipfix_message_are_told() -> None:
    heard = Heard()
    assert heard.feed(ipfix(template(256, FIELDS), data(256, 1)) + data(256, 2)) == [1]
    assert heard.count("trailing_bytes") == 8
    assert heard.messages()[0]["trailing"] == {"offset": 36, "length": 8, "raw": data(256, 2).hex()}


@pytest.mark.proves("D1")
def test_a_message_that_was_cut_off_tells_its_whole_sets() -> None:
    heard = Heard()
    assert heard.feed(ipfix(template(256, FIELDS), data(256, 1), data(256, 2))[:-1]) == [1]
    assert heard.count("malformed_truncated_record") == 1


@pytest.mark.proves("D2")
@pytest.mark.parametrize(("reads", "octets"), [(0, []), (1, [1])])
def test_template_sets_of_netflow_9_are_none_in_ipfix_unless_told(reads: int, octets: list[int]) -> None:
    heard = Heard(reads_v9_sets=reads)
    assert heard.feed(ipfix(template(256, FIELDS, of=0), data(256, 1))) == octets
    assert heard.count("malformed_bad_set_length") == 0


@pytest.mark.proves("A3", "C3")
def test_reserved_sets_are_passed_over() -> None:
    heard = Heard()
    assert heard.feed(ipfix(set_of(77, b"abc"), template(256, FIELDS), set_of(255, b""), data(256, 1))) == [1]
    reserved = heard.messages()[0]["sets"][0]
    assert (reserved["kind"], reserved["undecoded"]["raw"]) == ("reserved", b"abc".hex())


@pytest.mark.proves("D3", "I1")
@pytest.mark.parametrize("length", [0, 1, 2, 3, 40, 65535])
def test_a_set_of_impossible_length_ends_the_message_and_not_what_was_before(length: int) -> None:
    heard = Heard()
    message = ipfix(template(256, FIELDS), data(256, 1), words(256, length) + b"\1\1\1\1", data(256, 2))
    assert heard.feed(message) == [1]
    assert heard.count("malformed_bad_set_length") == 1
    assert heard.messages()[0]["problems"] == [{"offset": 36, "reason": "bad_set_length"}]


@pytest.mark.proves("D4")
def test_enterprise_numbers_stand_in_options_templates_too() -> None:
    heard = Heard()
    fields = words(0x8000 | 7, 4, 0, 9) + words(0x8000 | 1, 4, 0, 29305)
    heard.feed(ipfix(set_of(3, words(257, 2, 1) + fields), set_of(257, bytes(range(8)))))
    [told] = heard.messages()
    fields = told["sets"][0]["templates"][0]["fields"]
    assert [(each["enterprise"], each["id"], each["offset"]) for each in fields] == [
        (9, 7, 26),
        (29305, 1, 34),
    ]
    assert [each.get("scope", False) for each in fields] == [True, False]
    assert heard.count("option_records") == 1


@pytest.mark.proves("D5")
@pytest.mark.parametrize("padding", range(8))
def test_template_sets_may_be_padded(padding: int) -> None:
    heard = Heard()
    padded = set_of(2, words(256, 1, *FIELDS) + bytes(padding))
    assert heard.feed(ipfix(padded, data(256, 1))) == [1]
    assert heard.count("malformed_bad_template") == 0


@pytest.mark.proves("D6")
@pytest.mark.parametrize("scopes", [0, 3])
def test_senseless_scopes_cost_one_template(scopes: int) -> None:
    heard = Heard()
    fields = words(149, 4, 34, 4)
    sets = set_of(3, words(257, 2, scopes) + fields + words(258, 2, 1) + fields)
    heard.feed(ipfix(sets, set_of(257, bytes(8)), set_of(258, bytes(8))))
    assert (heard.count("malformed_bad_template"), heard.count("option_records")) == (1, 1)


@pytest.mark.proves("D30")
def test_a_message_of_nothing_but_a_header_is_well() -> None:
    heard = Heard()
    heard.feed(ipfix())
    counters = {name: count for name, count in heard.decoder.counters().items() if count}
    assert counters == {"datagrams": 1, "datagram_bytes": 16}


@pytest.mark.proves("D19")
def test_ipfix_numbers_data_records_of_each_domain_and_no_templates() -> None:
    heard = Heard()
    options = [options_template(257, (149, 4), (34, 4)), set_of(257, bytes([0, 0, 0, 7, 0, 0, 0, 9]))]
    heard.feed(ipfix(template(256, FIELDS), *options, data(256, 1, 2), sequence=2**32 - 2))
    heard.feed(ipfix(template(256, FIELDS), data(256, 9), sequence=500, domain=8))
    heard.feed(ipfix(data(256, 3), sequence=1))
    heard.decoder.drain()
    assert heard.count("lost_sequence") == 0
    heard.feed(ipfix(data(256, 3), sequence=5))
    heard.decoder.drain()
    assert heard.count("lost_sequence") == 3


@pytest.mark.proves("E23")
@pytest.mark.parametrize("size", [1, 2, 15, 17, 1000])
def test_messages_are_found_in_a_stream_however_it_is_cut(size: int) -> None:
    stream = ipfix(template(256, FIELDS), data(256, 1)) + ipfix() + ipfix(data(256, 2), sequence=1)
    heard = Heard()
    found = [octets for at in range(0, len(stream), size) for octets in heard.stream(stream[at : at + size])]
    assert found == [1, 2]


@pytest.mark.proves("E23")
def test_a_length_below_a_header_ends_a_stream_and_half_a_message_is_told() -> None:
    decoder = Decoder()
    assert decoder.feed_stream(words(10, 15) + bytes(12), EXPORTER, 1, NOW) == "malformed_short_header"
    assert decoder.feed_stream(ipfix(data(256, 1))[:-1], EXPORTER, 2, NOW) is None
    decoder.end_stream(EXPORTER, 2, NOW)
    assert decoder.counters()["malformed_truncated_record"] == 1


@pytest.mark.proves("I2", "I4")
def test_lengths_beyond_the_message_allocate_nothing_and_decode_nothing() -> None:
    heard = Heard()
    heard.feed(ipfix(set_of(2, words(256, 65535, *FIELDS))))
    heard.feed(ipfix(template(257, *[(82, 65534)] * 100), set_of(257, bytes(1000))))
    assert heard.octets() == []
    assert heard.count("records") == 0


@pytest.mark.proves("I3", "C5")
def test_options_lengths_that_wrap_are_refused() -> None:
    heard = Heard()
    heard.feed(netflow9(set_of(1, words(256, 65532, 65532, 1, 4, 34, 4))))
    assert heard.count("malformed_bad_template") == 1
