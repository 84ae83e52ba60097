"""Values of a filter: from what people write to what a field holds, and back.

The two directions stand side by side because each must undo the other: the canonical form
of a filter, read again, is the same filter.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from tidegauge.clock.duration_text import duration_from_text, text_from_duration
from tidegauge.clock.instant_text import instant_from_text, text_from_instant
from tidegauge.flow.addresses import Network, network_from_text
from tidegauge.query.named_numbers import DSCPS, NAMED_NUMBERS, SHOWN_BY_NAME
from tidegauge.query.syntax import Operator, Span, Value
from tidegauge.query.vocabulary import FLAG_LETTERS

if TYPE_CHECKING:
    from tidegauge.flow.field import Field

ValueKind = Literal["number", "flags", "duration", "instant", "address", "mac", "text", "elements"]

_ORDERED: tuple[Operator, ...] = ("=", "<", "<=", ">", ">=")
OPERATORS: dict[ValueKind, tuple[Operator, ...]] = {
    "number": _ORDERED,
    "flags": ("=", "has", "any"),
    "duration": _ORDERED,
    "instant": _ORDERED,
    "address": ("=",),
    "mac": ("=",),
    "text": ("=", "like", "~"),
    "elements": (),
}

EXAMPLES: dict[ValueKind, str] = {
    "number": "a number such as 443, 80-90 or 1M",
    "flags": "TCP flags such as S or SA",
    "duration": "a duration with its unit, such as 1.5s or 20ms",
    "instant": "a time such as 2026-01-31T08:00:00Z",
    "address": "an address or network such as 10.0.0.0/8",
    "mac": "a MAC address such as 00:1b:44:11:3a:b7",
    "text": 'text such as "john"',
    "elements": "",
}

_LIMITS = {
    "uint8": 2**8 - 1,
    "uint16": 2**16 - 1,
    "uint32": 2**32 - 1,
    "uint64": 2**64 - 1,
    "int64": 2**63 - 1,
}
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?:([kmgt])(i)?)?b?", re.IGNORECASE)
_SCALE = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_MAC = re.compile(
    r"[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}", re.IGNORECASE
)
_AS = re.compile(r"(?:as)?(\d{1,5})\.(\d{1,5})", re.IGNORECASE)
_ECN_BITS = 2
_V4_BITS = 32
_ALL_FLAGS = 0x3F


def kind_of(field: Field) -> ValueKind:
    """Which sort of values a field is compared with."""
    if field.name.endswith("tcp_flags"):
        return "flags"
    if field.type == "int64" and field.unit == "nanoseconds":
        return "duration"
    if field.type in ("address", "instant", "mac", "text", "elements"):
        return field.type  # type: ignore[return-value]
    return "number"


def value_from_text(field: Field, text: str) -> Value:
    """Read a bare word as a value of ``field``. Raises ValueError with what is wrong with it.

    >>> from tidegauge.flow.fields import FIELDS
    >>> field = {field.name: field for field in FIELDS}
    >>> value_from_text(field["bytes"], "1.5M"), value_from_text(field["dst_port"], "80-90")
    (1500000, Span(low=80, high=90))
    """
    kind = kind_of(field)
    if kind == "address":
        address, _, mask = text.partition("/")
        return network_with_mask(address, mask) if "." in mask else network_from_text(text)
    if kind == "instant":
        return instant_from_text(text, None)
    if kind == "duration":
        return _signed_duration(text)
    if kind == "mac":
        return _mac_from_text(text)
    if kind == "flags":
        return _flags_from_text(text)
    if kind == "text":
        return text.upper() if field.name.endswith("_country") else text
    return _number_or_span(field, text)


def network_with_mask(text: str, mask: str) -> Network:
    """The IPv4 network of an address and a netmask. Raises ValueError when either is none.

    >>> str(network_with_mask("10.1.2.3", "255.255.0.0"))
    '10.1.0.0/16'
    """
    ones = network_from_text(mask).first & (2**_V4_BITS - 1)
    length = ones.bit_count()
    if "." not in mask or ones != (2**length - 1) << (_V4_BITS - length):
        raise ValueError(f"{mask!r} is no netmask")
    return network_from_text(f"{text}/{length}")


def text_from_value(field: Field, value: Value, *, operator: Operator = "=") -> str:
    """Write a value so that reading it gives the same value again."""
    kind = kind_of(field)
    if value is None:
        return "null"
    if isinstance(value, Span):
        return f"{value.low}-{value.high}"
    if isinstance(value, bytes):
        return value.hex(":")
    if isinstance(value, str):
        return _quoted(value)
    if not isinstance(value, int):
        return str(value)
    if kind == "instant":
        return text_from_instant(value)
    if kind == "duration":
        return f"-{text_from_duration(-value)}" if value < 0 else text_from_duration(value)
    if kind == "flags":
        return _text_from_flags(value)
    if operator != "=" or field.name not in SHOWN_BY_NAME:
        return str(value)
    names = {number: name for name, number in reversed(NAMED_NUMBERS[field.name].items())}
    return names.get(value, str(value))


def _number_or_span(field: Field, text: str) -> int | Span:
    word = text.lower().removeprefix("\\")  # tcpdump's way to say that a keyword is a name
    named = NAMED_NUMBERS.get(field.name, {}).get(word)
    if named is not None:
        return named
    if field.name == "tos" and word in DSCPS:
        return Span(DSCPS[word] << _ECN_BITS, (DSCPS[word] + 1 << _ECN_BITS) - 1)
    low, dash, high = text.partition("-")
    if not dash:
        return _number(field, text)
    span = Span(_number(field, low), _number(field, high))
    if span.low > span.high:
        raise ValueError(f"the range {text} runs backwards")
    return span


def _number(field: Field, text: str) -> int:
    number = _as_number(text) if field.name in ("src_as", "dst_as") else _plain_number(text)
    limit = _LIMITS[field.type]
    if number > limit:
        raise ValueError(f"{text} is more than {field.name} can hold ({limit})")
    return number


def _as_number(text: str) -> int:
    """An AS number as ``15169``, ``AS15169`` or in two halves, ``AS1.10`` (RFC 5396)."""
    halves = _AS.fullmatch(text)
    if halves is None:
        return _plain_number(text[2:] if text[:2].lower() == "as" else text)
    high, low = map(int, halves.groups())
    if max(high, low) > _LIMITS["uint16"]:
        raise ValueError(f"each half of {text} has 16 bits")
    return high << 16 | low


def _plain_number(text: str) -> int:
    if re.fullmatch(r"0x[0-9a-fA-F]+", text):
        return int(text, 16)
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no number")
    digits, prefix, binary = match.groups()
    number = Fraction(digits) * (1024 if binary else 1000) ** _SCALE[(prefix or "").lower()]
    if number.denominator != 1:
        raise ValueError(f"{text} is no whole number")
    return int(number)


def _signed_duration(text: str) -> int:
    negative = text.startswith("-")
    duration = 0 if text == "0" else duration_from_text(text[1:] if negative else text)
    if duration > _LIMITS["int64"]:
        raise ValueError(f"{text} is longer than 292 years")
    return -duration if negative else duration


def _mac_from_text(text: str) -> bytes:
    if not _MAC.fullmatch(text):
        raise ValueError(f"{text!r} is no MAC address")
    return bytes.fromhex(re.sub("[:.-]", "", text))


def _flags_from_text(text: str) -> int:
    letters = text.upper()
    if letters == "X":
        return _ALL_FLAGS
    if all(letter in FLAG_LETTERS for letter in letters):
        return sum(1 << FLAG_LETTERS.index(letter) for letter in set(letters))
    number = _plain_number(text)
    if number > _LIMITS["uint16"]:
        raise ValueError(f"{text} is more than 16 bits of flags")
    return number


def _text_from_flags(value: int) -> str:
    if value == 0 or value >> len(FLAG_LETTERS):
        return str(value)
    return "".join(letter for bit, letter in enumerate(FLAG_LETTERS) if value >> bit & 1)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
