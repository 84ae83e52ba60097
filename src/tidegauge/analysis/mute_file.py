"""The file that mutes are written in: TOML, one ``[[mute]]`` after the other, for programs and for people.

What a person wrote around them stays. A file with a mistake hides nothing: what one was not shown by
mistake one would never miss.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import msgspec

from tidegauge.analysis.mute import SCOPE, Mute, MuteError
from tidegauge.analysis.policy_file import end_from_text
from tidegauge.clock.instant_text import instant_from_text
from tidegauge.query.error import FilterError
from tidegauge.query.parser import parse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tidegauge.store.lake import Lake

FILE_NAME = "mutes.toml"
_HEADER = "[[mute]]"
_BLOCK = re.compile(r"^(?=[ \t]*\[\[\s*mute\s*\]\])", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def read_mutes(folder: Path, macros: Mapping[str, str]) -> list[Mute]:
    """The mutes of a lake, in the order of the file. Raises MuteError, and OSError."""
    path = folder / FILE_NAME
    try:
        mutes = _mutes(path.read_text("utf-8"), str(path))
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        raise MuteError(f"{path} is no text in UTF-8: {error}") from None
    for number, mute in enumerate(mutes, start=1):
        check_mute(mute, macros, f"{path}: mute {number}: ")
    return mutes


def check_mute(mute: Mute, macros: Mapping[str, str], place: str = "") -> None:
    """Raise MuteError for a mute that hides everything, or that speaks of nothing there can be."""
    if not any(mute.scope):
        raise MuteError(f"{place}a mute without a scope would hide everything; say one of {', '.join(SCOPE)}")
    try:
        if mute.about:
            end_from_text(mute.about, macros)
        parse(mute.filter, macros)
        if mute.until:
            instant_from_text(mute.until)
    except FilterError as error:
        raise MuteError(f"{place}{error}\n{error.picture}") from None
    except ValueError as error:
        raise MuteError(f"{place}{error}") from None


def add_mute(lake: Lake, mute: Mute, macros: Mapping[str, str]) -> None:
    """Write a mute down, in the place of one with the same scope. Raises MuteError, and LakeError."""
    check_mute(mute, macros)
    lake.rewrite(FILE_NAME, lambda text: _read_again(_joined(_without(text, mute.id), _written(mute))))


def remove_mute(lake: Lake, number: str) -> bool:
    """Strike out a mute by its ``id``; False where there was none. Raises MuteError, and LakeError."""
    found: list[Mute] = []

    def strike(text: str) -> str:
        found.extend(mute for mute in _mutes(text) if mute.id == number)
        left = _without(text, number)
        if any(mute.id == number for mute in _mutes(left)):
            raise MuteError(f"{FILE_NAME}: mute {number} does not begin with a line {_HEADER}; strike it out")
        return left

    lake.rewrite(FILE_NAME, strike)
    return bool(found)


def _mutes(text: str, place: str = FILE_NAME) -> list[Mute]:
    try:
        return list(msgspec.convert(tomllib.loads(text), _File).mute)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise MuteError(f"{place}: {error}") from None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    mute: tuple[Mute, ...] = ()


def _without(text: str, number: str) -> str:
    """The text without the blocks of a mute."""
    before, *blocks = _BLOCK.split(text)
    return "".join([before, *(block for block in blocks if _mutes(block)[0].id != number)])


def _read_again(text: str) -> str:
    """The text, which must still be readable as a whole before it takes the place of the one there is."""
    _mutes(text)
    return text


def _joined(text: str, block: str) -> str:
    return f"{text.rstrip()}\n\n{block}" if text.strip() else block


def _written(mute: Mute) -> str:
    told = msgspec.to_builtins(mute)
    return "\n".join([_HEADER, *(f"{key} = {_quoted(value)}" for key, value in told.items()), ""])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'
