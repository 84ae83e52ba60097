"""An SNMPv2c agent in a thread, of two interfaces, that can misbehave on purpose."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Thread
from typing import Any

from scapy.asn1.asn1 import ASN1_COUNTER32, ASN1_OID, ASN1_STRING, ASN1_TIME_TICKS
from scapy.layers.snmp import SNMP, SNMPbulk, SNMPresponse, SNMPvarbind

COMMUNITY = "letmein"
IF, X = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
OBJECTS: Mapping[str, Any] = {
    "1.3.6.1.2.1.1.3.0": ASN1_TIME_TICKS(6000),
    f"{IF}.2.1": ASN1_STRING(b"lo"),
    f"{IF}.2.2": ASN1_STRING(b"eth0"),
    f"{IF}.10.1": ASN1_COUNTER32(1000),
    f"{IF}.16.1": ASN1_COUNTER32(2000),
    f"{IF}.10.2": ASN1_COUNTER32(3000),
    f"{IF}.16.2": ASN1_COUNTER32(4000),
    f"{X}.1.2": ASN1_STRING(b"Gi0/2"),
    f"{X}.18.2": ASN1_STRING(b"to the Internet"),
}
Answering = Callable[[bytes], list[bytes]]


@contextmanager
def agent(answering: Answering | None = None) -> Iterator[int]:
    """Answer on a free port of loopback until the block ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.05)
        is_over = False

        def serve() -> None:
            while not is_over:
                try:
                    asked, source = listener.recvfrom(65535)
                except TimeoutError:
                    continue
                for datagram in (answering or answers)(asked):
                    listener.sendto(datagram, source)

        thread = Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            is_over = True
            thread.join()


def answers(asked: bytes) -> list[bytes]:
    """What a good agent sends back."""
    question = SNMP(asked)
    if question.community.val != COMMUNITY.encode():
        return []
    names = [binding.oid.val for binding in question.PDU.varbindlist]
    is_bulk = isinstance(question.PDU, SNMPbulk)
    found = _after(names[0]) if is_bulk else [name for name in names if name in OBJECTS]
    bindings = [SNMPvarbind(oid=ASN1_OID(name), value=OBJECTS[name]) for name in found]
    bindings = bindings or [SNMPvarbind(oid=ASN1_OID("1.3.6.1.9"), value=ASN1_STRING(b""))]
    response = SNMPresponse(id=question.PDU.id, varbindlist=bindings)
    return [bytes(SNMP(version=question.version, community=question.community, PDU=response))]


def _after(name: str) -> list[str]:
    return sorted((each for each in OBJECTS if _numbers(each) > _numbers(name)), key=_numbers)


def _numbers(name: str) -> list[int]:
    return [int(part) for part in name.split(".")]
