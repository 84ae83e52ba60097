"""The clock plan: whose flow times are put right, in ``clocks.toml`` beside the lake's data.

    correct = "proven"

    ["a lab router that plays another day"]
    exporter = "192.0.2.7"
    correct = "never"

Without a plan every exporter is corrected where its clock is proven wrong.
"""

from __future__ import annotations

import tomllib
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tidegauge.flow.addresses import address_from_text
from tidegauge.store.errors import LakeUnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE_NAME = "clocks.toml"


class Policy(StrEnum):
    """When the times of an exporter's flows are put right."""

    NEVER = "never"
    """They stay as they were told."""
    PROVEN = "proven"
    """Where no offset near 0 is possible, and records tell the same time as headers."""
    ALWAYS = "always"
    """By the best estimate, however small, also where the records were not seen to tell the headers' time."""


class ClockPlan(NamedTuple):
    """The policy for all exporters, and that of some by their 16 bytes of address."""

    default: Policy = Policy.PROVEN
    exporters: Mapping[bytes, Policy] = {}

    def policy_of(self, exporter: bytes) -> Policy:
        """What holds for an exporter."""
        return self.exporters.get(exporter, self.default)

    @property
    def is_for_everyone(self) -> bool:
        """Whether clocks are followed that nobody doubts."""
        return Policy.ALWAYS in (self.default, *self.exporters.values())


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    exporter: str
    correct: Policy


def clock_plan(folder: Path) -> ClockPlan:
    """The plan of a lake. Raises LakeUnreadableError for a wrong one."""
    path = folder / FILE_NAME
    try:
        return plan_from_text(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        return ClockPlan()
    except OSError as error:
        raise LakeUnreadableError(f"{path}: {error}") from None
    except ValueError as error:
        raise LakeUnreadableError(str(error)) from None


def plan_from_text(text: str, place: str = FILE_NAME) -> ClockPlan:
    """Read a plan; ``place`` is what errors call it. Raises ValueError where it is wrong.

    >>> plan_from_text('correct = "never"').default
    <Policy.NEVER: 'never'>
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{place}: {error}") from None
    default = _policy(told.pop("correct", Policy.PROVEN), place)
    exporters: dict[bytes, Policy] = {}
    for name, entry in told.items():
        address, policy = _exporter(entry, f"{place}: {name!r}")
        if address in exporters:
            raise ValueError(f"{place}: {name!r} speaks of the same exporter as another entry; keep one")
        exporters[address] = policy
    return ClockPlan(default, exporters)


def _exporter(entry: Any, place: str) -> tuple[bytes, Policy]:  # noqa: ANN401 (TOML)
    if not isinstance(entry, dict):
        raise ValueError(f"{place}: write exporter and correct below a name in brackets")  # noqa: TRY004 (the text is wrong)
    policy = _policy(entry.get("correct", ""), place)
    try:
        read = msgspec.convert(entry, _Entry)
        return address_from_text(read.exporter).to_bytes(16, "big"), policy
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None


def _policy(word: Any, place: str) -> Policy:  # noqa: ANN401 (TOML)
    try:
        return Policy(word)
    except ValueError:
        choices = ", ".join(Policy)
        raise ValueError(f"{place}: correct is one of {choices}, not {word!r}") from None
