"""Records are those that the tests of logstash's netflow codec expect: many vendors, in several files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.messages import Decoded
from tests.surroundings import captures
from tidegauge._core import Decoder
from tidegauge.clock.instant_text import text_from_instant

pytestmark = pytest.mark.conformance

FOLDER = captures() / "logstash-plugins__logstash-codec-netflow/spec/codecs"
GOLDEN = FOLDER / "netflow_spec.golden.json"
CASES = (
    [case for case in json.loads(GOLDEN.read_text()) if case["expected_events"]] if GOLDEN.is_file() else []
)
# The codec's words for NetFlow v5 and v9; those for IPFIX are the registry's.
WORDS = {
    "ipv4_src_addr": "sourceIPv4Address",
    "ipv4_dst_addr": "destinationIPv4Address",
    "ipv4_next_hop": "ipNextHopIPv4Address",
    "l4_src_port": "sourceTransportPort",
    "l4_dst_port": "destinationTransportPort",
    "protocol": "protocolIdentifier",
    "tcp_flags": "tcpControlBits",
    "src_tos": "ipClassOfService",
    "in_bytes": "octetDeltaCount",
    "in_pkts": "packetDeltaCount",
    "input_snmp": "ingressInterface",
    "output_snmp": "egressInterface",
    "src_as": "bgpSourceAsNumber",
    "dst_as": "bgpDestinationAsNumber",
    "in_src_mac": "sourceMacAddress",
    "in_dst_mac": "destinationMacAddress",
    "ip_protocol_version": "ipVersion",
    "direction": "flowDirection",
    "conn_id": "flowId",
    "flows": "deltaFlowCount",
    "fw_ext_event": "ciscoFirewallEventExtended",
    "username": "ciscoUserName",
    "xlate_src_addr_ipv4": "ciscoXlateSourceIPv4Address",
    "xlate_dst_addr_ipv4": "ciscoXlateDestinationIPv4Address",
    "xlate_src_port": "ciscoXlateSourcePort",
    "xlate_dst_port": "ciscoXlateDestinationPort",
    "in_permanent_bytes": "octetTotalCount",
    "total_flows_exp": "exportedFlowRecordTotalCount",
    "total_pkts_exp": "exportedMessageTotalCount",
    "total_bytes_exp": "exportedOctetTotalCount",
    "flow_active_timeout": "flowActiveTimeout",
    "flow_inactive_timeout": "flowIdleTimeout",
    "application_name": "applicationName",
    "application_description": "applicationDescription",
    "if_desc": "interfaceDescription",
    "app_id": "paloAltoAppId",
    "user_id": "paloAltoUserId",
    "silkAppLabel": "certSilkAppLabel",
    "flowAttributes": "certFlowAttributes",
    "reverseFlowAttributes": "reverseCertFlowAttributes",
    "initialTCPFlags": "certInitialTCPFlags",
    "unionTCPFlags": "certUnionTCPFlags",
    "reverseInitialTCPFlags": "reverseCertInitialTCPFlags",
    "reverseUnionTCPFlags": "reverseCertUnionTCPFlags",
    "reverseFlowDeltaMilliseconds": "certReverseFlowDeltaMilliseconds",
    "meanFlowRate": "certMeanFlowRate",
    "meanPacketRate": "certMeanPacketRate",
    "flowTableFlushEventCount": "certFlowTableFlushEventCount",
    "flowTablePeakCount": "certFlowTablePeakCount",
    "expiredFragmentCount": "certExpiredFragmentCount",
    "assembledFragmentCount": "certAssembledFragmentCount",
}
# In the header, counted by the codec, or times and shapes of its own.
LEFT_OUT = {
    "version", "flow_seq_num", "flow_records", "flowset_id", "engine_type", "engine_id", "sampling_algorithm",
    "sampling_interval", "first_switched", "last_switched", "event_time_msec", "flow_start_msec",
}  # fmt: skip


def expected(event: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What the codec read, in our words; what neither its nor IANA's words name is left out."""
    for word, value in event["netflow"].items():
        is_ours = "_" not in word and word not in LEFT_OUT and not word.startswith("vmwareUnknown")
        name = WORDS.get(word, word if is_ours else None)
        if name and not isinstance(value, dict | list):
            yield name, text(name, value)


def text(name: str, value: str | int) -> str:
    """The codec writes moments with three digits, or as milliseconds since 1970."""
    if name == "systemInitTimeMilliseconds":
        return text_from_instant(int(value) * 1_000_000)
    return f"{value[:-1]}000000Z" if isinstance(value, str) and name.endswith("Milliseconds") else str(value)


def read(files: list[str]) -> list[set[tuple[str, str]]]:
    decoder = Decoder(verbatim=True)
    for name in files:
        while decoder.read(str(FOLDER / name), "::"):
            pass
    found = Decoded.of(decoder)
    return [
        {(each["element"], each["value"]) for each in [*row["other"], *(row.get("scope") or ())]}
        for row in [*found.flows, *found.options]
    ]


@pytest.mark.proves("D28", "C18", "H1", "H8", "H17")
@pytest.mark.parametrize("golden", CASES, ids=lambda golden: golden["name"])
def test_records_are_those_expected(golden: dict[str, Any]) -> None:
    records = read(golden["files"])
    for event in golden["expected_events"]:
        wanted = set(expected(event))
        assert len(wanted) > 1
        nearest = min(records, key=lambda record: len(wanted - record))
        assert not wanted - nearest
