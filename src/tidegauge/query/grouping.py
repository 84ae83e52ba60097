"""What flows are grouped by: a field, either of two fields, or the network an address lies in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.flow.addresses import BITS
from tidegauge.query.error import QuestionError
from tidegauge.query.predicate import column
from tidegauge.query.statement import Column
from tidegauge.query.vocabulary import Pair, field_or_pair, nearest

if TYPE_CHECKING:
    from tidegauge.flow.field import Field
    from tidegauge.query.parameters import Parameters
    from tidegauge.query.vocabulary import Find

_V4_BITS = 32
_SITE_LENGTH = 64
_V4_FIRST = "CAST('00000000-0000-0000-0000-ffff00000000' AS UUID)"
_V4_LAST = "CAST('00000000-0000-0000-0000-ffffffffffff' AS UUID)"


@dataclass(frozen=True, slots=True)
class Key:
    """One thing to group by: its column in the answer, and SQL over the columns of a flow.

    A key of either side has ``unnest`` in its SQL: the flow counts for both of its ends, once
    where they are the same. ``fields`` are those it is made of.
    """

    column: Column
    sql: str
    is_either_side: bool = False
    fields: tuple[Field, ...] = ()


def keys(by: tuple[str, ...], parameters: Parameters, find: Find = field_or_pair) -> tuple[Key, ...]:
    """The keys that ``by`` names, whose words mean what ``find`` says.

    Raises QuestionError when one is unknown or they do not go together.
    """
    found = tuple(_key(words, parameters, find) for words in by)
    if sum(key.is_either_side for key in found) > 1:
        raise QuestionError(
            f"only one of {', '.join(by)} may mean either side of a flow; use src_… or dst_… for the other"
        )
    names = [key.column.name for key in found]
    if len(set(names)) < len(names):
        raise QuestionError(f"grouped twice by the same field: {', '.join(names)}")
    return found


def _key(words: str, parameters: Parameters, find: Find) -> Key:
    name, slash, lengths = words.strip().partition("/")
    entry = find(name)
    if entry is None:
        suggestion = nearest(name)
        hint = f"did you mean {suggestion}?" if suggestion else "see: tidegauge fields"
        raise QuestionError(f"{name!r} is no field; {hint}")
    field = entry.left if isinstance(entry, Pair) else entry
    if field.type == "elements":
        raise QuestionError(f"{field.name} is a list of elements and cannot be grouped by")
    cut = _lengths(words, lengths, field) if slash else None
    kind = "network" if cut else field.type
    answer_column = Column(entry.name, kind, field.unit, cut)
    if isinstance(entry, Pair):
        return Key(
            answer_column,
            _either(*(_cut(side, cut, parameters) for side in (entry.left, entry.right))),
            is_either_side=True,
            fields=(entry.left, entry.right),
        )
    return Key(answer_column, _cut(field, cut, parameters), fields=(field,))


def _lengths(words: str, lengths: str, field: Field) -> tuple[int, int]:
    """Prefix lengths for IPv4 and IPv6.

    One number up to 32 cuts IPv4 there and IPv6 at /64, the length of one link (RFC 4291, 2.5.1);
    a larger one cuts IPv6 only.
    """
    numbers = [int(part) if part.isdecimal() else BITS + 1 for part in lengths.split("/")]
    if field.type != "address" or len(numbers) > 2 or max(numbers) > BITS:  # noqa: PLR2004 (one length for each family)
        raise QuestionError(
            f"{words!r} is no network to group by; write src_addr/24, src_addr/48 or src_addr/24/48"
        )
    if len(numbers) == 1:
        numbers = [numbers[0], _SITE_LENGTH] if numbers[0] <= _V4_BITS else [_V4_BITS, numbers[0]]
    if numbers[0] > _V4_BITS:
        raise QuestionError(f"{words!r}: an IPv4 prefix has at most 32 bits")
    return numbers[0], numbers[1]


def _cut(field: Field, lengths: tuple[int, int] | None, parameters: Parameters) -> str:
    address = column(field)
    if lengths is None:
        return address
    v4, v6 = (_mask(BITS - _V4_BITS + lengths[0], parameters), _mask(lengths[1], parameters))
    number = f"CAST({address} AS UHUGEINT)"
    mask = f"CASE WHEN {address} BETWEEN {_V4_FIRST} AND {_V4_LAST} THEN {v4} ELSE {v6} END"
    return f"({number} & {mask})"


def _mask(length: int, parameters: Parameters) -> str:
    ones = (1 << length) - 1
    return f"CAST({parameters.add(str(ones << (BITS - length)))} AS UHUGEINT)"


def _either(left: str, right: str) -> str:
    same = f"({left}) IS NOT DISTINCT FROM ({right})"
    return (
        f"unnest(CASE WHEN {same} OR ({right}) IS NULL THEN [{left}] "
        f"WHEN ({left}) IS NULL THEN [{right}] ELSE [{left}, {right}] END)"
    )
