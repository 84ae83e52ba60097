"""The two routers of the office: what each sees, and how it exports it.

``edge1`` stands between the office and the internet, translates addresses and speaks IPFIX.
``edge2`` stands between the people and the server room, speaks NetFlow v9, and its clock is five
minutes fast: every time it tells, header, uptime base and flows alike, is wrong by that much.
No flow passes both.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.lab.activity import DAY, SECOND
from tidegauge.lab.address import is_ipv4, packed
from tidegauge.lab.nat import PortTranslation, prefix_translated
from tidegauge.metering.encoder import Batch, Encoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidegauge.lab.conversation import Flow

SERVER_ROOM = (packed("192.168.20.0")[:15], packed("fd10:0:20::")[:8])
MINUTES_FAST = 5
UPTIME = 30 * DAY

# Interface indexes: the side of the people, and the other one.
INSIDE = 1
OUTSIDE = 2
INGRESS = 0
EGRESS = 1


@dataclass(frozen=True, slots=True)
class RouterPlan:
    """How a router is set up. ``clock_error`` is its clock minus the true time, in nanoseconds."""

    name: str
    address: str
    protocol_version: str
    observation_domain: int
    clock_error: int = 0


EDGE1 = RouterPlan("edge1", "127.0.0.11", "ipfix", 1)
EDGE2 = RouterPlan("edge2", "127.0.0.12", "netflow9", 2, MINUTES_FAST * 60 * SECOND)


def seen_by(flow: Flow) -> RouterPlan:
    """Return the router that a flow passes: ``edge2`` between a desk and the server room, else ``edge1``.

    The servers reach the internet by their own line to ``edge1``.
    """
    ends = _is_server(flow.src_addr), _is_server(flow.dst_addr)
    client_is_server, server_is_server = ends if flow.outbound else ends[::-1]
    return EDGE2 if server_is_server and not client_is_server else EDGE1


def _is_server(address: bytes) -> bool:
    return address.startswith(SERVER_ROOM)


class Router:
    """One router at work since ``booted`` (true time, nanoseconds)."""

    def __init__(self, plan: RouterPlan, booted: int) -> None:
        self.plan = plan
        self._translation = PortTranslation()
        self._encoder = Encoder(
            plan.protocol_version,
            observation_domain=plan.observation_domain,
            boot_time=booted + plan.clock_error,
        )

    def export(self, flows: Iterable[Flow], now: int) -> list[bytes]:
        """Return the datagrams that report ``flows`` at the true time ``now``.

        The flows of one datagram have the same fields, so what was translated travels apart from
        what was not.
        """
        plain: list[Flow] = []
        ports_translated: list[Flow] = []
        prefixes_translated: list[Flow] = []
        for flow in flows:
            if self.plan is not EDGE1 or not flow.outbound:
                plain.append(flow)
            elif is_ipv4(flow.src_addr):
                ports_translated.append(flow)
            else:
                prefixes_translated.append(flow)
        datagrams = self._encode(plain, {}, now)
        datagrams += self._encode(ports_translated, self._translated_ports(ports_translated), now)
        return datagrams + self._encode(prefixes_translated, _translated_prefixes(prefixes_translated), now)

    def _encode(self, flows: list[Flow], translation: dict[str, bytes | array[int]], now: int) -> list[bytes]:
        if not flows:
            return []
        columns = flow_columns(flows, self.plan.clock_error) | translation
        return self._encoder.encode(Batch(columns), now + self.plan.clock_error)

    def _translated_ports(self, flows: list[Flow]) -> dict[str, bytes | array[int]]:
        pairs = [
            self._translation.translate(flow.protocol, flow.src_addr, flow.src_port, flow.end)
            for flow in flows
        ]
        return {
            "nat_src_addr": b"".join(address for address, _ in pairs),
            "nat_src_port": array("H", [port for _, port in pairs]),
        }


def _translated_prefixes(flows: list[Flow]) -> dict[str, bytes | array[int]]:
    return {"nat_src_addr": b"".join(prefix_translated(flow.src_addr) for flow in flows)}


def flow_columns(flows: Sequence[Flow], clock_error: int) -> dict[str, bytes | array[int]]:
    """Return flows as columns for a batch, their times as a clock that is ``clock_error`` fast tells them."""
    return {
        "start": array("q", [flow.start + clock_error for flow in flows]),
        "end": array("q", [flow.end + clock_error for flow in flows]),
        "src_addr": b"".join([flow.src_addr for flow in flows]),
        "dst_addr": b"".join([flow.dst_addr for flow in flows]),
        "src_port": array("H", [flow.src_port for flow in flows]),
        "dst_port": array("H", [flow.dst_port for flow in flows]),
        "protocol": bytes([flow.protocol for flow in flows]),
        "tcp_flags": array("H", [flow.tcp_flags for flow in flows]),
        "packets": array("Q", [flow.packets for flow in flows]),
        "bytes": array("Q", [flow.bytes for flow in flows]),
        "in_interface": array("I", [INSIDE if flow.outbound else OUTSIDE for flow in flows]),
        "out_interface": array("I", [OUTSIDE if flow.outbound else INSIDE for flow in flows]),
        "direction": bytes([INGRESS if flow.outbound else EGRESS for flow in flows]),
        "flow_end_reason": bytes([flow.flow_end_reason for flow in flows]),
    }
