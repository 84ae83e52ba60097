"""tcpdump's look at bytes of a header, where a flow record keeps what they said.

``tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn`` and ``icmp[icmptype] = icmp-echo``. A flow keeps the flags of
all its packets together, so the former asks whether any packet had a flag, not one of them both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.flow.field import Field
from tidegauge.query.cursor import Offer
from tidegauge.query.error import FilterError
from tidegauge.query.named_numbers import ICMP_TYPES, PROTOCOLS
from tidegauge.query.syntax import Match, Not, Term, conjunction
from tidegauge.query.vocabulary import FLAG_LETTERS, field_or_pair

if TYPE_CHECKING:
    from tidegauge.query.cursor import Cursor
    from tidegauge.query.lexer import Token

_FLAGS = ("fin", "syn", "rst", "push", "ack", "urg", "ece", "cwr")
_FLAG_BITS = {f"tcp-{name}": 1 << bit for bit, name in enumerate(_FLAGS)} | {"tcp-psh": 8}
_FLAG_OFFSETS = ("tcpflags", "13")
_ICMP_OFFSETS = {"icmptype": "icmp_type", "0": "icmp_type", "icmpcode": "icmp_code", "1": "icmp_code"}
_ALL = (1 << len(FLAG_LETTERS)) - 1


def names_header_bytes(cursor: Cursor) -> bool:
    """Whether bytes of a header are looked at here: ``tcp[``."""
    opens = cursor.ahead()
    return cursor.next.word in PROTOCOLS and opens.kind == "mark" and opens.text == "["


def read_header_bytes(cursor: Cursor) -> Term:
    """Read the whole comparison. Raises FilterError where no flow record keeps those bytes."""
    protocol, _, offset = cursor.take(), cursor.take(), cursor.take()
    _expect(cursor, "]")
    is_protocol = Match("protocol", "=", (PROTOCOLS[protocol.word],))
    if protocol.word == "tcp" and offset.word in _FLAG_OFFSETS:
        return conjunction([is_protocol, _flags(cursor)])
    if protocol.word in ("icmp", "icmp6") and offset.word in _ICMP_OFFSETS:
        return conjunction([is_protocol, _icmp(cursor, _ICMP_OFFSETS[offset.word])])
    raise FilterError(
        f"a flow keeps no bytes {protocol.text}[{offset.text}]; only tcp[tcpflags], icmp[icmptype] and "
        "icmp[icmpcode] are known",
        protocol.column,
        ("tcp[tcpflags]", "icmp[icmptype]", "icmp[icmpcode]"),
    )


def _flags(cursor: Cursor) -> Term:
    mask = _ALL
    if cursor.accept("&"):
        mask = _flag_bits(cursor)
    is_negated = _sign(cursor)
    place = cursor.next
    wanted = _flag_bits(cursor)
    if wanted & ~mask:
        raise FilterError("these flags are masked out, so nothing matches", place.column)
    if not wanted and mask != _ALL:
        found = Match("tcp_flags", "any", (mask,))
        return found if is_negated else Not(found)
    term = _masked(mask, wanted)
    return Not(term) if is_negated else term


def _masked(mask: int, wanted: int) -> Term:
    """``flags & mask = wanted`` in the words of the filter language."""
    if mask == _ALL:
        return Match("tcp_flags", "=", (wanted,))
    cleared = mask & ~wanted
    terms: list[Term] = [Match("tcp_flags", "has", (wanted,))]
    if cleared:
        terms.append(Not(Match("tcp_flags", "any", (cleared,))))
    return conjunction(terms)


def _flag_bits(cursor: Cursor) -> int:
    if cursor.accept("("):
        bits = _flag_bits(cursor)
        _expect(cursor, ")")
        return bits
    bits = _flag_bit(cursor)
    while cursor.accept("|"):
        bits |= _flag_bit(cursor)
    return bits


def _flag_bit(cursor: Cursor) -> int:
    cursor.offer(Offer("word", tuple(_FLAG_BITS)))
    token = cursor.take()
    number = _number(token)
    bits = _FLAG_BITS.get(token.word) if number is None else number
    if bits is None or bits > _ALL:
        raise FilterError(f"expected tcp-syn or the like, found {token}", token.column, tuple(_FLAG_BITS))
    return bits


def _icmp(cursor: Cursor, name: str) -> Term:
    is_negated = _sign(cursor)
    names = {f"icmp-{word}": value for word, value in ICMP_TYPES.items()} if name == "icmp_type" else {}
    field = field_or_pair(name)
    if names:
        cursor.offer(Offer("word", tuple(names)))
    elif isinstance(field, Field):
        cursor.offer(Offer("value", field=field))
    token = cursor.take()
    number = _number(token)
    value = names.get(token.word) if number is None else number
    if value is None or value > 255:  # noqa: PLR2004 (one byte)
        raise FilterError(f"expected a number of one byte, found {token}", token.column, tuple(names))
    term = Match(name, "=", (value,))
    return Not(term) if is_negated else term


def _number(token: Token) -> int | None:
    try:
        return int(token.text, 0) if token.kind == "word" else None
    except ValueError:
        return None


def _sign(cursor: Cursor) -> bool:
    """Read ``=`` or ``!=``; whether it negates."""
    if cursor.accept("!="):
        return True
    if cursor.accept("=", "=="):
        return False
    raise cursor.unexpected("= or !=", ("=", "!="))


def _expect(cursor: Cursor, mark: str) -> None:
    if not cursor.accept(mark):
        raise cursor.unexpected(mark, (mark,))
