"""A file that names elements: those of a vendor we know nothing of, or of one we know wrongly.

    enterprise,id,name,type
    # what our own firewalls add
    64500,1,acmeRuleName,string
    64500,2,acmeVerdict,unsigned8

``enterprise`` is the vendor's private enterprise number, ``type`` one of IPFIX. What NetFlow v9 numbers
itself, from 32768 on, and what IANA has no name for yet, is of enterprise 0. Such a name goes before what we
know of that vendor; the elements of IANA keep theirs.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.exporters.registered_elements import KEPT, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HEADING = ("enterprise", "id", "name", "type")
REVERSE_ENTERPRISE = 29305
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,127}")
_KEPT_NAMES = frozenset(KEPT.values())


class ToldElement(NamedTuple):
    """An element as somebody names it."""

    enterprise: int
    id: int
    name: str
    type: str


class ElementFileError(OSError):
    """A file of elements cannot be read; the message says which line, and what to write instead."""


def elements_from_text(text: str) -> list[ToldElement]:
    """Read a file's elements. Raises ValueError with the line that cannot be meant, and why."""
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    rows = [(number, _cells(line)) for number, line in lines if line and not line.startswith("#")]
    if rows and rows[0][1] != HEADING:
        raise ValueError(f"line {rows[0][0]}: begin with the line {','.join(HEADING)}")
    elements: list[ToldElement] = []
    places: dict[tuple[int, int] | str, int] = {}
    for number, cells in rows[1:]:
        try:
            element = _element(cells)
            _refuse_again(element, places)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        places |= {element[:2]: number, element.name: number}
        elements.append(element)
    return elements


def _refuse_again(element: ToldElement, places: Mapping[tuple[int, int] | str, int]) -> None:
    for what in (element[:2], element.name):
        if what in places:
            raise ValueError(f"{_words(what)} stands in line {places[what]} already; take one of them out")


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.split(","))


def _words(what: tuple[int, int] | str) -> str:
    return what if isinstance(what, str) else ":".join(map(str, what))


def _element(cells: Sequence[str]) -> ToldElement:
    if len(cells) != len(HEADING):
        raise ValueError(f"{len(cells)} values where {','.join(HEADING)} are {len(HEADING)}")
    enterprise, number = _number(cells[0], "enterprise", 2**32 - 1), _number(cells[1], "id", 2**16 - 1)
    element = ToldElement(enterprise, number, cells[2], _type(cells[3]))
    if enterprise == REVERSE_ENTERPRISE:
        raise ValueError(
            f"{enterprise} stands for IANA's elements in the opposite direction, which follow from those"
        )
    if kept := KEPT.get(element[:2]):
        raise ValueError(
            f"{_words(element[:2])} is {kept} and keeps its meaning;"
            " give an element of your own its vendor's enterprise"
        )
    if enterprise and number >= 2**15:
        raise ValueError(f"id {number} is beyond 32767; a type of NetFlow v9 is of enterprise 0")
    if not _NAME.fullmatch(element.name) or element.name in _KEPT_NAMES:
        raise ValueError(
            f"{element.name!r} is no name for it; take a word of letters and digits that no element has yet"
        )
    return element


def _number(text: str, what: str, largest: int) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > largest:
        raise ValueError(f"{what} {text!r} is no number from 0 to {largest}")
    return int(text)


def _type(text: str) -> str:
    if text in TYPES:
        return text
    near = get_close_matches(text, TYPES, 1)
    raise ValueError(f"there is no type {text!r}; {f'perhaps {near[0]}' if near else _listed(TYPES)}")


def _listed(words: Iterable[str]) -> str:
    return f"write one of {', '.join(words)}"
