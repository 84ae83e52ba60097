"""Values of every record equal those that tshark reads, element by element."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.messages import Decoded
from tests.conformance.oracle import CASES, Case
from tests.surroundings import captures
from tidegauge._core import Decoder

pytestmark = pytest.mark.conformance

# tshark's words for elements; what it splits, joins or prints in its own way is left out.
WORDS = {
    "octetDeltaCount": "octets",
    "octetTotalCount": "octets",
    "packetDeltaCount": "packets",
    "packetTotalCount": "packets",
    "protocolIdentifier": "protocol",
    "ipClassOfService": "tos",
    "tcpControlBits": "tcpflags",
    "sourceTransportPort": "srcport",
    "destinationTransportPort": "dstport",
    "sourceIPv4Address": "srcaddr",
    "destinationIPv4Address": "dstaddr",
    "sourceIPv6Address": "srcaddrv6",
    "destinationIPv6Address": "dstaddrv6",
    "ipNextHopIPv4Address": "nexthop",
    "ingressInterface": "inputint",
    "egressInterface": "outputint",
    "ingressPhysicalInterface": "ingress_physical_interface",
    "egressPhysicalInterface": "egress_physical_interface",
    "bgpSourceAsNumber": "srcas",
    "bgpDestinationAsNumber": "dstas",
    "sourceIPv4PrefixLength": "srcmask",
    "destinationIPv4PrefixLength": "dstmask",
    "sourceMacAddress": "srcmac",
    "destinationMacAddress": "dstmac",
    "vlanId": "vlanid",
    "postVlanId": "post_vlanid",
    "postOctetDeltaCount": "post_octets",
    "postPacketDeltaCount": "post_packets",
    "ipVersion": "ip_version",
    "ipTTL": "ip_ttl",
    "flowDirection": "direction",
    "flowEndReason": "flow_end_reason",
    "samplingInterval": "sampling_interval",
    "samplingAlgorithm": "sampling_algorithm",
    "samplingPacketInterval": "sampling_packet_interval",
    "samplingPacketSpace": "sampling_packet_space",
    "interfaceName": "if_name",
    "interfaceDescription": "if_descr",
    "applicationName": "appl_name",
    "ethernetType": "ethernet_type",
    "icmpTypeCodeIPv4": "icmp_type_code_ipv4",
    "forwardingStatus": "forwarding_status",
}
Record = tuple[tuple[str, str], ...]


def peer_file(case: Case) -> Any:
    name = case.name.replace("/", "_").replace(" ", "_")
    return captures() / "tshark_values" / f"{name}.jsonl.gz"


COMPARED = [case for case in CASES if case.scope == "file" and peer_file(case).is_file()]


def record(pairs: Iterator[tuple[str, str]]) -> Record:
    return tuple(sorted((word, plain(value)) for word, value in pairs))


def plain(value: str) -> str:
    """tshark prints flags, types of service and ether types in base 16."""
    return str(int(value, 16)) if value.startswith("0x") else value


def read_by_tshark(case: Case) -> Counter[Record]:
    wanted = {f"cflow.{word}" for word in WORDS.values()}
    lines = gzip.decompress(peer_file(case).read_bytes()).splitlines()
    sets = (json.loads(line)["v"] for line in lines)
    return Counter(
        record((word.removeprefix("cflow."), value) for word, value in pairs if word in wanted)
        for pairs in sets
    )


def read_by_us(case: Case) -> Counter[Record]:
    decoder = Decoder(verbatim=True)
    for path in case.paths:
        while decoder.read(path, "::"):
            pass
    found = Decoded.of(decoder)
    return Counter(
        record((WORDS[each["element"]], each["value"]) for each in row["other"] if each["element"] in WORDS)
        for row in [*found.flows, *found.options]
    )


@pytest.mark.proves("D28", "D8", "D29")
@pytest.mark.parametrize("compared", COMPARED, ids=lambda case: case.name)
def test_values_equal_those_that_tshark_reads(compared: Case) -> None:
    theirs, ours = read_by_tshark(compared), read_by_us(compared)
    assert not theirs - ours
