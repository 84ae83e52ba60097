"""Elements that exporters tell of themselves (RFC 5610), and what a person says of them."""

from __future__ import annotations

import struct

import pytest

from tests.conformance.messages import (
    EXPORT_SECONDS,
    SECOND,
    VARIABLE,
    Field,
    counted,
    decode,
    flow_set,
    ipfix,
    options_template,
    template,
)
from tidegauge._core import Decoder

VENDOR = 64999
UNSIGNED16, STRING, MAC = 2, 13, 12
TYPES = options_template(
    300, 2, [Field(346, 4), Field(303, 2), Field(339, 1), Field(344, 1), Field(345, 2), Field(341, VARIABLE)]
)
DATA = template(256, [Field(5, 2, VENDOR), Field(7, 2)])
RECORD = flow_set(256, b"\x01\x02\x00\x07")


def type_record(enterprise: int, number: int, data_type: int, name: bytes) -> bytes:
    return struct.pack(">IHBBH", enterprise, number, data_type, 4, 0) + counted(name)


def types(*records: bytes) -> bytes:
    return flow_set(300, b"".join(records))


@pytest.mark.proves("E4")
@pytest.mark.parametrize("order", ["types first", "template first"])
def test_what_an_exporter_tells_names_its_elements(order: str) -> None:
    told = [ipfix(TYPES, types(type_record(VENDOR, 5, UNSIGNED16, b"acmePorts")))]
    messages = [*told, ipfix(DATA)] if order == "types first" else [ipfix(DATA), *told]
    decoded = decode(*messages, ipfix(RECORD))
    assert decoded.other() == [("acmePorts", "258", b"\1\2")]
    assert len(decoded.options) == 1


@pytest.mark.proves("E4")
def test_names_survive_a_restart() -> None:
    before = Decoder()
    decode(ipfix(DATA, RECORD), ipfix(TYPES, types()), decoder=before)
    assert before.knowledge() is not None
    decode(ipfix(types(type_record(VENDOR, 5, UNSIGNED16, b"acmePorts"))), decoder=before)
    known = before.knowledge(ages=False)
    assert known is not None, "a name is news"
    decoded = decode(ipfix(RECORD), decoder=Decoder(knowledge=(known, EXPORT_SECONDS * SECOND)))
    assert decoded.other() == [("acmePorts", "258", b"\1\2")]


@pytest.mark.proves("E4")
def test_records_of_before_keep_the_number_and_the_bytes() -> None:
    told = ipfix(TYPES, types(type_record(VENDOR, 5 | 0x8000, UNSIGNED16, b"acmePorts\0\0")))
    decoded = decode(ipfix(DATA, RECORD), told, ipfix(RECORD))
    assert decoded.other(0) == [(f"{VENDOR}:5", None, b"\1\2")]
    assert decoded.other(1) == [("acmePorts", "258", b"\1\2")]


@pytest.mark.proves("E4")
@pytest.mark.parametrize(
    "told",
    [
        type_record(0, 7, STRING, b"nonsense"),
        type_record(29305, 7, STRING, b"nonsense"),
        type_record(VENDOR, 5, 24, b"noSuchType"),
        type_record(VENDOR, 5, STRING, b"sourceTransportPort"),
        type_record(VENDOR, 5, STRING, b"certSilkAppLabel"),
        type_record(VENDOR, 5, STRING, b" sourceTransportPort"),
        type_record(VENDOR, 5, STRING, b"64999:6"),
        type_record(VENDOR, 5, STRING, b"\xff"),
        type_record(VENDOR, 5, STRING, b""),
        type_record(VENDOR, 5, STRING, b"x" * 200),
        type_record(VENDOR, 6, STRING, b"another"),
    ],
)
def test_what_cannot_be_told_changes_nothing(told: bytes) -> None:
    decoded = decode(ipfix(TYPES, types(told)), ipfix(DATA, RECORD))
    assert decoded.flows[0]["src_port"] == 7
    assert decoded.other() == [(f"{VENDOR}:5", None, b"\1\2")]


@pytest.mark.proves("E4")
def test_known_elements_are_not_told_anew() -> None:
    known = template(257, [Field(33, 2, 6871), Field(5, 2, VENDOR)])
    told = types(
        type_record(6871, 33, STRING, b"other"), type_record(VENDOR, 5, UNSIGNED16, b"first"),
        type_record(VENDOR, 5, STRING, b"second"),
    )  # fmt: skip
    decoded = decode(ipfix(TYPES, told), ipfix(known, flow_set(257, b"\0\1\0\2")))
    assert decoded.values() == [("certSilkAppLabel", "1"), ("first", "2")]


@pytest.mark.proves("E4")
def test_one_session_tells_nothing_of_another() -> None:
    decoder = Decoder()
    decode(ipfix(TYPES, types(type_record(VENDOR, 5, UNSIGNED16, b"acmePorts"))), decoder=decoder)
    assert decode(ipfix(DATA, RECORD, domain=2), decoder=decoder).other()[0][0] == f"{VENDOR}:5"
    assert decode(ipfix(DATA, RECORD, domain=1), decoder=decoder).other()[0][0] == "acmePorts"


@pytest.mark.proves("E4")
def test_so_many_elements_are_learnt_and_no_more() -> None:
    numbers = range(2000)
    records = [type_record(VENDOR, number, UNSIGNED16, b"element%d" % number) for number in numbers]
    messages = [ipfix(types(*records[at : at + 50])) for at in range(0, len(records), 50)]
    fields = (
        [Field(number, 2, VENDOR) for number in numbers[:1000]],
        [Field(number, 2, VENDOR) for number in numbers[1000:]],
    )
    data = [
        ipfix(template(256 + at, half), flow_set(256 + at, bytes(2000))) for at, half in enumerate(fields)
    ]
    decoded = decode(ipfix(TYPES), *messages, *data)
    names = [name for row in (0, 1) for name, _, _ in decoded.other(row)]
    assert names == [f"element{number}" if number < 1024 else f"{VENDOR}:{number}" for number in numbers]


@pytest.mark.proves("D28")
def test_a_person_goes_before_what_is_known_and_told_and_takes_it_back() -> None:
    decoder = Decoder()
    telling = ipfix(TYPES, types(type_record(VENDOR, 5, UNSIGNED16, b"acmePorts")))
    data = template(256, [Field(5, 2, VENDOR), Field(33, 2, 6871)])
    record = ipfix(flow_set(256, b"\1\2\0\1"))
    assert decode(telling, ipfix(data), record, decoder=decoder).values() == [
        ("acmePorts", "258"),
        ("certSilkAppLabel", "1"),
    ]
    decoder.name_elements([(VENDOR, 5, "ours", "octetArray"), (6871, 33, "label", "unsigned16")])
    assert decode(record, decoder=decoder).values() == [("ours", None), ("label", "1")]
    decoder.name_elements([])
    assert decode(record, decoder=decoder).values() == [("acmePorts", "258"), ("certSilkAppLabel", "1")]


@pytest.mark.proves("E7")
def test_a_person_says_that_an_element_is_a_list() -> None:
    decoder = Decoder()
    decoder.name_elements([(VENDOR, 5, "acmeSessions", "subTemplateList")])
    value = b"\x03" + struct.pack(">H", 400) + b"\0\7"
    decoded = decode(
        ipfix(
            template(256, [Field(5, VARIABLE, VENDOR)]),
            template(400, [Field(7, 2)]),
            flow_set(256, counted(value)),
        ),
        decoder=decoder,
    )
    assert decoded.values() == [
        (
            "acmeSessions",
            '{"semantic":"allOf","template":400,"records":[[{"element":"sourceTransportPort","value":"7"}]]}',
        )
    ]


def test_a_type_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="unsigned7"):
        Decoder().name_elements([(VENDOR, 5, "ours", "unsigned7")])
