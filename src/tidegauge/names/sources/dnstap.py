"""dnstap: whole DNS messages as Unbound, BIND, Knot, CoreDNS and others write them.

The file is Frame Streams, each frame a protobuf message (dnstap.proto); of it we read what answers to
clients need. Both formats are simple enough to be read here, and every length in them is checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from tidegauge.clock.instant_text import NANOSECONDS
from tidegauge.names.answer import host_of_pointer, site_of_answer
from tidegauge.names.dns_message import DnsAnswer, address_of_pointer, answer_from_wire
from tidegauge.names.frame_stream import frames
from tidegauge.names.octets import Octets
from tidegauge.names.source import Growth

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator

    from tidegauge.flow.binding import Binding
    from tidegauge.names.source import Provenance

CONTENT_TYPE = b"protobuf:dnstap.Dnstap"
_V4_MAPPED = bytes(10) + b"\xff\xff"
_MESSAGE_FIELD = 14
_TYPE, _CLIENT, _SECONDS, _NANOSECONDS, _RESPONSE = 1, 4, 12, 13, 14
_CLIENT_RESPONSE = 6
_LATEST_SECOND = 2**33


class Dnstap:
    """Answers that clients were given."""

    name = "dnstap"
    title = "dnstap (Frame Streams)"
    growth = Growth.FRAMES

    def recognises(self, head: bytes) -> bool:
        """Whether the file begins with a control frame that announces dnstap."""
        return head[:4] == bytes(4) and CONTENT_TYPE in head[:256]

    def bindings(self, stream: BinaryIO, provenance: Provenance) -> Iterator[Binding]:
        """Yield answers under the names that were asked, with their times to live."""
        return bindings_of_frames(frames(stream, CONTENT_TYPE, provenance.refused), provenance.refused)


def bindings_of_frames(messages: Iterable[bytes], refused: Counter[str]) -> Iterator[Binding]:
    """Yield what dnstap messages say, from wherever they come."""
    for message in messages:
        try:
            found = list(_answered(message))
        except ValueError:
            refused["no dnstap message"] += 1
        else:
            yield from found


def _answered(frame: bytes) -> Iterator[Binding]:
    """What one frame says; nothing where it is no answer to a client."""
    message = _fields(_fields(frame).get(_MESSAGE_FIELD))
    client, seconds = message.get(_CLIENT), message.get(_SECONDS)
    nanoseconds, response = message.get(_NANOSECONDS, 0), message.get(_RESPONSE)
    if message.get(_TYPE) != _CLIENT_RESPONSE or not isinstance(response, bytes):
        return
    if not isinstance(client, bytes) or len(client) not in (4, 16):
        raise ValueError("no client")
    if not isinstance(seconds, int) or seconds >= _LATEST_SECOND or not isinstance(nanoseconds, int):
        raise ValueError("no time")
    answer = answer_from_wire(response)
    if answer is not None:
        at = seconds * NANOSECONDS + min(nanoseconds, NANOSECONDS - 1)
        yield from _bindings(answer, client if len(client) == 16 else _V4_MAPPED + client, at)  # noqa: PLR2004 (IPv6)


def _bindings(answer: DnsAnswer, client: bytes, at: int) -> Iterator[Binding]:
    for address in answer.addresses:
        site = site_of_answer(answer.name, address, client, at, answer.ttl_seconds)
        if site is not None:
            yield site
    reverse = address_of_pointer(answer.name)
    for name in answer.pointers[:1] if reverse else ():
        assert reverse is not None
        host = host_of_pointer(name, reverse, at)
        if host is not None:
            yield host


def _fields(content: bytes | int | None) -> dict[int, bytes | int]:
    """The fields of a protobuf message by number; of one that is repeated, the last.

    Raises ValueError for what is none.
    """
    if not isinstance(content, bytes):
        raise ValueError("no message")  # noqa: TRY004 (a wrong value in a file, as all the others)
    found: dict[int, bytes | int] = {}
    walk = Octets(content)
    while not walk.is_at_end:
        key = _varint(walk)
        match key & 7:
            case 0:
                found[key >> 3] = _varint(walk)
            case 1:
                found[key >> 3] = int.from_bytes(walk.take(8), "little")
            case 2:
                found[key >> 3] = walk.take(_varint(walk))
            case 5:
                found[key >> 3] = int.from_bytes(walk.take(4), "little")
            case _:
                raise ValueError("no wire type of protobuf")
    return found


def _varint(walk: Octets) -> int:
    value = 0
    for shift in range(0, 64, 7):
        octet = walk.number(1)
        value |= (octet & 0x7F) << shift
        if octet < 0x80:  # noqa: PLR2004 (the bit that says that more follows)
            return value
    raise ValueError("a number without an end")
