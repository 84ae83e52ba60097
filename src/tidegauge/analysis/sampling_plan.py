"""The sampling plan: how routers that do not say so sample, in ``sampling.toml`` beside the lake's data.

    ["core router"]
    exporter = "192.0.2.1"
    interval = 1000

    ["core router, since the upgrade"]
    exporter = "192.0.2.1"
    interface = 3
    direction = "in"
    interval = 100
    since = 2026-05-01
    until = "2026-06-01T08:00:00+02:00"

It goes before what exporters say themselves: who writes it down knows better, or wants to.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from tidegauge.clock.instant_text import instant_from_text, text_from_instant
from tidegauge.flow.addresses import address_from_text, uuid_text
from tidegauge.query.sampling import EVER, FOREVER, STATED
from tidegauge.store.errors import LakeUnreadableError

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "sampling.toml"
_HEADER = re.compile(r"^[ \t]*\[[^\[\]\n]*\]", re.MULTILINE)
_LARGEST = 2**32 - 1


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    exporter: str
    interval: int
    interface: int | None = None
    direction: Literal["in", "out"] | None = None
    since: str | None = None
    until: str | None = None


class Stated(msgspec.Struct, frozen=True):
    """One packet in how many, on what, from when until when; a row of the relation ``sampling``."""

    exporter: str
    interface: int | None
    direction: int | None
    sampled: int
    since: int
    until: int
    source: str = STATED


def sampling_plan(folder: Path) -> list[Stated]:
    """What the plan of a lake states, nothing without a plan. Raises LakeUnreadableError for a wrong one."""
    path = folder / FILE_NAME
    try:
        return plan_from_text(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LakeUnreadableError(f"{path}: {error}") from None
    except ValueError as error:
        raise LakeUnreadableError(str(error)) from None


def plan_from_text(text: str, place: str = FILE_NAME) -> list[Stated]:
    """Read a plan; ``place`` is what errors call it. Raises ValueError where an entry is wrong."""
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{place}: {error}") from None
    lines = [text.count("\n", 0, found.start()) + 1 for found in _HEADER.finditer(text)]
    places = {name: f"{place}:{line}: {name!r}" for name, line in zip(entries, lines, strict=False)}
    stated = {name: _stated(entry, places.get(name, place)) for name, entry in entries.items()}
    _refuse_contradictions(stated, places)
    return list(stated.values())


def _stated(entry: Any, place: str) -> Stated:  # noqa: ANN401 (TOML)
    if not isinstance(entry, dict):
        raise ValueError(f"{place}: write a name in brackets above it")  # noqa: TRY004 (the text is wrong)
    # TOML has times of its own; what people write is the same.
    told = {key: value.isoformat() if isinstance(value, date) else value for key, value in entry.items()}
    try:
        read = msgspec.convert(told, _Entry)
        since = EVER if read.since is None else instant_from_text(read.since)
        until = FOREVER if read.until is None else instant_from_text(read.until)
        _refuse_nonsense(read.interval, since, until)
        direction = None if read.direction is None else ("in", "out").index(read.direction)
        exporter = uuid_text(address_from_text(read.exporter))
        return Stated(exporter, read.interface, direction, read.interval, since, until)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None


def _refuse_nonsense(interval: int, since: int, until: int) -> None:
    if not 0 < interval <= _LARGEST:
        raise ValueError(f"interval {interval}: write 1000 for one packet in 1000, 1 for every packet")
    if since >= until:
        raise ValueError("it ends before it begins; put since before until")


def _refuse_contradictions(stated: dict[str, Stated], places: dict[str, str]) -> None:
    """Two statements about the same thing must not hold at once: neither would go before the other."""

    def scope(name: str) -> tuple[str | int, ...]:
        entry = stated[name]
        # Nothing is numbered so, and None has no order.
        parts = (-1 if part is None else part for part in (entry.interface, entry.direction))
        return (entry.exporter, *parts)

    ordered = sorted(stated, key=lambda name: (scope(name), stated[name].since))
    for former, latter in pairwise(ordered):
        if scope(former) == scope(latter) and stated[former].until > stated[latter].since:
            begins = stated[latter].since
            until = f"until = {text_from_instant(begins)}" if begins != EVER else "since or until"
            raise ValueError(
                f"{places.get(latter, latter)} speaks of the same as {former!r} at the same time;"
                f" give {former!r} an end, {until}, or take one away"
            )
