from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tidegauge.lab import activity
from tidegauge.lab.activity import SECOND, Activity
from tidegauge.lab.address import packed
from tidegauge.lab.call import single_call
from tidegauge.lab.conversation import ACTIVE, ENDED, IDLE, Conversation, Flow, flows_of, knocks
from tidegauge.lab.people import MEETING_ROOM_LAPTOP, person
from tidegauge.lab.sites import SERVICES

JOHN = person("John").laptop
CLIENT = packed("192.168.10.13")
SERVER = packed("162.125.66.15")
START = 1_000_000 * SECOND


def conversation(deed: Activity) -> Conversation:
    return Conversation(single_call(deed), CLIENT, 40_000, SERVER)


def bytes_by_direction(flows: list[Flow]) -> tuple[int, int]:
    up = sum(flow.bytes for flow in flows if flow.outbound)
    return up, sum(flow.bytes for flow in flows) - up


@given(
    seconds=st.floats(0, 4000),
    up=st.integers(1, 2**40),
    down=st.integers(0, 2**40),
    seed=st.integers(),
    service=st.sampled_from(["YouTube", "Dropbox", "GitHub"]),
)
def test_flows_carry_exactly_what_the_connection_did(
    seconds: float, up: int, down: int, seed: int, service: str
) -> None:
    end = START + int(seconds * SECOND)
    deed = Activity("John", JOHN, SERVICES[service], START, end, up, down)
    flows = list(flows_of(conversation(deed), Random(seed)))
    assert bytes_by_direction(flows) == (up, down)
    assert all(START <= flow.start <= flow.end <= end for flow in flows)
    assert all(flow.export_after > flow.end for flow in flows)
    assert all(flow.packets >= 1 and flow.bytes >= 1 for flow in flows)


def test_a_long_stream_is_cut_at_the_active_timeout() -> None:
    stream = activity.transfer("John", JOHN, "Dropbox", START, 1800, down=500_000_000)
    flows = list(flows_of(conversation(stream), Random(1), active_timeout_seconds=60))
    assert all(flow.end - flow.start <= 60 * SECOND for flow in flows)
    downwards = [flow for flow in flows if flow.src_port == 443]
    assert [flow.flow_end_reason for flow in downwards] == [ACTIVE] * 29 + [ENDED]
    assert [flow.tcp_flags & 0x03 for flow in downwards] == [2, *[0] * 28, 1]


def test_udp_ends_by_falling_silent() -> None:
    lookup = activity.lookup("John", JOHN, "Resolver", START, Random(1))
    flows = list(flows_of(conversation(lookup), Random(1)))
    assert [(flow.flow_end_reason, flow.tcp_flags) for flow in flows] == [(IDLE, 0), (IDLE, 0)]
    assert all(flow.export_after == flow.end + 15 * SECOND for flow in flows)


def test_the_two_directions_mirror_each_other() -> None:
    mail = activity.send_mail("Sarah", JOHN, START, Random(1), 18_000)
    there, back = flows_of(conversation(mail), Random(1))
    assert (there.src_addr, there.src_port) == (back.dst_addr, back.dst_port) == (CLIENT, 40_000)
    assert (there.dst_addr, there.dst_port) == (back.src_addr, back.src_port) == (SERVER, 587)
    assert there.outbound
    assert not back.outbound


def test_a_scan_is_one_syn_per_host_and_port() -> None:
    scan = activity.scan("laptop", MEETING_ROOM_LAPTOP, START, hosts=20, ports=12)
    flows = list(knocks(scan, CLIENT, Random(1)))
    asked = {(flow.dst_addr, flow.dst_port) for flow in flows if flow.outbound}
    assert len(asked) == 240
    assert {flow.src_addr for flow in flows if flow.outbound} == {CLIENT}
    assert bytes_by_direction(flows) == (scan.bytes_up, scan.bytes_down)
    assert max(flow.end for flow in flows) < scan.end
