from __future__ import annotations

import json

from tests.conformance import sflow
from tests.conformance.heard import (
    EXPORTER,
    NOW,
    OCTETS,
    data,
    ipfix,
    set_of,
    template,
    withdrawal,
)
from tidegauge._core import Decoder
from tidegauge.cli.wire_text import wire_lines


def lines(*messages: bytes) -> list[str]:
    decoder = Decoder(dissects=True)
    for message in messages:
        decoder.feed(message, EXPORTER, 4739, NOW)
    return [line for told in decoder.dissected().splitlines() for line in wire_lines(json.loads(told))]


def test_a_message_reads_as_the_standard_draws_it() -> None:
    padded = set_of(256, bytes([0, 0, 5, 220, 0]))
    found = lines(ipfix(template(256, (OCTETS, 4)), padded))
    assert found == [
        "message 1: ipfix, 37 bytes, from 192.0.2.1 port 4739, 2023-11-14T22:13:20.000000000Z",
        "  @0        2  versionNumber = 10",
        "  @2        2  length = 37",
        "  @4        4  exportTime = 1700000000",
        "  @8        4  sequenceNumber = 0",
        "  @12       4  observationDomainId = 7",
        "  @16      12  set 2, templates",
        "    @20   template 256, 1 fields",
        "      @24        4  octetDeltaCount (1)",
        "  @28       9  set 256, data",
        "    laid out by template 256",
        "    record 1",
        "      @32        4  octetDeltaCount (1) = 1500  [000005dc]",
        "    @36       1  padding: 00",
    ]


def test_what_could_not_be_read_has_its_place_and_reason() -> None:
    found = lines(ipfix(data(300, 1), set_of(77, b"a"), set_of(256, b"")[:-2] + b"\0\3") + b"rest", b"\0\x63")
    assert "    not decoded: no template yet: waits for it" in found
    assert "    @20       4  undecoded: 00000001" in found
    assert "    not decoded: no meaning" in found
    assert "! @29   bad_set_length" in found
    assert "  @33       4  trailing: 72657374" in found
    assert found[-1] == "! @0    unknown_version"


def test_samples_are_told_field_by_field() -> None:
    url = sflow.record(1005, sflow.words(1) + sflow.opaque(b"/a") + sflow.opaque(b"x") + b"more")
    unknown = sflow.record(4000, b"what", enterprise=9)
    cut = sflow.record(1001, sflow.words(12))
    found = lines(
        sflow.datagram(
            sflow.flow_sample(url, unknown, cut, source=3), sflow.record(77, b"else"), agent="192.0.2.9"
        )
    )
    assert found[8:] == [
        "  @28      96  sample 0.1 flow_sample",
        "      @36        4  flow_sample.sequence_number = 1  [00000001]",
        "      @40        4  flow_sample.source_id = 0:3  [00000003]",
        "      @44        4  flow_sample.sampling_rate = 100  [00000064]",
        "      @48        4  flow_sample.sample_pool = 1000  [000003e8]",
        "      @52        4  flow_sample.drops = 0  [00000000]",
        "      @56        4  flow_sample.input = 3  [00000003]",
        "      @60        4  flow_sample.output = 4  [00000004]",
        "    @68      32  structure 0.1005 extended_url",
        "      @76        4  extended_url.url_direction = 1  [00000001]",
        "      @80        8  extended_url.url = /a  [000000022f610000]",
        "      @88        8  extended_url.host = x  [0000000178000000]",
        "      @96       4  rest: 6d6f7265",
        "    @100     12  structure 9.4000",
        "      77686174",
        "    @112     12  structure 0.1001 extended_switch",
        "      @120       4  extended_switch.src_vlan = 12  [0000000c]",
        "  @124     12  sample 0.77",
        "      656c7365",
        "! @28   bad_sample",
    ]


def test_what_a_sample_holds_beyond_its_structures_is_shown() -> None:
    whole = sflow.record(1002, sflow.address("192.0.2.254") + sflow.words(24, 16))
    cut = sflow.record(sflow.FLOW, sflow.words(1, 3, 100, 1000, 0, 3, 4, 2) + whole + sflow.words(1, 400))
    found = lines(sflow.datagram(cut))
    assert "      @88        4  extended_router.dst_mask_len = 16  [00000010]" in found
    assert found[-2:] == ["    @92       8  rest: 0000000100000190", "! @28   bad_sample"]


def test_templates_say_what_became_of_them() -> None:
    found = lines(
        ipfix(template(256, (OCTETS, 4)), template(256, (OCTETS, 4)), template(256, (OCTETS, 8))),
        ipfix(withdrawal(256), withdrawal(256), set_of(2, b"\1\1\0\7\0\1\0\4")),
    )
    shown = "\n".join(found)
    for words in (
        "1 fields, known already",
        "1 fields, in place of another",
        "256, withdrawn",
        "withdrawn but not known",
    ):
        assert words in shown
    assert "template 257, refused" in shown


def test_sets_that_can_be_read_at_last_are_told_with_their_message() -> None:
    found = lines(ipfix(data(256, 9), sequence=41), ipfix(template(256, (OCTETS, 4))))
    at = next(place for place, line in enumerate(found) if "now readable" in line)
    assert "sequence number 41," in found[at]
    assert found[at + 3].endswith("octetDeltaCount (1) = 9  [00000009]")
    assert found[at + 3].strip().startswith("@20"), "its place in its own message"
