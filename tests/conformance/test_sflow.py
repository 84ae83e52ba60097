"""sFlow 5: what each part of a datagram becomes."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.conformance.sflow import (
    AGENT,
    FRAME,
    RECEIVED,
    address,
    counters_sample,
    datagram,
    ethernet,
    expanded_flow_sample,
    feed,
    flow_sample,
    header,
    interface_counters,
    ipv4,
    opaque,
    record,
    rows,
    tcp,
    words,
)
from tidegauge._core import Decoder
from tidegauge.store.batch_rows import batch_rows


def other(*records: bytes) -> dict[str, str | None]:
    [row] = rows(feed(datagram(flow_sample(*records))), "other")
    assert isinstance(row["other"], dict)
    return row["other"]


@pytest.mark.proves("F1", "F9", "F10", "F11", "F12")
def test_a_sample_is_a_packet_that_was_seen_when_it_arrived() -> None:
    decoder = feed(datagram(flow_sample(header(FRAME, length=1518, stripped=4)), sub_agent=7))
    columns = (
        "exporter", "observation_domain", "protocol_version", "start", "end", "src_addr", "dst_addr",
        "src_port", "dst_port", "protocol", "tcp_flags", "tos", "ttl", "packets", "bytes",
        "sampling_interval", "in_interface", "out_interface", "direction", "src_mac", "dst_mac", "vlan",
        "template_id",
    )  # fmt: skip
    [row] = rows(decoder, *columns)
    assert row == {
        "exporter": AGENT, "observation_domain": 7, "protocol_version": "sflow5", "start": RECEIVED,
        "end": RECEIVED, "src_addr": "10.1.0.1", "dst_addr": "10.2.0.2", "src_port": 40_000, "dst_port": 443,
        "protocol": 6, "tcp_flags": 0x18, "tos": 0x28, "ttl": 61, "packets": 1, "bytes": 40,
        "sampling_interval": 100, "in_interface": 3, "out_interface": 4, "direction": 0,
        "src_mac": "02:00:00:00:00:01", "dst_mac": "02:00:00:00:00:02", "vlan": None, "template_id": None,
    }  # fmt: skip


@pytest.mark.proves("F9")
def test_the_frame_and_the_accounts_of_the_source_are_kept_beside_it() -> None:
    assert other(header(FRAME, length=1518, stripped=4)) == {
        "flow_sample.sequence_number": "1",
        "flow_sample.source_id": "0:3",
        "flow_sample.sample_pool": "1000",
        "flow_sample.drops": "0",
        "sampled_header.protocol": "1",
        "sampled_header.frame_length": "1518",
        "sampled_header.stripped": "4",
    }


def test_a_packet_is_no_longer_than_the_frame_that_held_it() -> None:
    forged = ipv4(tcp())[:2] + b"\xff\xff" + ipv4(tcp())[4:]
    samples = (forged, ipv4(tcp())), (ethernet(b"arp", 0x0806),)
    [first, second, arp] = [ethernet(packet, 0x0800) for packet in samples[0]] + list(samples[1])
    decoder = feed(datagram(*(flow_sample(header(frame, length=90)) for frame in (first, second, arp))))
    assert [row["bytes"] for row in rows(decoder, "bytes")] == [90, 40, 90]


@pytest.mark.proves("F1", "A5")
def test_agents_have_addresses_of_both_families_or_none() -> None:
    agents = ("2001:db8::9", "192.0.2.9", "0.0.0.0")
    decoder = feed(*(datagram(flow_sample(header(FRAME)), agent=agent) for agent in agents))
    assert [row["exporter"] for row in rows(decoder, "exporter")] == ["2001:db8::9", "192.0.2.9", "192.0.2.1"]


@pytest.mark.proves("F2", "F3", "F4")
def test_compact_and_expanded_samples_say_the_same() -> None:
    columns = ("in_interface", "out_interface", "direction", "sampling_interval", "src_port", "bytes")
    decoder = feed(datagram(flow_sample(header(FRAME)), expanded_flow_sample(header(FRAME))))
    [compact, expanded] = rows(decoder, *columns)
    assert compact == expanded


@pytest.mark.proves("F4")
@pytest.mark.parametrize(
    ("word", "index", "kept"),
    [
        (7, 7, None),
        (0, None, None),
        (0x3FFFFFFF, None, "1073741823"),
        (0x40000100, None, "1073742080"),
        (0x80000003, None, "2147483651"),
    ],
)
def test_an_interface_is_an_index_or_kept_as_it_was_sent(
    word: int, index: int | None, kept: str | None
) -> None:
    [row] = rows(feed(datagram(flow_sample(header(FRAME), interfaces=(1, word)))), "out_interface", "other")
    assert (row["out_interface"], row["other"].get("flow_sample.output")) == (index, kept)


@pytest.mark.proves("F4")
def test_an_index_may_need_all_its_bits_in_the_expanded_form() -> None:
    interfaces = (0, 2**31, 2, 5)
    [row] = rows(
        feed(datagram(expanded_flow_sample(header(FRAME), interfaces=interfaces))),
        "in_interface", "out_interface", "other",
    )  # fmt: skip
    assert (row["in_interface"], row["out_interface"]) == (2**31, None)
    assert (row["other"]["flow_sample.output_format"], row["other"]["flow_sample.output_value"]) == ("2", "5")


@pytest.mark.parametrize(
    ("interfaces", "direction"), [((3, 4), 0), ((4, 3), 1), ((3, 3), None), ((1, 2), None)]
)
def test_the_source_tells_on_which_way_a_packet_was_seen(
    interfaces: tuple[int, int], direction: int | None
) -> None:
    [row] = rows(feed(datagram(flow_sample(header(FRAME), interfaces=interfaces))), "direction")
    assert row["direction"] == direction


@pytest.mark.proves("F2")
def test_a_discarded_packet_is_a_row_without_counts() -> None:
    head = words(9, 0, 3, 2, 3, 0, 256, 1)
    decoder = feed(datagram(record(5, head + header(FRAME))))
    columns = ("src_addr", "in_interface", "out_interface", "packets", "bytes", "sampling_interval", "other")
    [row] = rows(decoder, *columns)
    told = row.pop("other")
    assert list(row.values()) == ["10.1.0.1", 3, None, None, None, None]
    assert told["discarded_packet.reason"] == "256"
    assert decoder.counters()["records"] == 1


@pytest.mark.proves("F2", "A3")
def test_samples_and_records_that_nobody_knows_are_kept_by_their_numbers() -> None:
    unknown = record(77, b"what it says", enterprise=8800)
    decoder = feed(datagram(unknown, flow_sample(unknown, header(FRAME)), counters_sample(unknown)))
    batches = decoder.drain()
    kept = [
        (row["element"], bytes(row["raw"]))
        for batch in batches
        if batch.table in {"flows", "options"}
        for (found,) in batch_rows(batch, ("other",))
        for row in found
        if "." in row["element"] and row["element"][0].isdigit()
    ]
    assert kept == [("8800.77", b"what it says")] * 3
    assert decoder.counters()["records"] == 1
    assert decoder.counters()["option_records"] == 2
    [row] = rows(feed(datagram(flow_sample(unknown, header(FRAME)))), "src_port")
    assert row["src_port"] == 40_000, "what follows it is read"


@pytest.mark.proves("F5")
def test_what_follows_the_known_fields_of_a_record_is_passed_over() -> None:
    router = address("192.0.2.254") + words(24, 16)
    [row] = rows(
        feed(datagram(flow_sample(record(1002, router + b"more"), header(FRAME)))),
        "next_hop", "src_prefix_length", "dst_prefix_length", "src_port",
    )  # fmt: skip
    assert list(row.values()) == ["192.0.2.254", 24, 16, 40_000]


@pytest.mark.proves("F5")
def test_records_of_odd_lengths_are_filled_up() -> None:
    name = record(1038, opaque(b"odd")[:-1])
    told = other(name, header(FRAME))
    assert told["extended_function.symbol"] == "odd"
    assert told["sampled_header.frame_length"] == str(len(FRAME)), "the next record is where the filler ends"


@pytest.mark.proves("F6", "A1")
def test_a_damaged_sample_costs_itself_alone() -> None:
    damaged = record(1, words(1, 3, 100))
    decoder = feed(datagram(flow_sample(header(FRAME)), damaged, flow_sample(header(FRAME), sequence=2)))
    assert len(rows(decoder, "src_port")) == 2
    assert decoder.counters()["malformed_bad_sample"] == 1


@pytest.mark.proves("F7")
def test_what_switches_and_routers_know_fills_its_columns() -> None:
    path = words(2, 2, 2, 64500, 64501, 1, 2, 64502, 64503)
    gateway = address("192.0.2.253") + words(64496, 64497, 64498) + path + words(2, 64500 << 16 | 7, 1, 100)
    records = (
        record(1001, words(12, 1, 13, 2)),
        record(1002, address("192.0.2.254") + words(24, 16)),
        record(1003, gateway),
        record(1004, words(106) + opaque(b"ann") + words(106) + opaque(b"bob")),
        record(1005, words(2) + opaque(b"GET / HTTP/1.1") + opaque(b"example.com")),
        record(1007, address("203.0.113.1") + address("203.0.113.2")),
        record(1020, words(61_000, 8443)),
    )
    columns = (
        "vlan", "next_hop", "src_prefix_length", "dst_prefix_length", "src_as", "dst_as", "user", "site",
        "nat_src_addr", "nat_dst_addr", "nat_src_port", "nat_dst_port", "other",
    )  # fmt: skip
    [row] = rows(feed(datagram(flow_sample(header(FRAME), *records))), *columns)
    told = row.pop("other")
    assert row == {
        "vlan": 12, "next_hop": "192.0.2.254", "src_prefix_length": 24, "dst_prefix_length": 16,
        "src_as": 64497, "dst_as": 64503, "user": "ann", "site": "example.com", "nat_src_addr": "203.0.113.1",
        "nat_dst_addr": "203.0.113.2", "nat_src_port": 61_000, "nat_dst_port": 8443,
    }  # fmt: skip
    assert {name: value for name, value in told.items() if "gateway" in name} == {
        "extended_gateway.nexthop": "192.0.2.253",
        "extended_gateway.as": "64496",
        "extended_gateway.src_peer_as": "64498",
        "extended_gateway.dst_as_path": "64500 64501 {64502,64503}",
        "extended_gateway.communities": "64500:7 0:1",
        "extended_gateway.localpref": "100",
    }
    assert told["extended_user.dst_user"] == "bob"
    assert told["extended_switch.dst_vlan"] == "13"
    assert told["extended_url.url"] == "GET / HTTP/1.1"


@pytest.mark.proves("F7")
def test_a_packet_told_without_its_bytes_fills_the_same_columns() -> None:
    v4 = words(40, 6) + bytes([10, 1, 0, 1, 10, 2, 0, 2]) + words(40_000, 443, 0x18, 0x28)
    v6 = words(60, 17) + bytes(15) + b"\1" + bytes(15) + b"\2" + words(5000, 53, 0, 4)
    frame = words(64) + bytes.fromhex("020000000001 0000 020000000002 0000") + words(0x0800)
    columns = (
        "src_addr",
        "dst_addr",
        "src_port",
        "dst_port",
        "protocol",
        "tcp_flags",
        "tos",
        "bytes",
        "src_mac",
    )
    decoder = feed(datagram(flow_sample(record(2, frame), record(3, v4)), flow_sample(record(4, v6))))
    first, second = rows(decoder, *columns)
    assert list(first.values()) == [
        "10.1.0.1", "10.2.0.2", 40_000, 443, 6, 0x18, 0x28, 40, "02:00:00:00:00:01"
    ]  # fmt: skip
    assert list(second.values()) == ["::1", "::2", 5000, 53, 17, 0, 4, 60, None]


@pytest.mark.proves("F7")
@pytest.mark.parametrize(
    ("tag", "body", "expected"),
    [
        (1006, address("192.0.2.5") + words(2, 0x12345, 7, 1, 9),
         {"extended_mpls.in_stack": "74565 7", "extended_mpls.out_stack": "9"}),
        (1008, opaque(b"lsp") + words(5, 6), {"extended_mpls_tunnel.tunnel_lsp_name": "lsp"}),
        (1012, words(2, 0x81000007, 0x81000008), {"extended_vlantunnel.stack": "2164260871 2164260872"}),
        (1023, words(120, 17, 1, 2, 3, 4789, 0, 0), {"extended_ipv4_tunnel_egress.dst_port": "4789"}),
        (1030, words(5010), {"extended_vni_ingress.vni": "5010"}),
        (1036, words(4), {"extended_egress_queue.queue": "4"}),
        (1037, words(11) + opaque(b"guard") + words(2), {"extended_acl.name": "guard"}),
        (1042, opaque(b"no_socket"), {"extended_linux_drop_reason.reason": "no_socket"}),
    ],
)  # fmt: skip
def test_what_has_no_column_is_kept_by_name(tag: int, body: bytes, expected: dict[str, str]) -> None:
    told = other(record(tag, body), header(FRAME))
    assert {name: told.get(name) for name in expected} == expected


@pytest.mark.proves("F8")
def test_counters_are_rows_of_their_own_by_name() -> None:
    processor = record(1001, struct.pack(">IIIQQ", 1234, 0xFFFFFFFF, 99, 2**33, 2**32))
    sample = counters_sample(interface_counters(3, (2**40, 5)), processor)
    decoder = feed(datagram(sample))
    [row] = rows(decoder, "exporter", "template_id", "scope", "other", table="options")
    assert (row["exporter"], row["template_id"]) == (AGENT, None)
    assert row["scope"] == {"counters_sample.source_id": "0:3"}
    told = row["other"]
    assert (told["if_counters.ifInOctets"], told["if_counters.ifOutOctets"]) == (str(2**40), "5")
    assert (told["processor.5s_cpu"], told["processor.1m_cpu"]) == ("1234", None), "all bits set are unknown"
    assert told["sample_datagram.uptime"] == "86400000"
    assert (decoder.counters()["records"], decoder.counters()["option_records"]) == (0, 1)


@pytest.mark.proves("F8")
def test_counters_of_radio_optics_adapters_and_programs_have_names() -> None:
    lanes = words(2, *range(1, 11), *range(11, 21))
    adapters = words(1, 7, 1) + bytes.fromhex("020000000001") + bytes(2)
    sample = counters_sample(
        record(6, words(*range(20))),
        record(10, words(1, 2, 3300, 35) + lanes),
        record(2001, adapters),
        record(2106, struct.pack(">8Q9I", *range(17))),
        record(2201, words(*range(15))),
        record(2202, opaque(b"shop") + words(*range(11))),
        record(2203, struct.pack(">IIQQIIII", *range(8))),
        record(2206, words(*range(5))),
    )
    decoder = feed(datagram(sample))
    [row] = rows(decoder, "other", table="options")
    told = row["other"]
    assert told["ieee80211_counters.dot11QoSCFPollsLostCount"] == "19"
    assert told["sfp.optical_lanes"] == "1 2 3 4 5 6 7 8 9 10, 11 12 13 14 15 16 17 18 19 20"
    assert told["host_adapters.adapters"] == "7 02:00:00:00:00:01"
    assert (told["jvm_statistics.thread_num_started"], "jvm_statistics.fd_open_count" in told) == (
        "16",
        False,
    )
    assert (told["http_counters.status_other_count"], told["app_operations.application"]) == ("14", "shop")
    assert (told["app_resources.conn_max"], told["app_workers.req_dropped"]) == ("7", "4")
    assert decoder.counters()["malformed_bad_sample"] == 0


@pytest.mark.proves("A8")
@pytest.mark.parametrize(("room", "missing"), [(2, 0), (64, 3)])
def test_sources_that_fell_silent_make_room(room: int, missing: int) -> None:
    decoder = Decoder(settings={"sources": room})
    samples = [flow_sample(header(FRAME), source=source) for source in range(1, 9)]
    for sample in (*samples, flow_sample(header(FRAME), source=1, sequence=5)):
        decoder.feed(datagram(sample), AGENT, 6343, RECEIVED)
    assert decoder.counters()["missing_samples"] == missing


@pytest.mark.proves("F10", "A4")
def test_what_is_missing_is_counted_by_agent_and_by_source() -> None:
    sent = [
        datagram(flow_sample(header(FRAME), sequence=number, drops=drops), sequence=number, sub_agent=agent)
        for agent in (0, 1)
        for number, drops in ((1, 0), (2, 3), (6, 3))
    ]
    decoder = feed(*sent, of_another_source())
    decoder.drain()
    counters = decoder.counters()
    assert (counters["lost_sequence"], counters["missing_samples"], counters["dropped_samples"]) == (6, 6, 6)


def of_another_source() -> bytes:
    """Another source of an agent has numbers of its own."""
    return datagram(flow_sample(header(FRAME), source=9, sequence=500), sequence=7)


@pytest.mark.proves("F13")
@pytest.mark.parametrize("version", [2, 4])
def test_older_versions_are_refused_by_name(version: int) -> None:
    counters = feed(datagram(flow_sample(header(FRAME)), version=version)).counters()
    assert (counters["malformed_old_sflow"], counters["datagrams"]) == (1, 0)


@pytest.mark.proves("G2", "G4", "G8")
def test_tags_labels_and_tunnels_are_kept_beside_the_outer_packet() -> None:
    vxlan = struct.pack(">HHHH", 1234, 4789, 8 + 8 + len(FRAME), 0) + b"\x08" + bytes(7) + FRAME
    outer = ipv4(vxlan, protocol=17, src="192.0.2.50", dst="192.0.2.60")
    frame = ethernet(outer, 0x88A8, 7, 0x8100, 9, 0x8847, 0x0001, 0x01FF, 0x0800)[: -len(outer) - 2] + outer
    [row] = rows(feed(datagram(flow_sample(header(frame)))), "vlan", "src_addr", "dst_port", "bytes", "other")
    told = row.pop("other")
    assert list(row.values()) == [7, "192.0.2.50", 4789, len(outer)]
    assert told["dot1qCustomerVlanId"] == "9"
    assert "mplsTopLabelStackSection" in told
    assert (told["inner.src_addr"], told["inner.dst_port"]) == ("10.1.0.1", "443")


@pytest.mark.proves("G3")
def test_ports_that_were_cut_off_are_absent() -> None:
    for length, expected in ((34, [None, None]), (36, [40_000, None]), (38, [40_000, 443])):
        [row] = rows(feed(datagram(flow_sample(header(FRAME[:length], length=1500)))), "src_port", "dst_port")
        assert list(row.values()) == expected


@pytest.mark.proves("G1")
def test_bytes_that_nobody_can_read_are_kept() -> None:
    told = other(header(b"frame relay", protocol=5))
    assert told["sampled_header.protocol"] == "5"
    assert "sampled_header.header" in told
    assert "sampled_header.header" not in other(header(FRAME))


def test_verbatim_every_field_is_told_and_none_fills_a_column() -> None:
    decoder = feed(datagram(flow_sample(header(FRAME), record(1002, address("192.0.2.254") + words(24, 16)))),
                   verbatim=True)  # fmt: skip
    [row] = rows(decoder, "src_addr", "bytes", "next_hop", "other")
    told = row.pop("other")
    assert list(row.values()) == [None] * 3
    assert (told["flow_sample.sampling_rate"], told["flow_sample.input"]) == ("100", "3")
    assert told["extended_router.nexthop"] == "192.0.2.254"
    assert "sampled_header.header" in told


@pytest.mark.proves("F1", "I9", "A2")
@pytest.mark.parametrize(
    "hostile",
    [
        datagram()[:-4] + words(2**32 - 1),
        datagram(record(1, words(1, 3, 100, 1, 0, 3, 4, 2**32 - 1))),
        datagram(counters_sample()[:-4] + words(2**32 - 1)),
        datagram(flow_sample(record(1003, address("192.0.2.1") + words(1, 2, 3, 2**32 - 1)))),
        datagram(flow_sample(record(1003, address("192.0.2.1") + words(1, 2, 3, 1, 2, 2**32 - 1, 5)))),
        datagram(flow_sample(record(1006, address("192.0.2.1") + words(2**32 - 1)))),
        datagram(flow_sample(words(1, 2**32 - 1))),
        datagram(words(1, 2**32 - 1)),
        datagram(flow_sample(record(1, words(1, 64, 0, 2**32 - 1)))),
    ],
)
def test_counts_and_lengths_of_four_billion_end_with_the_bytes(hostile: bytes) -> None:
    decoder = feed(hostile)
    refused = [count for name, count in decoder.counters().items() if name.startswith("malformed_") and count]
    assert refused == [1], "told once, and not for each that was announced"
    assert decoder.counters()["datagrams"] == 1


@pytest.mark.proves("I10", "A1")
def test_every_cut_of_a_datagram_is_read_to_the_cut() -> None:
    gateway = address("192.0.2.1") + words(1, 2, 3, 1, 2, 2, 64500, 64501, 1, 5, 100)
    whole = datagram(
        flow_sample(header(FRAME), record(1003, gateway)), counters_sample(interface_counters(3, (1, 2)))
    )
    found = [feed(whole[:length]).counters() for length in range(len(whole))]
    assert [counters["records"] for counters in found] == sorted(counters["records"] for counters in found)
    assert all(any(n for name, n in each.items() if name.startswith("malformed_")) for each in found)


@pytest.mark.proves("I11")
def test_a_version_with_its_bytes_swapped_is_unknown() -> None:
    swapped = words(0x05000000) + datagram(flow_sample(header(FRAME)))[4:]
    assert feed(swapped).counters()["malformed_unknown_version"] == 1


@pytest.mark.proves("A7")
def test_a_file_holds_datagrams_one_after_another(tmp_path: Path) -> None:
    path = tmp_path / "two.bin"
    path.write_bytes(datagram(flow_sample(header(FRAME))) * 2)
    decoder = Decoder()
    assert decoder.read(str(path), "::") == 2
