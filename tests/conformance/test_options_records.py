"""Options records as RFCs and vendors lay them out, packed by hand."""

from __future__ import annotations

import struct
from typing import Any

import duckdb
import pytest

from tidegauge._core import Decoder

NOON = 1_767_268_800
OPTIONS, FLOWS = 257, 256
SHOWN = {"flows": ("application", "packets", "sampling_interval", "other"), "options": ("scope", "other")}
# Addresses and packets of a flow.
FLOW_FIELDS = ((8, 4), (12, 4), (2, 4))
FLOW = bytes(8) + struct.pack(">I", 5)

Fields = tuple[tuple[int, int], ...]


def netflow9(*sets: bytes) -> bytes:
    return struct.pack(">HHIIII", 9, len(sets), 1000, NOON, 1, 7) + b"".join(sets)


def ipfix(*sets: bytes) -> bytes:
    body = b"".join(sets)
    return struct.pack(">HHIII", 10, 16 + len(body), NOON, 1, 7) + body


def data(number: int, body: bytes) -> bytes:
    return struct.pack(">HH", number, 4 + len(body)) + body


def fields(found: Fields) -> bytes:
    return b"".join(struct.pack(">HH", *field) for field in found)


def options_template(version: int, scopes: Fields, others: Fields) -> bytes:
    counts = (4 * len(scopes), 4 * len(others)) if version == 9 else (len(scopes) + len(others), len(scopes))
    return data(1 if version == 9 else 3, struct.pack(">HHH", OPTIONS, *counts) + fields(scopes + others))


def flow_template(version: int, found: Fields) -> bytes:
    return data(0 if version == 9 else 2, struct.pack(">HH", FLOWS, len(found)) + fields(found))


def decoded(*datagrams: bytes) -> dict[str, list[dict[str, Any]]]:
    """Rows by table; elements as dicts from name to value."""
    decoder = Decoder()
    for datagram in datagrams:
        decoder.feed(datagram, "192.0.2.1", 2055, NOON * 10**9)
    found: dict[str, list[dict[str, Any]]] = {table: [] for table in SHOWN}
    with duckdb.connect() as connection:
        for batch in decoder.close():
            if columns := SHOWN.get(batch.table):
                rows = connection.from_arrow(batch).project(", ".join(columns)).fetchall()
                found[batch.table] += [dict(zip(columns, row, strict=True)) for row in rows]
    return found


def told(elements: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(element["element"], element["value"]) for element in elements]


@pytest.mark.proves("C6")
def test_the_scopes_of_netflow9_are_no_elements_and_their_values_are_kept() -> None:
    scopes = tuple((number, 4) for number in range(1, 6))
    template = options_template(9, scopes, ((34, 4),))
    record = struct.pack(">6I", 11, 12, 13, 14, 15, 100)
    [row] = decoded(netflow9(template, data(OPTIONS, record)))["options"]
    names = ["system", "interface", "lineCard", "cache", "template"]
    assert told(row["scope"]) == list(zip(names, map(str, range(11, 16)), strict=True))
    assert told(row["other"]) == [("samplingInterval", "100")]


@pytest.mark.proves("C7", "H7")
def test_a_scope_of_no_bytes_leaves_the_record_whole() -> None:
    """As Juniper's SRX sends it: the scope is the system, which needs no value."""
    others = ((34, 4), (36, 2), (37, 2), (144, 4))
    template = options_template(9, ((1, 0),), others)
    records = struct.pack(">IHHI", 100, 60, 15, 3) + struct.pack(">IHHI", 200, 60, 15, 3)
    flows = flow_template(9, FLOW_FIELDS)
    found = decoded(netflow9(template, data(OPTIONS, records), flows, data(FLOWS, FLOW)))
    assert [told(row["other"]) for row in found["options"]] == [
        [
            ("samplingInterval", interval), ("flowActiveTimeout", "60"), ("flowIdleTimeout", "15"),
            ("exportingProcessId", "3"),
        ]
        for interval in ("100", "200")
    ]  # fmt: skip
    assert [told(row["scope"]) for row in found["options"]] == [[("system", None)]] * 2
    assert [flow["sampling_interval"] for flow in found["flows"]] == [200], "that of the whole, the newest"


@pytest.mark.proves("C7", "C8")
@pytest.mark.parametrize("version", [9, 10])
def test_a_field_of_no_bytes_is_legal_beside_others_and_a_record_of_none_decodes_nothing(
    version: int,
) -> None:
    message = netflow9 if version == 9 else ipfix
    hollow = flow_template(version, ((8, 0), (2, 4)))
    found = decoded(message(hollow, data(FLOWS, struct.pack(">II", 5, 6))))["flows"]
    assert [flow["packets"] for flow in found] == [5, 6]
    empty = options_template(version, ((1, 0),), ((34, 0),))
    rows = decoded(message(empty, data(OPTIONS, bytes(8)), hollow, data(FLOWS, struct.pack(">I", 7))))
    assert (rows["options"], [flow["packets"] for flow in rows["flows"]]) == ([], [7])


@pytest.mark.proves("E11", "H9")
@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("14000030440000a203", "20:12356:41475"),
        ("0d000200", "13:512"),
        ("030050", "3:80"),
        ("0106", "1:6"),
        ("06ffffffffffffffff", "6:18446744073709551615"),
        ("1400000009000000000001", "20:9:1"),
        ("00000000", None),
    ],
)
def test_an_application_is_an_engine_and_a_selector_of_whatever_length(raw: str, shown: str | None) -> None:
    """The first as Fortinet sends it, with its enterprise number between."""
    value = bytes.fromhex(raw)
    template = flow_template(9, (*FLOW_FIELDS, (95, len(value))))
    [flow] = decoded(netflow9(template, data(FLOWS, FLOW + value)))["flows"]
    assert flow["application"] == shown


@pytest.mark.proves("E13")
def test_names_of_routing_instances_are_kept_by_their_numbers() -> None:
    template = options_template(9, ((1, 4),), ((234, 4), (236, 8)))
    [row] = decoded(netflow9(template, data(OPTIONS, struct.pack(">II8s", 1, 7, b"red"))))["options"]
    assert told(row["other"]) == [("ingressVRFID", "7"), ("VRFname", "red")]


@pytest.mark.proves("E18")
def test_what_an_older_sampler_said_holds_for_flows_that_name_it_and_not_for_itself() -> None:
    table = options_template(9, ((1, 4),), ((48, 1), (50, 4), (2, 4)))
    flows = flow_template(9, (*FLOW_FIELDS, (48, 1)))
    record = struct.pack(">IBII", 1, 3, 1000, 5)
    found = decoded(
        netflow9(table, data(OPTIONS, record), flows, data(FLOWS, FLOW + b"\x03" + FLOW + b"\x04"))
    )
    assert [flow["sampling_interval"] for flow in found["flows"]] == [1000, None]
    [row] = found["options"]
    assert told(row["other"])[-1] == ("packetDeltaCount", "5"), "as it was sent"


@pytest.mark.proves("E19")
def test_who_metered_a_flow_first_is_kept_with_it() -> None:
    template = flow_template(10, (*FLOW_FIELDS, (403, 4), (405, 4), (406, 4)))
    mediated = FLOW + bytes([198, 51, 100, 1]) + struct.pack(">II", 42, 9)
    [flow] = decoded(ipfix(template, data(FLOWS, mediated)))["flows"]
    assert told(flow["other"]) == [
        ("originalExporterIPv4Address", "198.51.100.1"), ("originalObservationDomainId", "42"),
        ("intermediateProcessId", "9"),
    ]  # fmt: skip
