"""Values of every type, in as many bytes as exporters like, and elements that no column is for."""

from __future__ import annotations

import struct
from uuid import UUID

import pytest

from tests.conformance.messages import (
    EXPORT_SECONDS,
    SECOND,
    VARIABLE,
    Decoded,
    Field,
    counted,
    decode,
    flow_set,
    ipfix,
    netflow9,
    netflow9_template,
    options_template,
    template,
)

YEAR = 365 * 86_400
NTP_EPOCH = 2_208_988_800


def flow(*values: tuple[Field, bytes]) -> Decoded:
    """One IPFIX record."""
    data = b"".join(counted(raw) if field.length == VARIABLE else raw for field, raw in values)
    return decode(ipfix(template(256, [field for field, _ in values]), flow_set(256, data)))


def flow9(*values: tuple[Field, bytes]) -> Decoded:
    """One NetFlow v9 record."""
    data = b"".join(counted(raw) if field.length == VARIABLE else raw for field, raw in values)
    return decode(netflow9(netflow9_template(256, [field for field, _ in values]), flow_set(256, data)))


def said(id: int, raw: bytes, enterprise: int = 0) -> str | None:  # noqa: A002
    """An element of its own, as text."""
    ((_, value, kept),) = flow((Field(id, len(raw), enterprise), raw)).other()
    assert kept == raw
    return value


@pytest.mark.proves("D8", "C20")
@pytest.mark.parametrize("width", range(1, 10))
def test_a_number_comes_in_any_width(width: int) -> None:
    for decoded in (flow, flow9):
        (row,) = decoded((Field(1, width), (200).to_bytes(width))).flows
        assert row["bytes"] == 200, f"{width} bytes"
    assert said(40, (200).to_bytes(width)) == "200"


@pytest.mark.proves("A6", "D9")
def test_a_number_beyond_its_column_is_kept_whole() -> None:
    (row,) = flow((Field(7, 4), (70_000).to_bytes(4))).flows
    assert row["src_port"] is None
    assert row["other"] == [{"element": "sourceTransportPort", "value": "70000", "raw": (70_000).to_bytes(4)}]
    (row,) = flow((Field(1, 8), b"\xff" * 8)).flows
    assert row["bytes"] == 2**64 - 1
    decoded = flow((Field(1, 9), b"\x01" + bytes(8)))
    assert decoded.flows[0]["bytes"] is None
    assert decoded.values() == [("octetDeltaCount", str(2**64))]


@pytest.mark.proves("D8")
@pytest.mark.parametrize("width", range(1, 9))
def test_a_negative_number_keeps_its_sign(width: int) -> None:
    ingress_delay = 434  # mibObjectValueInteger, the registry's signed32
    assert said(ingress_delay, (-2).to_bytes(width, signed=True)) == "-2"


@pytest.mark.proves("D8")
def test_a_double_may_come_as_a_float() -> None:
    probability = 311
    assert said(probability, struct.pack(">f", 0.1)) == "0.1"
    assert said(probability, struct.pack(">d", 0.1)) == "0.1"
    assert said(probability, b"\x00\x01") is None


@pytest.mark.proves("D10")
def test_neither_true_nor_false_is_kept_as_bytes() -> None:
    data_records_reliability = 276
    assert [said(data_records_reliability, bytes([byte])) for byte in range(4)] == [
        None,
        "true",
        "false",
        None,
    ]


@pytest.mark.proves("D11")
def test_text_is_shown_without_padding_and_kept_with_it() -> None:
    interface_name = 82
    assert said(interface_name, b"eth0\0\0\0\0") == "eth0"
    assert said(interface_name, b"\xff\xfeth0") == "��th0"


@pytest.mark.proves("D12")
def test_times_are_read_in_their_own_unit() -> None:
    half = EXPORT_SECONDS + NTP_EPOCH << 32 | 0x8000_0000
    moments = {
        322: (EXPORT_SECONDS.to_bytes(4), "2023-11-14T22:13:20.000000000Z"),
        323: ((EXPORT_SECONDS * 1000 + 5).to_bytes(8), "2023-11-14T22:13:20.005000000Z"),
        324: ((half | 0x7FF).to_bytes(8), "2023-11-14T22:13:20.500000000Z"),
        325: ((half | 0x7FF).to_bytes(8), "2023-11-14T22:13:20.500000476Z"),
    }
    for element, (raw, text) in moments.items():
        (row,) = flow((Field(element, len(raw)), raw), (Field(element, len(raw)), raw)).flows
        assert row["other"][0]["value"] == text, "the second of the same, which fills no column"
    micro, nano = (
        flow((Field(element, 8), (half | 0x7FF).to_bytes(8))).flows[0]["start"] for element in (154, 156)
    )
    assert (micro, nano) == (
        EXPORT_SECONDS * SECOND + SECOND // 2,
        EXPORT_SECONDS * SECOND + SECOND // 2 + 476,
    )


@pytest.mark.proves("D12")
@pytest.mark.parametrize("after", [0, -1, 1, -40 * YEAR, 40 * YEAR])
def test_ntp_times_are_of_the_nearest_era(after: int) -> None:
    exported = 2_208_988_800  # in 2040, and NTP's second era, which began in 2036
    seconds = (exported + after + NTP_EPOCH) % 2**32
    message = ipfix(
        template(256, [Field(156, 8)]), flow_set(256, struct.pack(">II", seconds, 0)), seconds=exported
    )
    (row,) = decode(message).flows
    assert row["start"] == (exported + after) * SECOND


@pytest.mark.proves("D14")
def test_microseconds_count_back_from_the_header() -> None:
    (row,) = flow((Field(158, 4), (1_500_000).to_bytes(4)), (Field(159, 4), bytes(4))).flows
    assert (row["start"], row["end"]) == (EXPORT_SECONDS * SECOND - 3 * SECOND // 2, EXPORT_SECONDS * SECOND)


@pytest.mark.proves("D15")
def test_the_same_element_twice_keeps_both_in_order() -> None:
    decoded = flow(
        (Field(7, 2), b"\0\x01"),
        (Field(70, 3), b"\0\1\0"),
        (Field(7, 2), b"\0\x02"),
        (Field(70, 3), b"\0\2\1"),
    )
    assert decoded.flows[0]["src_port"] == 1
    label = "mplsTopLabelStackSection"
    assert decoded.values() == [(label, "16:0:0"), ("sourceTransportPort", "2"), (label, "32:0:1")]


@pytest.mark.proves("D16", "E21")
def test_a_number_of_256_bits_is_said_in_full() -> None:
    assert said(515, b"\xff" * 32) == str(2**256 - 1)
    assert said(520, (1 << 200).to_bytes(26)) == str(1 << 200)


@pytest.mark.proves("D17", "C18")
def test_what_nobody_knows_is_kept_by_its_numbers() -> None:
    decoded = flow((Field(7, 2), b"\0\1"), (Field(9, 3, enterprise=64999), b"abc"), (Field(11, 2), b"\0\2"))
    assert (decoded.flows[0]["src_port"], decoded.flows[0]["dst_port"]) == (1, 2)
    assert decoded.other() == [("64999:9", None, b"abc")]
    decoded = flow9((Field(40_200, 3), b"abc"), (Field(11, 2), b"\0\2"))
    assert decoded.other() == [("0:40200", None, b"abc")]
    assert decoded.flows[0]["dst_port"] == 2


@pytest.mark.proves("C18", "H3", "H16", "H8")
def test_types_of_netflow_v9_are_the_vendors_elements() -> None:
    vendors = {
        33000: "ciscoIngressAclId",
        42071: "ciscoSumRespTime",
        57590: "ntopL7Proto",
        56701: "paloAltoAppId",
    }
    for number, name in vendors.items():
        # The second of the same, since the first may fill a column.
        decoded = flow9((Field(number, 4), b"abcd"), (Field(number, 4), b"abcd"))
        assert decoded.other()[-1][0] == name
    assert flow((Field(9303, 4, enterprise=9), bytes(4))).other()[0][0] == "ciscoSumRespTime"


@pytest.mark.proves("C20", "D29")
def test_an_address_of_a_wrong_length_shifts_nothing() -> None:
    decoded = flow9((Field(8, 3), b"\x0a\0\0"), (Field(56, 5), b"abcde"), (Field(7, 2), b"\0\1"))
    (row,) = decoded.flows
    assert (row["src_addr"], row["src_mac"], row["src_port"]) == (None, None, 1)
    assert decoded.other() == [("sourceIPv4Address", None, b"\x0a\0\0"), ("sourceMacAddress", None, b"abcde")]


@pytest.mark.proves("C19", "D7")
def test_values_may_tell_their_length_in_v9_as_well() -> None:
    name = Field(82, VARIABLE)
    for made in (flow, flow9):
        for raw in (b"", b"eth0", b"x" * 300):
            decoded = made((name, raw), (Field(7, 2), b"\0\1"))
            assert decoded.values() == [("interfaceName", raw.decode())]
            assert decoded.flows[0]["src_port"] == 1


@pytest.mark.proves("C21", "C22")
def test_absolute_times_go_before_those_since_boot() -> None:
    uptimes = [(Field(22, 4), (3_590_000).to_bytes(4)), (Field(21, 4), (3_600_160).to_bytes(4))]
    (row,) = flow9(*uptimes).flows
    assert row["start"] == (EXPORT_SECONDS - 10) * SECOND
    assert row["end"] == EXPORT_SECONDS * SECOND + 160_000_000, "slightly in the future, and not 49 days ago"
    told = (EXPORT_SECONDS - 9) * 1000
    (row,) = flow9(*uptimes, (Field(152, 8), told.to_bytes(8)), (Field(153, 8), told.to_bytes(8))).flows
    assert row["start"] == row["end"] == told * 1_000_000
    names = [each["element"] for each in row["other"]]
    assert names == ["flowStartSysUpTime", "flowEndSysUpTime"]


@pytest.mark.proves("E11")
def test_an_application_is_an_engine_and_its_number() -> None:
    for raw, text in ((b"\x03\0\0\x50", "3:80"), (b"\x0d\x01\x00", "13:256"), (b"\x06\x01", "6:1")):
        (row,) = flow((Field(95, len(raw)), raw)).flows
        assert row["application"] == text
    vendor = b"\x14" + (9).to_bytes(4) + (77).to_bytes(3)
    assert flow((Field(95, 8), vendor)).flows[0]["application"] == "20:9:77"


@pytest.mark.proves("E14")
def test_flags_come_in_one_byte_or_two() -> None:
    assert flow((Field(6, 1), b"\x12")).flows[0]["tcp_flags"] == 0x12
    assert flow((Field(6, 2), b"\x01\x12")).flows[0]["tcp_flags"] == 0x112


@pytest.mark.proves("E15")
def test_an_event_of_a_translation_needs_no_counters() -> None:
    event = flow(
        (Field(230, 1), b"\x04"),
        (Field(225, 4), bytes([192, 0, 2, 1])),
        (Field(226, 4), bytes([192, 0, 2, 2])),
        (Field(227, 2), b"\x10\0"),
        (Field(228, 2), b"\x20\0"),
        (Field(361, 2), b"\x10\0"),
        (Field(362, 2), b"\x10\xff"),
        (Field(363, 2), b"\0\1"),
        (Field(364, 2), b"\1\0"),
        (Field(283, 4), bytes([0, 0, 0, 5])),
        (Field(466, 4), bytes([0, 0, 0, 2])),
        (Field(323, 8), (EXPORT_SECONDS * 1000).to_bytes(8)),
    )
    (row,) = event.flows
    assert (row["nat_event"], row["nat_src_port"], row["nat_dst_port"]) == (4, 0x1000, 0x2000)
    assert (row["bytes"], row["packets"], row["start"]) == (None, None, EXPORT_SECONDS * SECOND)
    assert event.values() == [
        ("portRangeStart", "4096"),
        ("portRangeEnd", "4351"),
        ("portRangeStepSize", "1"),
        ("portRangeNumPorts", "256"),
        ("natPoolId", "5"),
        ("natQuotaExceededEvent", "2"),
    ]


@pytest.mark.proves("H6")
def test_domains_of_one_box_tell_of_translations_each_in_its_own_way() -> None:
    layouts = {7: [Field(230, 1), Field(227, 2)], 8: [Field(227, 2), Field(230, 1)]}
    records = {7: b"\x04\x10\x00", 8: b"\x20\x00\x05"}
    taught = [netflow9(netflow9_template(256, fields), domain=domain) for domain, fields in layouts.items()]
    told = [netflow9(flow_set(256, record), domain=domain) for domain, record in records.items()]
    flows = decode(*taught, *told).flows
    assert [(flow["nat_event"], flow["nat_src_port"]) for flow in flows] == [(4, 0x1000), (5, 0x2000)]


@pytest.mark.proves("E1")
def test_reverse_elements_fill_the_columns_of_the_way_back() -> None:
    back = 29305
    decoded = flow(
        (Field(1, 8), (100).to_bytes(8)),
        (Field(1, 8, back), (200).to_bytes(8)),
        (Field(2, 4, back), (3).to_bytes(4)),
        (Field(6, 2, back), (0x12).to_bytes(2)),
        (Field(5, 1, back), b"\x08"),
        (Field(58, 2, back), b"\0\7"),
        (Field(149, 4, back), bytes(4)),
        (Field(239, 1), b"\1"),
    )
    (row,) = decoded.flows
    assert (row["bytes"], row["reverse_bytes"], row["reverse_packets"]) == (100, 200, 3)
    assert (row["reverse_tcp_flags"], row["reverse_tos"], row["biflow_direction"]) == (0x12, 8, 1)
    assert decoded.other() == [("reverseVlanId", "7", b"\0\7"), ("29305:149", None, bytes(4))]


@pytest.mark.proves("E2")
def test_cert_marks_the_way_back_by_a_bit() -> None:
    decoded = flow(
        (Field(14, 1, 6871), b"\x02"), (Field(15, 1, 6871), b"\x18"), (Field(14 | 0x4000, 1, 6871), b"\x12"),
        (Field(33 | 0x4000, 2, 6871), b"\0\1"),
    )  # fmt: skip
    (row,) = decoded.flows
    assert (row["tcp_flags"], row["reverse_tcp_flags"]) == (0x1A, 0x12)
    assert ("reverseCertSilkAppLabel", "1", b"\0\1") in decoded.other()
    assert ("certUnionTCPFlags", "24", b"\x18") in decoded.other(), (
        "which flags came first is told nowhere else"
    )


@pytest.mark.proves("E3", "H1")
def test_an_asa_tells_both_ways() -> None:
    both = [(231, 100), (232, 200), (298, 3), (299, 4)]
    decoded = flow9(*((Field(number, 4), count.to_bytes(4)) for number, count in [*both, (85, 300)]))
    (row,) = decoded.flows
    assert (row["bytes"], row["reverse_bytes"], row["packets"], row["reverse_packets"]) == (100, 200, 3, 4)
    assert decoded.values() == [("octetTotalCount", "300")], "both ways in one sum, which is neither"
    (row,) = flow9(
        (Field(40_001, 4), bytes([192, 0, 2, 1])),
        (Field(40_003, 2), b"\x10\0"),
        (Field(40_000, 20), b"ann".ljust(20, b"\0")),
    ).flows
    assert (row["nat_src_addr"], row["nat_src_port"], row["user"]) == (
        UUID(bytes=bytes(10) + b"\xff\xff" + bytes([192, 0, 2, 1])), 0x1000, "ann",
    )  # fmt: skip


@pytest.mark.proves("E20")
def test_values_of_a_mib_are_read_by_type() -> None:
    assert said(434, (-5).to_bytes(4, signed=True)) == "-5"
    assert said(435, b"text") is None, "octets"
    assert said(442, (7).to_bytes(4)) == "7"


@pytest.mark.proves("C6", "C7")
def test_the_value_of_a_scope_is_data() -> None:
    body = struct.pack(">HHH", 300, 4, 4) + struct.pack(">HHHH", 2, 4, 34, 4)
    decoded = decode(netflow9(flow_set(1, body), flow_set(300, struct.pack(">II", 7, 100))))
    (row,) = decoded.options
    assert [(each["element"], each["value"]) for each in row["scope"]] == [("interface", "7")]
    body = struct.pack(">HHH", 300, 4, 4) + struct.pack(">HHHH", 1, 0, 34, 4)
    (row,) = decode(netflow9(flow_set(1, body), flow_set(300, struct.pack(">I", 100)))).options
    assert [(each["element"], each["raw"]) for each in row["scope"]] == [("system", b"")]


@pytest.mark.proves("D4")
def test_an_enterprise_is_told_in_options_as_well() -> None:
    made = ipfix(
        options_template(300, 1, [Field(149, 4), Field(33, 2, enterprise=6871)]),
        flow_set(300, struct.pack(">IH", 9, 80)),
    )
    (row,) = decode(made).options
    assert [(each["element"], each["value"]) for each in row["other"]] == [("certSilkAppLabel", "80")]
