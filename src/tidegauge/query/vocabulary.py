"""The words a question may use, and the fields they mean.

Fields come from the schema with their words. Added here are the words that mean either side
of a flow, the rates that nfdump's readers ask for, and names for a few numbers. Words are compared
without case, dots and underscores, so ``src_addr``, ``SrcAddr`` and ``src.addr`` are one.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from tidegauge.flow.field import Field
from tidegauge.flow.fields import FIELDS


@dataclass(frozen=True, slots=True)
class Pair:
    """A word that means either of two fields: ``addr`` is ``src_addr`` or ``dst_addr``.

    In a record of both directions, ``left`` of one direction is ``right`` of the other.
    """

    name: str
    words: tuple[str, ...]
    left: Field
    right: Field


_FIELD = {field.name: field for field in FIELDS}
_LENGTH = 'nullif(epoch_ns("end") - epoch_ns(start), 0)'

# Doubles, because a hostile record may claim 2^64 bytes in one nanosecond and must not fail the question.
_RATES = (
    ("bps", "bits per second", "Bits over the duration.", f"bytes * 8e9 / {_LENGTH}"),
    ("pps", "packets per second", "Packets over the duration.", f"packets * 1e9 / {_LENGTH}"),
    ("bpp", "bytes per packet", "Bytes over packets.", "bytes * 1e0 / nullif(packets, 0)"),
)
_EXTRA = (
    *(Field(name, "uint64", "DOUBLE", unit, meaning, (), (), sql) for name, unit, meaning, sql in _RATES),
    Field("dscp", "uint8", "UTINYINT", "", "Upper six bits of tos (RFC 2474).", (), (), "tos >> 2"),
    Field("ecn", "uint8", "UTINYINT", "", "Lower two bits of tos (RFC 3168).", (), (), "tos & 3"),
)

PAIRS = (
    Pair("addr", ("ip", "host", "net", "address"), _FIELD["src_addr"], _FIELD["dst_addr"]),
    Pair("port", ("portrange",), _FIELD["src_port"], _FIELD["dst_port"]),
    Pair("as", ("asn",), _FIELD["src_as"], _FIELD["dst_as"]),
    Pair("interface", ("if",), _FIELD["in_interface"], _FIELD["out_interface"]),
    Pair("mac", ("ether",), _FIELD["src_mac"], _FIELD["dst_mac"]),
    Pair("prefix_length", ("mask",), _FIELD["src_prefix_length"], _FIELD["dst_prefix_length"]),
    Pair("nat_addr", ("natip",), _FIELD["nat_src_addr"], _FIELD["nat_dst_addr"]),
    Pair("nat_port", (), _FIELD["nat_src_port"], _FIELD["nat_dst_port"]),
)

FAMILIES = {"inet": 4, "ipv4": 4, "ip4": 4, "inet6": 6, "ipv6": 6, "ip6": 6}

PROTOCOLS = {
    "icmp": 1, "igmp": 2, "ipip": 4, "tcp": 6, "udp": 17, "dccp": 33, "rsvp": 46, "gre": 47, "esp": 50,
    "ah": 51, "icmp6": 58, "eigrp": 88, "ospf": 89, "pim": 103, "vrrp": 112, "l2tp": 115, "sctp": 132,
    "udplite": 136,
}  # fmt: skip

NAMED_NUMBERS = {"protocol": {**PROTOCOLS, "icmpv6": 58}, "direction": {"ingress": 0, "egress": 1}}

FLAG_LETTERS = "FSRPAUEC"
"""TCP control bits from the lowest: FIN SYN RST PSH ACK URG ECE CWR (RFC 9293, section 3.1)."""

FILLERS = frozenset({"ip", "host", "net", "addr", "hop"})
"""Words that may follow an address field and add nothing: ``next hop 10.0.0.1``, ``router ip 10.0.0.1``."""


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace(".", "")


def _index() -> dict[str, Field | Pair]:
    index: dict[str, Field | Pair] = {"next": _FIELD["next_hop"]}
    entries: tuple[Field | Pair, ...] = (*FIELDS, *_EXTRA, *PAIRS)
    for entry in entries:
        for word in (entry.name, *entry.words):
            index[_plain(word)] = entry
    return index


_INDEX = _index()


def field_or_pair(word: str) -> Field | Pair | None:
    """What a word means, or None.

    >>> field_or_pair("SrcAddr").name, field_or_pair("host").name
    ('src_addr', 'addr')
    """
    return _INDEX.get(_plain(word))


def nearest(word: str, more: tuple[str, ...] = ()) -> str:
    """The known word most like this one, or empty when none is.

    >>> nearest("prtocol")
    'protocol'
    """
    names = [name for entry in _INDEX.values() for name in (entry.name, *entry.words)]
    close = difflib.get_close_matches(word.lower(), [*names, *PROTOCOLS, *more], n=1, cutoff=0.7)
    return close[0] if close else ""
