"""Shared captures of sFlow and of NetFlow without templates: each value as tshark saw it."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.oracle import CASES, Case
from tests.surroundings import captures
from tidegauge._core import Decoder
from tidegauge.store.batch_rows import batch_rows

pytestmark = pytest.mark.conformance

Values = list[tuple[str, str]]
VERSIONS = {"netflow1", "netflow8", "sflow5"}

# What tshark calls a field, and what the specification does.
NAMES = {
    "sflow.flow_sample.sequence_number": "flow_sample.sequence_number",
    "sflow.flow_sample.sampling_rate": "flow_sample.sampling_rate",
    "sflow.flow_sample.sample_pool": "flow_sample.sample_pool",
    "sflow.flow_sample.dropped_packets": "flow_sample.drops",
    "sflow.counters_sample.sequence_number": "counters_sample.sequence_number",
    "sflow_245.header_protocol": "sampled_header.protocol",
    "sflow_245.header.frame_length": "sampled_header.frame_length",
    "sflow_245.header.payload_stripped": "sampled_header.stripped",
    "sflow_245.header": "sampled_header.header",
    "sflow_245.vlan.in": "extended_switch.src_vlan",
    "sflow_245.pri.in": "extended_switch.src_priority",
    "sflow_245.vlan.out": "extended_switch.dst_vlan",
    "sflow_245.pri.out": "extended_switch.dst_priority",
    "sflow_245.nexthop": "extended_router.nexthop",
    "sflow_245.nexthop.src_mask": "extended_router.src_mask_len",
    "sflow_245.nexthop.dst_mask": "extended_router.dst_mask_len",
    **{
        f"sflow_245.if{theirs}": f"if_counters.if{ours}"
        for theirs, ours in {
            "index": "Index", "type": "Type", "speed": "Speed", "direction": "Direction", "inoct": "InOctets",
            "inpkt": "InUcastPkts", "inmcast": "InMulticastPkts", "inbcast": "InBroadcastPkts",
            "indisc": "InDiscards", "inerr": "InErrors", "inunk": "InUnknownProtos", "outoct": "OutOctets",
            "outpkt": "OutUcastPkts", "outmcast": "OutMulticastPkts", "outbcast": "OutBroadcastPkts",
            "outdisc": "OutDiscards", "outerr": "OutErrors", "promisc": "PromiscuousMode",
        }.items()
    },
    "cflow.flows": "deltaFlowCount", "cflow.packets": "packetDeltaCount", "cflow.octets": "octetDeltaCount",
    "cflow.srcaddr": "sourceIPv4Address", "cflow.dstaddr": "destinationIPv4Address",
    "cflow.nexthop": "ipNextHopIPv4Address", "cflow.srcport": "sourceTransportPort",
    "cflow.dstport": "destinationTransportPort", "cflow.protocol": "protocolIdentifier",
    "cflow.inputint": "ingressInterface", "cflow.outputint": "egressInterface",
    "cflow.srcas": "bgpSourceAsNumber", "cflow.dstas": "bgpDestinationAsNumber",
    "cflow.srcmask": "sourceIPv4PrefixLength", "cflow.dstmask": "destinationIPv4PrefixLength",
    "cflow.srcnet": "sourceIPv4Prefix", "cflow.dstnet": "destinationIPv4Prefix",
    "cflow.tos": "ipClassOfService", "cflow.tcpflags": "tcpControlBits",
    "cflow.timestart": "flowStartSysUpTime", "cflow.timeend": "flowEndSysUpTime",
}  # fmt: skip
NAMES |= {f"sflow_245.dot3Stats{each}": f"ethernet_counters.dot3Stats{each}" for each in (
    "AlignmentErrors", "FCSErrors", "SingleCollisionFrames", "MultipleCollisionFrames", "SQETestErrors",
    "DeferredTransmissions", "LateCollisions", "ExcessiveCollisions", "InternalMacTransmitErrors",
    "CarrierSenseErrors", "FrameTooLongs", "InternalMacReceiveErrors", "SymbolErrors",
)}  # fmt: skip
NAMES |= {f"sflow_245.dot12{each}": f"vg_counters.dot12{each}" for each in (
    "InHighPriorityFrames", "InHighPriorityOctets", "InNormPriorityFrames", "InNormPriorityOctets",
    "InIPMErrors", "InDataErrors", "InNullAddressedFrames", "OutHighPriorityFrames", "OutHighPriorityOctets",
    "TransitionIntoTrainings", "HCInHighPriorityOctets", "HCInNormPriorityOctets", "HCOutHighPriorityOctets",
)}  # fmt: skip
OURS = set(NAMES.values())
UPTIMES = {"flowStartSysUpTime", "flowEndSysUpTime"}
BYTES = {"sampled_header.header"}
UNKNOWN_TO_TSHARK = ("host_", "port_name.", "0.2001")
"""Behind counters that it does not know tshark 4.0 loses its place. The golden files of telegraf and tcpdump
say what such samples hold."""


def theirs(case: Case) -> Iterator[tuple[str, Values]]:
    """Flows and options as tshark saw them, in order."""
    name = Path(case.paths[0]).relative_to(captures()).as_posix().replace("/", "_")
    with gzip.open(captures() / "tshark_values" / f"{name}.jsonl.gz", "rt") as lines:
        for line in lines:
            row = json.loads(line)
            kind = "options" if "ounters" in row.get("sample", "") else "flows"
            # A header is shown with what fills it up to whole words.
            lengths = [
                int(value) for key, value in row["v"] if key == "sflow_245.header.sampled_header_length"
            ]
            values = [
                (key, value[: 3 * lengths[0] - 1] if key == "sflow_245.header" else value)
                for key, value in row["v"]
            ]
            yield kind, [(NAMES[key], _number(NAMES[key], value)) for key, value in values if key in NAMES]


def _number(name: str, value: str) -> str:
    if name in UPTIMES:
        return str(round(float(value) * 1000))
    return str(int(value, 16)) if value.startswith("0x") else value


def ours(case: Case) -> dict[str, list[Values]]:
    """The same as we see them; what an agent does not count is what it sends for that."""
    decoder = Decoder(verbatim=True)
    found: dict[str, list[Values]] = {"flows": [], "options": []}
    while decoder.read(case.paths[0], "::"):
        for batch in decoder.drain():
            if batch.table in found:
                columns = ("other",) if batch.table == "flows" else ("scope", "other")
                for row in batch_rows(batch, columns):
                    elements = [each for part in row for each in part or ()]
                    found[batch.table].append([_shown(each) for each in elements])
    return found


def _shown(each: dict[str, Any]) -> tuple[str, str]:
    name, value, raw = each["element"], each["value"], bytes(each["raw"])
    if name in BYTES:
        return name, raw.hex(":")
    return name, str(int.from_bytes(raw)) if value is None else str(value)


CAPTURED = [case for case in CASES if case.scope == "file" and VERSIONS & {key for key, _ in case.records}]


@pytest.mark.proves("B1", "B10", "F2", "F7", "F8")
@pytest.mark.parametrize("captured", CAPTURED, ids=[case.name for case in CAPTURED])
def test_every_value_is_what_tshark_saw(captured: Case) -> None:
    found = ours(captured)
    for kind, expected in theirs(captured):
        mine = found[kind].pop(0)
        if not any(name.startswith(UNKNOWN_TO_TSHARK) for name, _ in mine):
            assert sorted(each for each in mine if each[0] in OURS) == sorted(expected)
    assert not found["options"]
    assert len(found["flows"]) == captured.records["netflow5", "records"]  # MISSED by the oracle


def test_an_interface_behind_its_name_is_what_telegraf_says() -> None:
    """Its golden file names what it takes from both structures."""
    folder = captures() / "influxdata__telegraf/plugins/inputs/netflow/testcases/sflow_v5_example"
    fields = (folder / "expected.out").read_text().split(" ")[1].split(",")
    expected = {
        name: value.strip('"').removesuffix("u")
        for name, _, value in (each.partition("=") for each in fields)
    }
    told = dict(_elements(folder / "sflow_v5.bin")[0])
    theirs_by_ours = {
        "port_name.name": "port_name", "if_counters.ifIndex": "interface", "if_counters.ifSpeed": "speed",
        "if_counters.ifInOctets": "in_bytes", "if_counters.ifInUcastPkts": "in_unicast_packets_total",
        "if_counters.ifInMulticastPkts": "in_mcast_packets_total", "if_counters.ifInErrors": "in_errors",
        "if_counters.ifOutOctets": "out_bytes", "if_counters.ifOutUcastPkts": "out_unicast_packets_total",
        "if_counters.ifOutBroadcastPkts": "out_broadcast_packets_total",
        "if_counters.ifPromiscuousMode": "promiscuous", "sample_datagram.uptime": "sys_uptime",
    }  # fmt: skip
    assert {name: told[name] for name in theirs_by_ours} == {
        name: expected[theirs] for name, theirs in theirs_by_ours.items()
    }


@pytest.mark.parametrize("name", ["sflow-print-v6", "sflow_multiple_counter_30_pdus"])
def test_interfaces_have_counted_what_tcpdump_says(name: str) -> None:
    folder = captures() / "the-tcpdump-group__tcpdump/tests"
    text = (folder / f"{name}.out").read_text()
    pattern = (
        r"ifindex (\d+), iftype (\d+), ifspeed (\d+), .*?In octets (\d+), unicast pkts (\d+), "
        r"multicast pkts (\d+), broadcast pkts (\d+), discards (\d+).*?Out octets (\d+), unicast pkts (\d+)"
    )
    columns = ("Index", "Type", "Speed", "InOctets", "InUcastPkts", "InMulticastPkts", "InBroadcastPkts",
               "InDiscards", "OutOctets", "OutUcastPkts")  # fmt: skip
    expected = re.findall(pattern, text, re.DOTALL)
    told = [dict(elements) for elements in _elements(folder / f"{name}.pcap")]
    found = [
        tuple(each[f"if_counters.if{column}"] for column in columns)
        for each in told
        if "if_counters.ifIndex" in each
    ]
    assert len(expected) > 40
    assert found == expected


def _elements(path: Path) -> list[Values]:
    """The elements of the counter samples in a file."""
    decoder, found = Decoder(), []
    while decoder.read(str(path), "::"):
        for batch in decoder.drain():
            if batch.table == "options":
                found += [[_shown(each) for each in other] for (other,) in batch_rows(batch, ("other",))]
    return found
