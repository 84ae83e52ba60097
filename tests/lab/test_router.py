from __future__ import annotations

import struct
from random import Random

import pytest

from tidegauge.lab import activity
from tidegauge.lab.activity import SECOND, Activity
from tidegauge.lab.address import packed
from tidegauge.lab.call import single_call
from tidegauge.lab.conversation import Flow, flows_of, knocks
from tidegauge.lab.lan import Lan
from tidegauge.lab.people import FILE_SERVER, MEETING_ROOM_LAPTOP, person
from tidegauge.lab.router import EDGE1, EDGE2, UPTIME, Router, RouterPlan, flow_columns, seen_by

NOW = 1_750_000_000 * SECOND
JOHN = person("John").laptop


def stream() -> Activity:
    return activity.transfer("John", JOHN, "YouTube", NOW - 20 * SECOND, 20, down=1_000_000)


def flows(deed: Activity) -> list[Flow]:
    *_, conversation = Lan(1).connect(single_call(deed))
    return list(flows_of(conversation, Random(1)))


@pytest.mark.parametrize(
    ("deed", "router"),
    [
        (stream(), EDGE1),
        (activity.exchange("John", JOHN, "FileServer", NOW, Random(1)), EDGE2),
        (activity.lookup("John", JOHN, "Resolver", NOW, Random(1)), EDGE2),
        (activity.transfer("file-server", FILE_SERVER, "CloudBackup", NOW, 9, up=9_000), EDGE1),
    ],
)
def test_each_flow_passes_one_router(deed: Activity, router: RouterPlan) -> None:
    assert {seen_by(flow) for flow in flows(deed)} == {router}


def test_a_scan_of_the_servers_passes_the_router_in_front_of_them() -> None:
    scan = activity.scan("laptop", MEETING_ROOM_LAPTOP, NOW, hosts=6, ports=12)
    assert {seen_by(flow) for flow in knocks(scan, packed("192.168.10.200"), Random(1))} == {EDGE2}


@pytest.mark.parametrize(
    ("plan", "header_time_offset", "header_seconds", "domain_offset"),
    [(EDGE1, 4, 1_750_000_000, 12), (EDGE2, 8, 1_750_000_300, 16)],
)
def test_headers_tell_the_routers_own_time(
    plan: RouterPlan, header_time_offset: int, header_seconds: int, domain_offset: int
) -> None:
    for datagram in Router(plan, NOW - UPTIME).export(flows(stream()), NOW):
        assert struct.unpack_from(">I", datagram, header_time_offset) == (header_seconds,)
        assert struct.unpack_from(">I", datagram, domain_offset) == (plan.observation_domain,)


def test_a_fast_clock_tells_the_true_uptime() -> None:
    datagram = Router(EDGE2, NOW - UPTIME).export(flows(stream()), NOW)[0]
    assert struct.unpack_from(">I", datagram, 4) == (UPTIME // 1_000_000,)


def test_flow_times_are_as_wrong_as_the_clock() -> None:
    seen = flows(stream())
    columns = flow_columns(seen, EDGE2.clock_error)
    assert list(columns["start"]) == [flow.start + 300 * SECOND for flow in seen]
    assert list(columns["end"]) == [flow.end + 300 * SECOND for flow in seen]


def test_only_the_internet_router_translates_and_only_outwards() -> None:
    router = Router(EDGE1, NOW - UPTIME)
    outward = [flow for flow in flows(stream()) if flow.outbound]
    inward = [flow for flow in flows(stream()) if not flow.outbound]
    public = {packed("203.0.113.17")[12:], packed("2001:db8:10::")[:6]}
    assert any(address in datagram for address in public for datagram in router.export(outward, NOW))
    assert not any(address in datagram for address in public for datagram in router.export(inward, NOW))


def test_nothing_to_report_is_no_datagram() -> None:
    assert Router(EDGE1, NOW - UPTIME).export([], NOW) == []
