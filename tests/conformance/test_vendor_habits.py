"""What exporters of some vendors do that others do not, as recorded or written down by hand."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.heard import NOW, OCTETS, SECOND, Heard, data, fields_of, set_of, template, words
from tests.conformance.heard import ipfix as message
from tests.conformance.heard import netflow9 as datagram
from tests.conformance.messages import (
    EXPORT_SECONDS,
    Field,
    counted,
    decode,
    flow_set,
    ipfix,
    netflow9,
)
from tests.conformance.messages import netflow9_template as template9
from tests.conformance.messages import template as template10
from tidegauge._core import Decoder
from tidegauge.flow.addresses import address_from_text
from tidegauge.store.batch_rows import batch_rows

LOGSTASH = "logstash-plugins__logstash-codec-netflow/spec/codecs"
START_UPTIME, END_UPTIME, SYSTEM_INIT = 22, 21, 160


def recorded(captures: Path, *names: str) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Flows of one exporter's recordings read in order, and what was counted."""
    decoder = Decoder()
    for name in names:
        while decoder.read(str(captures / LOGSTASH / name), "192.0.2.1"):
            pass
    columns = ("src_addr", "nat_src_addr", "bytes", "packets")
    rows = [
        dict(zip(columns, row, strict=True))
        for batch in decoder.drain()
        if batch.table == "flows"
        for row in batch_rows(batch, columns)
    ]
    return rows, decoder.counters()


@pytest.mark.conformance
@pytest.mark.proves("H2")
def test_templates_that_an_asa_told_once_serve_all_that_comes_later(captures_path: Path) -> None:
    flows, counters = recorded(
        captures_path, "netflow9_test_cisco_asa_1_tpl.dat", *["netflow9_test_cisco_asa_1_data.dat"] * 3
    )
    assert (counters["templates"], counters["lost_no_template"], len(flows)) == (13, 0, 3 * 14)
    # What was recorded lasts for seconds.
    heard = Heard()
    heard.feed(datagram(template(256, (OCTETS, 4), of=0)))
    for hours in (1, 23, 24 * 365):
        assert heard.feed(datagram(data(256, hours)), at=NOW + hours * 3600 * SECOND) == [hours]


@pytest.mark.conformance
@pytest.mark.proves("H10")
def test_a_mikrotik_tells_what_its_addresses_became(captures_path: Path) -> None:
    names = [f"ipfix_test_mikrotik_{part}.dat" for part in ("tpl", "data258", "data259")]
    flows, counters = recorded(captures_path, *names)
    assert counters["lost_no_template"] == 0
    assert any(flow["nat_src_addr"] not in (None, flow["src_addr"]) for flow in flows)


@pytest.mark.proves("C8", "H10")
def test_padding_that_is_not_zero_and_a_template_without_fields_harm_nobody() -> None:
    heard = Heard()
    padded = set_of(256, struct.pack(">I", 100) + b"\xde\xad\xbe")
    empty = set_of(2, words(300, 0))
    assert heard.feed(message(template(256, (OCTETS, 4)), padded, empty, data(256, 7))) == [100, 7]
    # IPFIX takes such a template back; in NetFlow v9 it is one.
    old = datagram(template(300, of=0), data(300, 1), template(256, (OCTETS, 4), of=0), data(256, 8))
    assert heard.feed(old) == [8]


@pytest.mark.proves("H11")
def test_netstream_sends_variable_lengths_in_netflow9_and_names_of_vrfs() -> None:
    fields = [Field(8, 4), Field(236, 65535), Field(2, 4)]
    record = bytes([10, 0, 0, 1]) + counted(b"customer-7") + struct.pack(">I", 3)
    other = bytes([10, 0, 0, 2]) + counted(b"") + struct.pack(">I", 4)
    found = decode(netflow9(template9(256, fields), flow_set(256, record + other)))
    assert [flow["packets"] for flow in found.flows] == [3, 4]
    assert found.values()[0] == ("VRFname", "customer-7")


@pytest.mark.conformance
@pytest.mark.proves("H12")
def test_what_ipt_netflow_reduced_in_size_is_read_whole(captures_path: Path) -> None:
    flows, counters = recorded(captures_path, "netflow9_test_iptnetflow_reduced_size_encoding_tpldata260.dat")
    assert len(flows) == counters["records"] == 12
    assert all(flow["packets"] and flow["bytes"] >= 20 * flow["packets"] for flow in flows)


@pytest.mark.proves("H13")
def test_as_many_templates_as_open_vswitch_has_stand_side_by_side() -> None:
    numbers = range(256, 256 + 88)
    heard = Heard()
    heard.feed(message(*(template(number, (OCTETS, 4)) for number in numbers)))
    assert heard.feed(message(*(data(number, number) for number in numbers))) == list(numbers)


@pytest.mark.proves("H12")
def test_translation_events_need_no_counters_and_may_come_before_their_template() -> None:
    event = template9(256, [Field(323, 8), Field(8, 4), Field(225, 4), Field(230, 1)])
    record = struct.pack(">QIIB", EXPORT_SECONDS * 1000, 0x0A000001, 0xC0000207, 1)
    found = decode(netflow9(flow_set(256, record)), netflow9(event))
    [flow] = found.flows
    assert flow["nat_src_addr"].int == address_from_text("192.0.2.7")
    assert (flow["packets"], flow["bytes"], flow["nat_event"]) == (None, None, 1)


@pytest.mark.proves("H15")
def test_a_barracuda_names_its_rule_and_a_sonicwall_at_least_loses_nothing() -> None:
    """Nobody published SonicWall's elements: number and bytes are kept for who knows them."""
    fields = [Field(4, 65535, enterprise=10704), Field(9, 4, enterprise=8741), Field(8, 4)]
    record = counted(b"MTH:LAN-2-INTERNET") + b"\0\0\1\2" + bytes([10, 0, 0, 1])
    found = decode(ipfix(template10(256, fields), flow_set(256, record)))
    rule = b"MTH:LAN-2-INTERNET"
    assert found.other() == [("barracudaFwRule", rule.decode(), rule), ("8741:9", None, b"\0\0\1\2")]
    assert found.flows[0]["src_addr"].int == address_from_text("10.0.0.1")


@pytest.mark.proves("C1")
def test_a_header_of_netflow9_tells_its_uptime_clock_sequence_and_source() -> None:
    heard = Heard()
    heard.feed(datagram(template(256, (OCTETS, 4), of=0), data(256, 5), sequence=41, source=9, uptime=77_000))
    [told] = heard.messages()
    [exporter] = heard.decoder.exporters()
    assert exporter.observation_domain == 9
    times = template9(256, [Field(START_UPTIME, 4), Field(END_UPTIME, 4)])
    [flow] = decode(netflow9(times, flow_set(256, struct.pack(">II", 1_000, 5_000)), uptime_ms=6_000)).flows
    exported = EXPORT_SECONDS * SECOND
    assert (flow["start"], flow["end"]) == (exported - 5 * SECOND, exported - SECOND)
    header = {field["name"]: field["value"] for field in told["header"]}
    assert header == {
        "version": 9,
        "count": 1,
        "sysUpTime": 77_000,
        "unixSecs": EXPORT_SECONDS,
        "sequenceNumber": 41,
        "sourceId": 9,
    }


@pytest.mark.proves("D13")
def test_uptimes_without_the_start_of_the_system_are_about_the_export_and_kept_as_sent() -> None:
    times = [Field(START_UPTIME, 4), Field(END_UPTIME, 4)]
    record = struct.pack(">II", 1_000, 4_000)
    bare = decode(ipfix(template10(256, times), flow_set(256, record)))
    exported = EXPORT_SECONDS * SECOND
    assert (bare.flows[0]["start"], bare.flows[0]["end"]) == (exported - 3 * SECOND, exported)
    assert bare.values() == [("flowStartSysUpTime", "1000"), ("flowEndSysUpTime", "4000")]
    booted = (EXPORT_SECONDS - 60) * 1000
    known = decode(
        ipfix(
            template10(256, [*times, Field(SYSTEM_INIT, 8)]),
            flow_set(256, record + struct.pack(">Q", booted)),
        )
    )
    assert (known.flows[0]["start"], known.flows[0]["end"]) == (
        (booted + 1_000) * 1_000_000,
        (booted + 4_000) * 1_000_000,
    )


@pytest.mark.proves("I6")
def test_a_template_replaced_while_its_data_waits_or_follows_misreads_nothing() -> None:
    heard = Heard()
    parked = data(256, 1, 2)
    wide = template(256, (OCTETS, 8))
    both = message(parked, template(256, (OCTETS, 4)), data(256, 3), wide, set_of(256, struct.pack(">Q", 4)))
    assert sorted(heard.feed(both)) == [1, 2, 3, 4]
    hollow = set_of(2, words(256, 1) + fields_of([(OCTETS, 0)]))
    assert heard.feed(message(hollow, data(256, 9))) == []
    assert heard.feed(message(template(256, (OCTETS, 4)), data(256, 5)))[-1] == 5


@pytest.mark.proves("I7")
def test_a_flood_of_withdrawals_costs_templates_of_its_own_session_alone() -> None:
    heard = Heard()
    hello = message(template(256, (OCTETS, 4)))
    heard.feed(hello, port=1)
    assert heard.decoder.feed_stream(hello, "192.0.2.9", 2, NOW) is None
    flood = message(*(set_of(2, words(number, 0)) for number in range(256, 256 + 8000)))
    for _ in range(20):
        heard.decoder.feed_stream(flood, "192.0.2.9", 2, NOW)
    heard.decoder.feed_stream(message(data(256, 6)), "192.0.2.9", 2, NOW + SECOND)
    assert heard.octets() == [], "the flooding session took its template back"
    assert heard.feed(message(data(256, 5)), port=1) == [5]
