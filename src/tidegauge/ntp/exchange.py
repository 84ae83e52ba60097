"""One exchange of ours as packets on the wire: what a router that meters our traffic may have seen of it."""

from __future__ import annotations

from dataclasses import dataclass

UDP = 17
_UDP_HEADER_BYTES = 8
_IPV4_HEADER_BYTES, _IPV6_HEADER_BYTES = 20, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its reply.

    ``sent`` and ``received`` are instants by our clock: every router on the way saw both packets in between.
    Bytes are those of the IP packets, as flows count them.
    """

    client_address: str
    client_port: int
    server_address: str
    server_port: int
    protocol: int
    sent: int
    received: int
    request_bytes: int
    reply_bytes: int


def udp_packet_bytes(payload_bytes: int, *, is_ipv6: bool) -> int:
    """The length of the IP packet that carries a datagram, fragments and options aside."""
    return payload_bytes + _UDP_HEADER_BYTES + (_IPV6_HEADER_BYTES if is_ipv6 else _IPV4_HEADER_BYTES)
