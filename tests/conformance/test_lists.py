"""Lists inside records (RFC 6313): decoded to the last element, whatever they hold and however they lie."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.messages import VARIABLE, Decoded, Field, counted, decode, flow_set, ipfix, template
from tests.surroundings import captures
from tidegauge._core import Decoder

BASIC, LIST, MULTI = 291, 292, 293
ALL_OF, ORDERED, UNDEFINED = 3, 4, 255
CODECS = "logstash-plugins__logstash-codec-netflow/spec/codecs"
TELEGRAF = "influxdata__telegraf/plugins/inputs/netflow/testcases/ipfix_example"


def told(
    value: bytes, *sub_templates: bytes, kind: int = MULTI, variable: bool = True, enterprise: int = 0
) -> Decoded:
    """What is made of a flow with a list and nothing else."""
    length = VARIABLE if variable else len(value)
    data = flow_set(256, counted(value) if variable else value)
    return decode(ipfix(template(256, [Field(kind, length, enterprise)]), *sub_templates, data))


def shown(decoded: Decoded) -> Any:
    ((_, value, _),) = decoded.other()
    assert value is not None
    return json.loads(value)


def basic(field: Field, content: bytes, semantic: int = ALL_OF) -> bytes:
    return bytes([semantic]) + field.specifier() + content


def entry(number: int, content: bytes) -> bytes:
    """A template's part of a list of several."""
    return struct.pack(">HH", number, 4 + len(content)) + content


@pytest.mark.proves("E6", "E10")
@pytest.mark.parametrize("variable", [True, False], ids=["variable", "fixed"])
def test_a_basic_list_names_its_element(variable: bool) -> None:
    value = basic(Field(483, 4), struct.pack(">II", 65536 * 64500 + 7, 1), ORDERED)
    decoded = told(value, kind=BASIC, variable=variable)
    communities = ["4227072007", "1"]
    assert shown(decoded) == {"semantic": "ordered", "element": "bgpCommunity", "values": communities}
    assert decoded.other()[0][2] == value, "the bytes stay as they came"


@pytest.mark.proves("E6")
def test_a_basic_list_holds_values_of_any_length_and_vendors_elements() -> None:
    names = basic(Field(96, VARIABLE), counted(b"web") + counted(b"") + counted(b'"quoted"\n'))
    assert shown(told(names, kind=BASIC))["values"] == ["web", "", '"quoted"\n']
    vendors = basic(Field(33, 2, enterprise=6871), struct.pack(">HH", 80, 443))
    assert shown(told(vendors, kind=BASIC)) == {
        "semantic": "allOf",
        "element": "certSilkAppLabel",
        "values": ["80", "443"],
    }
    unknown = basic(Field(7, 2, enterprise=64999), b"\x0a\x0b\x0c\x0d")
    assert shown(told(unknown, kind=BASIC)) == {
        "semantic": "allOf",
        "element": "64999:7",
        "values": [{"raw": "0a0b"}, {"raw": "0c0d"}],
    }


@pytest.mark.proves("E10")
@pytest.mark.parametrize(
    ("code", "word"),
    [
        (0, "noneOf"),
        (1, "exactlyOneOf"),
        (2, "oneOrMoreOf"),
        (3, "allOf"),
        (4, "ordered"),
        (255, "undefined"),
        (9, "9"),
    ],
)
def test_how_parts_belong_together_is_kept(code: int, word: str) -> None:
    assert shown(told(basic(Field(4, 1), b"\x06", code), kind=BASIC))["semantic"] == word
    assert shown(told(bytes([code]) + struct.pack(">H", 999), kind=LIST))["semantic"] == word
    assert shown(told(bytes([code]), kind=MULTI))["semantic"] == word


PORTS = template(400, [Field(7, 2), Field(11, 2)])
NAMES = template(401, [Field(96, VARIABLE)])


@pytest.mark.proves("E7")
def test_a_list_of_one_template_holds_its_records() -> None:
    head = bytes([ORDERED]) + struct.pack(">H", 400)
    assert shown(told(head + struct.pack(">HHHH", 1, 2, 3, 4), PORTS, kind=LIST)) == {
        "semantic": "ordered",
        "template": 400,
        "records": [
            [
                {"element": "sourceTransportPort", "value": "1"},
                {"element": "destinationTransportPort", "value": "2"},
            ],
            [
                {"element": "sourceTransportPort", "value": "3"},
                {"element": "destinationTransportPort", "value": "4"},
            ],
        ],
    }
    assert shown(told(head, PORTS, kind=LIST))["records"] == []


@pytest.mark.proves("E7")
def test_records_of_an_unknown_template_keep_their_bytes() -> None:
    decoded = told(bytes([ALL_OF]) + struct.pack(">H", 400) + b"\x01\x02", kind=LIST)
    assert shown(decoded) == {"semantic": "allOf", "template": 400, "raw": "0102"}
    assert decoded.counters["records"] == 1


@pytest.mark.proves("E8")
def test_a_list_of_several_templates_holds_the_records_of_each() -> None:
    value = bytes([ALL_OF]) + entry(400, struct.pack(">HH", 1, 2)) + entry(401, counted(b"a") + counted(b"b"))
    decoded = told(value + entry(402, b"\xff"), PORTS, NAMES)
    ports, names, unknown = shown(decoded)["entries"]
    assert [each["value"] for each in ports["records"][0]] == ["1", "2"]
    assert [record[0]["value"] for record in names["records"]] == ["a", "b"]
    assert unknown == {"template": 402, "raw": "ff"}
    assert decoded.counters["malformed_bad_variable_length"] == 0


@pytest.mark.proves("E9")
def test_lists_nest_and_no_deeper_than_eight() -> None:
    def nest(depth: int) -> bytes:
        inner = b"\x06" if depth == 1 else counted(nest(depth - 1))
        return basic(Field(4, 1) if depth == 1 else Field(BASIC, VARIABLE), inner)

    for depth in (2, 8, 9, 40):
        decoded = told(nest(depth), kind=BASIC)
        level, found = 1, shown(decoded)
        while found["element"] == "basicList" and "values" in found["values"][0]:
            level, found = level + 1, found["values"][0]
        assert level == min(depth, 8)
        if depth > 8:
            assert found["values"] == [{"raw": nest(depth - 8).hex()}]
        assert decoded.counters["malformed_bad_variable_length"] == 0


@pytest.mark.proves("E9", "I5")
def test_nothing_without_bytes_is_repeated() -> None:
    empty = template(400, [Field(7, 0), Field(11, 0)])
    for value, kind in (
        (basic(Field(7, 0), b"\0" * 9), BASIC),
        (bytes([ALL_OF]) + struct.pack(">H", 400) + b"\1\2\3", LIST),
        (bytes([ALL_OF]) + entry(400, b"\1\2\3"), MULTI),
    ):
        decoded = told(value, empty, kind=kind)
        assert "rest" in json.dumps(shown(decoded)) or '"raw": "010203"' in json.dumps(shown(decoded))
        assert decoded.counters["records"] == 1
        assert "[]" in json.dumps(shown(decoded)) or kind is not BASIC, "no element of no bytes, not even one"


@pytest.mark.proves("E9", "I5")
def test_a_list_of_very_many_elements_is_shown_in_part_and_kept_whole() -> None:
    content = bytes(range(256)) * 128
    decoded = told(basic(Field(4, 1), content), kind=BASIC)
    found = shown(decoded)
    assert len(found["values"]) == 8192
    assert bytes.fromhex(found["rest"]) == content[8192:]
    assert decoded.other()[0][2].endswith(content)
    assert decoded.counters["malformed_bad_variable_length"] == 0


@pytest.mark.proves("I5", "E8")
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (b"\x03", BASIC),
        (b"\x03\x00", BASIC),
        (b"\x03\x80\x21\x00\x02\x00\x00", BASIC),
        (b"\x03\x01", LIST),
        (bytes([ALL_OF]) + b"\x01\x90\x00\x03" + b"x" * 20, MULTI),
        (bytes([ALL_OF]) + b"\x01\x90\x00\x00" + b"x" * 20, MULTI),
        (bytes([ALL_OF]) + b"\x01\x90\xff\xff" + b"x" * 20, MULTI),
        (bytes([ALL_OF]) + b"\x01\x90\x00", MULTI),
        (basic(Field(7, 2), b"\1\2\3"), BASIC),
        (basic(Field(96, VARIABLE), b"\x05ab"), BASIC),
        (bytes([ALL_OF]) + entry(401, b"\x05ab"), MULTI),
        (bytes([ALL_OF]) + struct.pack(">H", 400) + b"\1\2\3\4\5", LIST),
    ],
)
def test_what_reaches_past_its_list_is_counted_and_loses_nothing(value: bytes, kind: int) -> None:
    decoded = told(value, PORTS, NAMES, kind=kind)
    assert decoded.counters["malformed_bad_variable_length"] == 1
    assert decoded.counters["records"] == 1
    ((_, text, raw),) = decoded.other()
    assert raw == value
    assert text is None or "rest" in json.loads(text) or "rest" in json.dumps(json.loads(text)["entries"])


@pytest.mark.proves("E6", "E21")
def test_elements_that_are_lists_by_their_own_type_are_decoded() -> None:
    segments = basic(Field(494, 16), bytes(15) + b"\1" + bytes(15) + b"\2", ORDERED)
    decoded = told(segments, kind=496)
    assert decoded.other()[0][0] == "srhSegmentIPv6BasicList"
    assert shown(decoded) == {"semantic": "ordered", "element": "srhSegmentIPv6", "values": ["::1", "::2"]}


@pytest.mark.proves("E7", "H18")
def test_lists_of_vendors_are_decoded() -> None:
    """Ixia tells of each HTTP session of a flow, and of each DNS record, in lists of its own elements."""
    session = template(400, [Field(183, VARIABLE, 3054), Field(457, 2)])
    records = counted(b"a.example") + b"\0\xc8" + counted(b"b.example") + b"\x01\x94"
    decoded = told(bytes([UNDEFINED]) + struct.pack(">H", 400) + records, session, kind=195, enterprise=3054)
    assert decoded.other()[0][0] == "ixiaHttpSession"
    assert [[each["value"] for each in record] for record in shown(decoded)["records"]] == [
        ["a.example", "200"],
        ["b.example", "404"],
    ]


@pytest.mark.proves("E8")
def test_a_flow_takes_from_its_list_what_the_list_says_of_it_alone() -> None:
    macs = template(400, [Field(56, 6), Field(80, 6)])
    flags = template(
        401,
        [Field(14, 1, 6871), Field(15, 1, 6871), Field(14 | 0x4000, 1, 6871), Field(15 | 0x4000, 1, 6871)],
    )
    answers = template(402, [Field(8, 4), Field(58, 2)])
    parts = entry(400, bytes(range(12))) + entry(401, b"\x02\x18\x12\x10")
    decoded = told(bytes([ALL_OF]) + parts + entry(402, bytes(6) + bytes(6)), macs, flags, answers)
    (flow,) = decoded.flows
    assert (flow["src_mac"], flow["dst_mac"]) == (bytes(range(6)), bytes(range(6, 12)))
    assert (flow["tcp_flags"], flow["reverse_tcp_flags"]) == (0x1A, 0x12)
    assert flow["src_addr"] is None, "an address in a list is of something else"
    assert flow["vlan"] is None, "two records say two things"
    for semantic in (0, 1, 2, ORDERED):
        (flow,) = told(bytes([semantic]) + parts, macs, flags).flows
        assert (flow["src_mac"], flow["tcp_flags"]) == (None, None), "not every part of such a list holds"


@pytest.mark.proves("E8")
def test_rows_with_and_without_such_parts_stay_apart() -> None:
    flags = template(401, [Field(14, 1, 6871), Field(15, 1, 6871)])
    fields = [Field(7, 2), Field(MULTI, VARIABLE)]
    lists = [
        bytes([ALL_OF]),
        bytes([ALL_OF]) + entry(401, b"\x02\x10"),
        bytes([ALL_OF]),
        bytes([ALL_OF]) + entry(401, b"\x04\x00"),
    ]
    records = b"".join(struct.pack(">H", port) + counted(each) for port, each in enumerate(lists))
    decoded = decode(ipfix(template(256, fields), flags, flow_set(256, records)))
    assert [(flow["src_port"], flow["tcp_flags"]) for flow in decoded.flows] == [
        (0, None),
        (1, 0x12),
        (2, None),
        (3, 4),
    ]


def read(*names: str, verbatim: bool = False) -> Decoded:
    decoder = Decoder(verbatim=verbatim)
    for name in names:
        while decoder.read(str(captures() / name), "::"):
            pass
    return Decoded.of(decoder)


@pytest.mark.conformance
@pytest.mark.proves("E8")
def test_yafs_list_closes_every_flow() -> None:
    tell = [f"{CODECS}/ipfix_test_yaf_{name}.dat" for name in ("tpls_option_tpl", "tpl45841", "data45841")]
    decoded = read(*tell)
    (flow,) = decoded.flows
    (value,) = [value for name, value in decoded.values() if name == "subTemplateMultiList"]
    assert value is not None
    assert json.loads(value) == {
        "semantic": "allOf",
        "entries": [
            {
                "template": 49156,
                "records": [
                    [
                        {"element": "sourceMacAddress", "value": "00:0c:29:70:86:09"},
                        {"element": "destinationMacAddress", "value": "00:0c:29:8d:af:c3"},
                    ]
                ],
            }
        ],
    }
    assert flow["src_mac"].hex(":") == "00:0c:29:70:86:09"
    assert flow["dst_mac"].hex(":") == "00:0c:29:8d:af:c3"


@pytest.mark.conformance
@pytest.mark.proves("E8", "H17")
def test_every_list_of_telegrafs_example_is_whole() -> None:
    names = sorted(path.name for path in Path(captures() / TELEGRAF).glob("*.bin"))
    decoded = read(*(f"{TELEGRAF}/{name}" for name in names))
    lists = [
        each["value"]
        for flow in decoded.flows
        for each in flow["other"]
        if each["element"] == "subTemplateMultiList"
    ]
    assert len(lists) == 29
    assert all(entry["records"] for value in lists for entry in json.loads(value)["entries"])
    flags = [
        (flow["tcp_flags"], flow["reverse_tcp_flags"]) for flow in decoded.flows if flow["protocol"] == 6
    ]
    assert flags[:2] == [(20, None), (17 | 16, 17)]
    assert None not in {forward for forward, _ in flags}
    assert decoded.counters["malformed_bad_variable_length"] == 0
