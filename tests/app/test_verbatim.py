from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.numbered_flows import NOON, SECOND, datagrams
from tidegauge.app.verbatim import verbatim_records
from tidegauge.receiving.capture import CaptureReader

# IPFIX (RFC 7011): template 256 with octetDeltaCount twice and an element nobody knows, options template
# 257 with scope meteringProcessId and exportedMessageTotalCount, and a record of each.
MESSAGE = bytes.fromhex(
    "000a 0060 69566b40 00000000 00000007"
    "0002 0018 0100 0003 0001 0004 0001 0004 8abc 0002 0000ffff"
    "0003 0012 0101 0002 0001 008f 0004 0029 0004"
    "0100 0010 00000001 00000002 beef 0000"
    "0101 000e 00000009 0000002a 0000"
)


def records(path: Path, content: bytes) -> list[dict[str, Any]]:
    path.write_bytes(content)
    return list(verbatim_records(CaptureReader([path], exporter="192.0.2.7", verbatim=True)))


def test_every_element_is_there_in_wire_order(tmp_path: Path) -> None:
    length = len(MESSAGE).to_bytes(2, "big")
    options, flow = records(tmp_path / "ipfix", MESSAGE[:2] + length + MESSAGE[4:])
    assert flow == {
        "received": "2026-01-01T12:40:32.000000000Z",
        "exporter": "192.0.2.7",
        "observation_domain": 7,
        "protocol_version": "ipfix",
        "template_id": 256,
        "kind": "flow",
        "elements": [
            {"element": "octetDeltaCount", "value": "1", "raw": "00000001"},
            {"element": "octetDeltaCount", "value": "2", "raw": "00000002"},
            {"element": "65535:2748", "value": None, "raw": "beef"},
        ],
    }
    assert options["kind"] == "options"
    assert options["elements"] == [
        {"element": "meteringProcessId", "value": "9", "raw": "00000009", "scope": True},
        {"element": "exportedMessageTotalCount", "value": "42", "raw": "0000002a"},
    ]


def test_records_of_many_slices_stay_in_order(tmp_path: Path) -> None:
    content = b"".join([*datagrams(range(95)), *datagrams(range(95, 100), NOON + SECOND)])
    found = records(tmp_path / "v5", content)
    octets = [value_of(record, "octetDeltaCount") for record in found]
    assert octets == [str(number) for number in range(100)]


def value_of(record: dict[str, Any], name: str) -> str:
    [value] = [element["value"] for element in record["elements"] if element["element"] == name]
    return str(value)
