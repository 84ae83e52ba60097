"""The policy: who may reach what.

Rules are asked in order and the first that fits decides, as in a firewall; what none fits is allowed
unless the policy says otherwise. tidegauge does not block anything: it tells where the network did what the
policy says it must not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tidegauge.query.error import QuestionError

if TYPE_CHECKING:
    from datetime import tzinfo

    from tidegauge.analysis.finding import Severity
    from tidegauge.analysis.weekly_hours import WeeklyHours
    from tidegauge.query.syntax import Term

HIGHEST_PORT = 65535
HOLDER_FIELDS = {"team": "team", "machine": "machine", "user": "person"}
"""Fields that may stand in ``from`` and ``to``, with the column of ``holders`` each is looked up in."""


class PolicyError(QuestionError):
    """A policy that cannot be read: says where in which file, and what to write."""


class Action(StrEnum):
    """What a rule says about what it fits."""

    ALLOW = "allow"
    DENY = "deny"


class Place(StrEnum):
    """Ends of a rule that are not told by addresses."""

    ANY = "any"
    HOME = "home"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports of a protocol, both ends included; a ``protocol`` of None is TCP or UDP."""

    protocol: int | None
    first: int = 0
    last: int = HIGHEST_PORT


@dataclass(frozen=True, slots=True)
class Rule:
    """Whoever one of ``sources`` fits may, or may not, reach what ``targets``, ``ports`` and ``hours`` fit.

    A Term speaks of one address only: its matches are of ``addr`` or of ``HOLDER_FIELDS``. No ports are all
    of them and any protocol, no hours are always.
    """

    name: str
    action: Action
    sources: tuple[Place | Term, ...]
    targets: tuple[Place | Term, ...]
    ports: tuple[Ports, ...]
    hours: WeeklyHours | None
    why: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules in the order they are asked in, and what is said of what none of them fits."""

    rules: tuple[Rule, ...]
    default: Action
    zone: tzinfo
