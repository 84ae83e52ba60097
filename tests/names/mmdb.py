"""A writer of files in MaxMind's format, as small as the tests need (MaxMind DB specification 2.0)."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

_SEPARATOR = bytes(16)
_TEXT, _UINT16, _UINT32, _MAP, _EXTENDED, _UINT64, _ARRAY = 2, 5, 6, 7, 7, 9, 11
_MAGIC = b"\xab\xcd\xefMaxMind.com"


def mmdb(records: dict[str, Any]) -> bytes:
    """Networks, none inside another, and the record of each."""
    data, offsets = b"", {}
    for text, record in records.items():
        offsets[text] = len(data)
        data += _encoded(record)
    tree: list[list[Any]] = [[None, None]]
    for text in records:
        network = ip_network(text)
        bits = f"{int(network.network_address):0128b}"[
            : network.prefixlen + (96 if network.version == 4 else 0)
        ]
        node = 0
        for bit in bits[:-1]:
            if tree[node][int(bit)] is None:
                tree.append([None, None])
                tree[node][int(bit)] = len(tree) - 1
            node = tree[node][int(bit)]
        tree[node][int(bits[-1])] = ("data", offsets[text])
    count = len(tree)
    nodes = b"".join(_side(side, count).to_bytes(4, "big") for node in tree for side in node)
    described = {
        "node_count": _number(count, _UINT32),
        "record_size": _number(32, _UINT16),
        "ip_version": _number(6, _UINT16),
        "database_type": _encoded("Test"),
        "languages": bytes([1, _ARRAY - _EXTENDED]) + _encoded("en"),
        "binary_format_major_version": _number(2, _UINT16),
        "binary_format_minor_version": _number(0, _UINT16),
        "build_epoch": bytes([1, _UINT64 - _EXTENDED, 1]),
        "description": _encoded({"en": "Test"}),
    }
    pairs = b"".join(_encoded(key) + value for key, value in described.items())
    return nodes + _SEPARATOR + data + _MAGIC + _control(_MAP, len(described)) + pairs


def _side(side: Any, count: int) -> int:
    if side is None:
        return count
    return count + len(_SEPARATOR) + side[1] if isinstance(side, tuple) else int(side)


def _encoded(value: Any) -> bytes:
    if isinstance(value, str):
        content = value.encode()
        return _control(_TEXT, len(content)) + content
    if isinstance(value, int):
        return _number(value, _UINT32)
    return _control(_MAP, len(value)) + b"".join(
        _encoded(key) + _encoded(inner) for key, inner in value.items()
    )


def _number(value: int, type_: int) -> bytes:
    content = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return _control(type_, len(content)) + content


def _control(type_: int, size: int) -> bytes:
    return bytes([type_ << 5 | size]) if size < 29 else bytes([type_ << 5 | 29, size - 29])
