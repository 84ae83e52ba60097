"""Every element of the registry, and of every shared capture, has a name."""

from __future__ import annotations

import csv
import re
from collections import Counter

import pytest

from tests.conformance.messages import VARIABLE, Decoded, Field, counted, decode, flow_set, ipfix, template
from tests.conformance.oracle import CASES
from tests.surroundings import captures
from tidegauge._core import Decoder

REGISTRY = captures() / "registry"
NAMELESS = re.compile(r"\d+:\d+")


def elements(paths: tuple[str, ...]) -> Counter[str]:
    """Names in a case, told by whatever record."""
    decoder = Decoder(verbatim=True)
    for path in paths:
        while decoder.read(path, "::"):
            pass
    found = Decoded.of(decoder)
    return Counter(
        each["element"]
        for row in [*found.flows, *found.options]
        for each in [*(row.get("scope") or ()), *(row["other"] or ())]
    )


@pytest.mark.conformance
@pytest.mark.proves("D28", "D17")
def test_no_element_of_any_capture_is_nameless() -> None:
    nameless = {
        (case.name, name) for case in CASES for name in elements(case.paths) if NAMELESS.fullmatch(name)
    }
    assert nameless == set()


@pytest.mark.conformance
@pytest.mark.proves("D28")
def test_every_element_of_the_registry_is_known_by_its_name() -> None:
    wanted: dict[int, str] = {}
    for name in ("iana_ipfix_information_elements.2023-06-08.csv", "iana_ipfix_addendum_503-533.csv"):
        with (REGISTRY / name).open(newline="") as file:
            wanted |= {
                int(row["ElementID"]): row["Name"]
                for row in csv.DictReader(file)
                if row["ElementID"].isdigit() and row["Abstract Data Type"]
            }
    assert max(wanted) == 533
    decoded = [
        decode(ipfix(template(256, [Field(number, 3)]), flow_set(256, b"\1\2\3")), verbatim=True)
        for number in wanted
    ]
    assert [found.other()[0][0] for found in decoded] == list(wanted.values())


VENDORS = [
    (6876, 880, b"\6", "vmwareTenantProtocol", "6"),
    (6876, 893, bytes(4), "vmwareTunnelSourceIPv4Address", "0.0.0.0"),
    (6876, 961, b"vif-1\0", "vmwareVifId", "vif-1"),
    (5951, 130, b"/index", "netscalerHttpReqUrl", "/index"),
    (10704, 6, b"\0\0\0\7", "barracudaReason", "7"),
    (35632, 188, b"a.example", "ntopTlsServerName", "a.example"),
    (6871, 33, b"\0\x50", "certSilkAppLabel", "80"),
    (26866, 204, b"a.example", "gigamonDnsQueryName", "a.example"),
    (3054, 126, b"\x42\x05\0\0", "ixiaSourceIpLatitude", "33.25"),
    (15397, 67, b"\xff\xff\xff\xfe", "proceraInternalJitter", "-2"),
    (637, 93, b"LSN-Host@10.0.0.1", "nokiaNatSubString", "LSN-Host@10.0.0.1"),
    (2636, 137, b"\0\0\0\1", "juniperCommonPropertiesId", "1"),
    (2011, 1, b"\0\1", "huaweiIngressGponGemPortId", "1"),
    (12276, 26, b"policy", "f5AclPolicyName", "policy"),
    (39499, 2, b"/index", "flowmonHttpUrl", "/index"),
    (8057, 1, b"\3", "cesnetDNSRCode", "3"),
    (9, 12242, b"\0\0\0\1", "ciscoConnectionId", "1"),
]


@pytest.mark.proves("H3", "H13", "H16", "H17", "H18")
@pytest.mark.parametrize(("enterprise", "number", "raw", "name", "value"), VENDORS)
def test_vendors_elements_have_names_and_types(
    enterprise: int, number: int, raw: bytes, name: str, value: str
) -> None:
    message = ipfix(template(256, [Field(number, len(raw), enterprise)]), flow_set(256, raw))
    assert decode(message, verbatim=True).other() == [(name, value, raw)]


@pytest.mark.proves("H14")
def test_sixty_fields_of_variable_length_stand_in_their_order() -> None:
    numbers = range(128, 188)
    values = [b"value %d" % number * (number % 7) for number in numbers]
    raw = b"".join(map(counted, values))
    message = ipfix(
        template(256, [Field(number, VARIABLE, 5951) for number in numbers]), flow_set(256, raw * 2)
    )
    for row in (0, 1):
        raws = [kept for _, _, kept in decode(message).other(row)]
        assert raws == values


@pytest.mark.proves("E19")
def test_the_original_exporter_is_kept_by_name() -> None:
    fields = [Field(403, 4), Field(405, 4), Field(406, 4)]
    data = bytes([192, 0, 2, 9]) + (7).to_bytes(4) + (8).to_bytes(4)
    assert decode(ipfix(template(256, fields), flow_set(256, data))).values() == [
        ("originalExporterIPv4Address", "192.0.2.9"),
        ("originalObservationDomainId", "7"),
        ("intermediateProcessId", "8"),
    ]
