"""The NTP client: one question, one measurement.

The question tells nothing about us (draft-ietf-ntp-data-minimization): everything is zero but the
transmit stamp, which is random. The real one stays here, and the random one, which the server
returns, proves that the answer is to this question. With NTS the answer is proven by keys as well.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.clock.ntp_stamp import NtpStamp
from tidegauge.flow.addresses import address_from_text
from tidegauge.flow.exchange import Exchange
from tidegauge.ntp.measurement import Measurement
from tidegauge.ntp.packet import UNSET, Mode, Packet
from tidegauge.ntp.server_address import NTP_PORT
from tidegauge.ntp.stamped_socket import StampedSocket

if TYPE_CHECKING:
    from tidegauge.ntp.nts_association import NtsAssociation

_UDP = 17
_IPV4_HEADERS, _IPV6_HEADERS = 28, 48  # with UDP's eight bytes

REFUSAL_PATIENCE_SECONDS = 0.5
"""A refusal of our cookie is not proven: anybody can send one. So long the real answer may still come."""


class KissOfDeathError(OSError):
    """The server asks not to be asked: for ever (``code`` DENY, RSTR) or so often (RATE)."""

    def __init__(self, server: str, port: int, code: str) -> None:
        wish = "to be asked less often" if code == "RATE" else "not to be asked by us"
        super().__init__(f"{server} port {port} answered {code}: it wishes {wish}")
        self.code = code


class CookieRefusedError(OSError):
    """The server cannot read our cookie any more (NTSN): keys have to be established anew."""


class Answered(NamedTuple):
    """What an answer says of our clock, and what it was on the wire."""

    measurement: Measurement
    exchange: Exchange


def query(host: str, port: int = NTP_PORT, *, timeout_seconds: float = 2.0) -> Measurement:
    """Ask a server for the time, once, without NTS; raises what ``ask`` does."""
    return ask(host, port, timeout_seconds=timeout_seconds).measurement


def ask(
    host: str,
    port: int = NTP_PORT,
    *,
    timeout_seconds: float = 2.0,
    association: NtsAssociation | None = None,
) -> Answered:
    """Ask a server for the time, once; with an association only an answer proven by it counts.

    Raises TimeoutError when no valid answer comes, KissOfDeathError when the server refuses,
    CookieRefusedError when it knows our keys no more, LookupError when no cookie is left, and OSError
    when the name is unknown or nothing listens there.
    """
    question = Packet(transmit=NtpStamp(secrets.randbits(64)))
    request, identifier = question.to_bytes(), b""
    if association:
        request, identifier = association.seal(request)
    with StampedSocket(host, port) as link:
        deadline = time.monotonic() + timeout_seconds
        link.send(request)
        reply, received = _await_reply(link, deadline, _Expected(question, association, identifier))
        server, port = link.remote
        exchange = _exchange(link, request, reply, received)
    answer = Packet.from_bytes(reply)
    if kiss := answer.forbidding_kiss:
        raise KissOfDeathError(server, port, kiss)
    measurement = Measurement(
        server=server,
        port=port,
        sent=exchange.sent,
        server_received=answer.receive.instant_near(received),
        server_sent=answer.transmit.instant_near(received),
        received=received,
        leap=answer.leap,
        stratum=answer.stratum,
        precision=answer.precision,
        root_delay=answer.root_delay,
        root_dispersion=answer.root_dispersion,
        reference_id=answer.reference_text,
    )
    return Answered(measurement, exchange)


class _Expected(NamedTuple):
    """What a reply is held against."""

    question: Packet
    association: NtsAssociation | None
    identifier: bytes

    def is_answered_by(self, reply: bytes) -> bool:
        """Whether the reply is to our question, and proven where that was agreed on."""
        packet = self._packet(reply)
        if packet is None or (packet.transmit == UNSET and not packet.forbidding_kiss):
            return False
        return self.association is None or self.association.open(reply, self.identifier)

    def is_refused_by(self, reply: bytes) -> bool:
        """Whether the reply says, unproven, that our keys are not known."""
        packet = self._packet(reply)
        if self.association is None or packet is None:
            return False
        return packet.refuses_cookie and self.association.is_refused_by(reply, self.identifier)

    def _packet(self, reply: bytes) -> Packet | None:
        try:
            packet = Packet.from_bytes(reply)
        except ValueError:
            return None
        is_ours = packet.mode is Mode.SERVER and packet.origin == self.question.transmit
        return packet if is_ours else None


def _await_reply(link: StampedSocket, deadline: float, expected: _Expected) -> tuple[bytes, int]:
    """The reply and when it arrived; anything else that comes is passed over."""
    server, port = link.remote
    failure: OSError = TimeoutError(
        f"no answer from {server} port {port}; does it serve NTP, and does UDP get through?"
    )
    while True:
        try:
            reply, received = link.receive(deadline)
        except TimeoutError:
            raise failure from None
        if expected.is_answered_by(reply):
            return reply, received
        if expected.is_refused_by(reply):
            failure = CookieRefusedError(f"{server} port {port} does not know our NTS keys any more")
            deadline = min(deadline, time.monotonic() + REFUSAL_PATIENCE_SECONDS)


def _exchange(link: StampedSocket, request: bytes, reply: bytes, received: int) -> Exchange:
    (client, client_port), (server, server_port) = link.local, link.remote
    headers = _IPV6_HEADERS if link.is_ipv6 else _IPV4_HEADERS
    return Exchange(
        client_address=address_from_text(client.partition("%")[0]).to_bytes(16, "big"),
        client_port=client_port,
        server_address=address_from_text(server.partition("%")[0]).to_bytes(16, "big"),
        server_port=server_port,
        protocol=_UDP,
        sent=link.sent,
        received=received,
        request_bytes=headers + len(request),
        reply_bytes=headers + len(reply),
    )
