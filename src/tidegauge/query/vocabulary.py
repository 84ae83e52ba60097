"""The words a question may use, and the fields they mean.

Fields come from the schema with their words. Added here are the words that mean either side
of a flow, what nfdump's readers ask for beyond the record, and phrases of several words. Words are
compared without case, dots, dashes and underscores, so ``src_addr``, ``SrcAddr`` and ``src.addr`` are one.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

from tidegauge.flow.field import Field
from tidegauge.flow.fields import FIELDS
from tidegauge.query.named_numbers import PROTOCOLS


@dataclass(frozen=True, slots=True)
class Pair:
    """A word that means either of two fields: ``addr`` is ``src_addr`` or ``dst_addr``.

    In a record of both directions, ``left`` of one direction is ``right`` of the other. Where ``name`` by
    itself means a field of its own, ``has_own_name`` is false and only ``src`` and ``dst`` lead to the pair.
    """

    name: str
    words: tuple[str, ...]
    left: Field
    right: Field
    has_own_name: bool = True


Find = Callable[[str], Field | Pair | None]
"""What words mean: ``field_or_pair``, or what they mean over other relations than ``flows``."""

_FIELD = {field.name: field for field in FIELDS}
_LENGTH = 'nullif(epoch_ns("end") - epoch_ns(start), 0)'

# Doubles, because a hostile record may claim 2^64 bytes in one nanosecond and must not fail the question.
_RATES = (
    ("bps", "bits per second", "Bits over the duration.", f"bytes * 8e9 / {_LENGTH}"),
    ("pps", "packets per second", "Packets over the duration.", f"packets * 1e9 / {_LENGTH}"),
    ("bpp", "bytes per packet", "Bytes over packets.", "bytes * 1e0 / nullif(packets, 0)"),
)
_ICMP_ELEMENT = (
    "TRY_CAST(list_extract(list_filter(other, lambda each: "
    "each.element IN ('icmpTypeCodeIPv4', 'icmpTypeCodeIPv6')), 1).value AS USMALLINT)"
)
_ICMP = f"CASE WHEN protocol IN (1, 58) THEN coalesce({_ICMP_ELEMENT}, dst_port) END"
_HAS_ENGINE = "protocol_version IN ('netflow5', 'netflow6', 'netflow8', 'netflow9')"
_PARTS = (
    ("dscp", "Upper six bits of tos (RFC 2474).", "tos >> 2"),
    ("ecn", "Lower two bits of tos (RFC 3168).", "tos & 3"),
    ("icmp_type", "ICMP type: of its own element, else the upper byte of dst_port, as NetFlow 5 has it.",
     f"{_ICMP} >> 8"),
    ("icmp_code", "ICMP code: of its own element, else the lower byte of dst_port.", f"{_ICMP} & 255"),
    ("engine_type", "Kind of engine: second byte of a NetFlow domain.",
     f"CASE WHEN {_HAS_ENGINE} THEN (observation_domain >> 8) & 255 END"),
    ("engine_id", "Number of the engine: lowest byte of a NetFlow domain.",
     f"CASE WHEN {_HAS_ENGINE} THEN observation_domain & 255 END"),
)  # fmt: skip


def _number(name: str, meaning: str, sql: str) -> Field:
    return Field(name, "uint8", "UTINYINT", "", meaning, (), (), sql)


_EXTRA = (
    *(Field(name, "uint64", "DOUBLE", unit, meaning, (), (), sql) for name, unit, meaning, sql in _RATES),
    *(_number(*row) for row in _PARTS),
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
"""Either side of what is stored in the lake."""

ADDRESS = PAIRS[0]

LOOKED_UP_PAIRS = (
    Pair("interface_name", (), _FIELD["in_interface_name"], _FIELD["out_interface_name"]),
    Pair("vrf", (), _FIELD["in_vrf"], _FIELD["out_vrf"]),
    Pair("country", ("geo",), _FIELD["src_country"], _FIELD["dst_country"]),
    Pair("as_name", ("org",), _FIELD["src_as_name"], _FIELD["dst_as_name"]),
    Pair("user", ("person",), _FIELD["src_user"], _FIELD["dst_user"], has_own_name=False),
    Pair("machine", ("device",), _FIELD["src_machine"], _FIELD["dst_machine"], has_own_name=False),
)
"""Either side of what is looked up when asked for."""

SIDED = ("host", "net", "port", "as", "mac", "mask", "country", "user", "machine")
"""What an error or an editor offers after ``src``; more words are understood."""

FAMILIES = {"inet": 4, "ipv4": 4, "ip4": 4, "inet6": 6, "ipv6": 6, "ip6": 6}

FLAG_LETTERS = "FSRPAUEC"
"""TCP control bits from the lowest: FIN SYN RST PSH ACK URG ECE CWR (RFC 9293, section 3.1)."""

FILLERS = frozenset({"ip", "host", "net", "addr", "hop"})
"""Words that may follow an address field and add nothing: ``next hop 10.0.0.1``, ``router ip 10.0.0.1``."""

PHRASES = {
    ("first", "seen"): "start",
    ("last", "seen"): "end",
    ("next", "hop"): "next_hop",
    ("next", "ip"): "next_hop",
    ("ip", "proto"): "protocol",
    ("ip6", "proto"): "protocol",
    ("as", "name"): "as_name",
    ("in", "packets"): "packets",
    ("in", "bytes"): "bytes",
    ("out", "packets"): "reverse_packets",
    ("out", "bytes"): "reverse_bytes",
    ("in", "mac"): "mac",
    ("in", "src", "mac"): "src_mac",
    ("in", "dst", "mac"): "dst_mac",
    ("ether", "host"): "mac",
    ("ether", "src"): "src_mac",
    ("ether", "dst"): "dst_mac",
    ("src", "vlan"): "vlan",
    ("src", "tos"): "tos",
    ("nat", "event"): "nat_event",
    ("observation", "domain"): "observation_domain",
    ("observation", "domain", "id"): "observation_domain",
}
"""Fields that take several words, as nfdump and tcpdump write them."""

UNANSWERABLE = {
    "flow": "every row is one flow; to compare how many a group has, use --having",
    "flows": "every row is one flow; to compare how many a group has, use --having",
    "less": "a flow has no packet length; compare bpp (bytes per packet) or bytes",
    "greater": "a flow has no packet length; compare bpp (bytes per packet) or bytes",
    "payload": "flows carry no payload",
    "ident": "nfdump's name for a source; compare exporter",
    "sysid": "nfdump's number for a source; compare exporter",
    "bgpnext": "the record keeps one next hop; compare next_hop",
    "@include": "filters read no files; define a macro and write @name",
}
"""Words of nfdump and tcpdump for which there is no field, and what to ask instead."""


_JOINTS = dict.fromkeys(map(ord, "_.-"))


def _plain(word: str) -> str:
    return word.lower().translate(_JOINTS)


def _index() -> dict[str, Field | Pair]:
    index: dict[str, Field | Pair] = {"next": _FIELD["next_hop"], "flowdir": _FIELD["direction"]}
    own = (pair for pair in LOOKED_UP_PAIRS if pair.has_own_name)
    entries: tuple[Field | Pair, ...] = (*FIELDS, *_EXTRA, *PAIRS, *own)
    for entry in entries:
        for word in (entry.name, *entry.words):
            index[_plain(word)] = entry
    return index


_INDEX = _index()
_LONGEST_COMPARED = 40


def entries() -> tuple[Field | Pair, ...]:
    """Everything a filter may compare, once each: fields in the order of columns, then either-side words."""
    return tuple(dict.fromkeys(_INDEX.values()))


def field_or_pair(word: str) -> Field | Pair | None:
    """What a word means, or None.

    >>> field_or_pair("SrcAddr").name, field_or_pair("host").name
    ('src_addr', 'addr')
    """
    return _INDEX.get(_plain(word))


def sided(word: str) -> Pair | None:
    """The two fields a word means after ``src`` or ``dst``, or None.

    >>> sided("user").left.name
    'src_user'
    """
    entry = field_or_pair(word)
    if isinstance(entry, Pair):
        return entry
    plain = _plain(word)
    return next((pair for pair in LOOKED_UP_PAIRS if plain in (pair.name, *pair.words)), None)


def nearest(word: str, more: tuple[str, ...] = ()) -> str:
    """The known word most like this one, or empty when none is.

    >>> nearest("prtocol")
    'protocol'
    """
    if len(word) > _LONGEST_COMPARED:
        return ""
    names = [name for entry in _INDEX.values() for name in (entry.name, *entry.words)]
    close = difflib.get_close_matches(word.lower(), [*more, *names, *PROTOCOLS], n=1, cutoff=0.7)
    return close[0] if close else ""
