"""Mutes: findings that somebody has looked at and wants to see no more of.

A mute hides and forgets nothing: what it hides is counted in every answer, and can be shown.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from tidegauge.analysis.policy import HOLDER_FIELDS, Place
from tidegauge.flow.addresses import Network, address_from_text
from tidegauge.query.error import QuestionError
from tidegauge.query.syntax import And, Match, Not, Or, Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.analysis.actors import Holder
    from tidegauge.analysis.finding import Finding
    from tidegauge.query.syntax import Value

SCOPE = ("finding", "detector", "about", "filter")


class MuteError(QuestionError):
    """A mute that cannot be: says why, and what to write."""


class Mute(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is hidden: all of the scope that is told must fit, and something of it must be told.

    ``finding`` is the fingerprint of one, ``detector`` a name, ``about`` who did it, in the words of a policy
    (an address, a network, ``user John``), and ``filter`` fits a finding all of whose flows it matches.
    ``until`` is a time in ISO 8601: what is seen from then on is told again; "" hides for good.
    """

    finding: str = ""
    detector: str = ""
    about: str = ""
    filter: str = ""
    until: str = ""
    reason: str = ""
    made: str = ""

    @property
    def id(self) -> str:
        """Names the scope: a second mute of the same takes the place of the first."""
        return sha256("\x1f".join(self.scope).encode()).hexdigest()[:8]

    @property
    def scope(self) -> tuple[str, ...]:
        """What must fit, in the order of ``SCOPE``."""
        return tuple(getattr(self, name) for name in SCOPE)


class Actor(msgspec.Struct, frozen=True):
    """Who did it, as far as a mute can ask."""

    address: int
    holder: Holder
    home: Sequence[Network]

    def is_at(self, end: Place | Term) -> bool:
        """Whether this is who ``end`` speaks of."""
        if isinstance(end, Place):
            is_home = any(_holds(network, self.address) for network in self.home)
            return {Place.ANY: True, Place.HOME: is_home, Place.OUTSIDE: not is_home}[end]
        if isinstance(end, Not):
            return not self.is_at(end.term)
        if isinstance(end, And | Or):
            return (all if isinstance(end, And) else any)(self.is_at(inner) for inner in end.terms)
        return isinstance(end, Match) and any(self._is(end.field, value) for value in end.values)

    def _is(self, field: str, value: Value) -> bool:
        if isinstance(value, Network):
            return _holds(value, self.address)
        told = getattr(self.holder, HOLDER_FIELDS[field], None) if field in HOLDER_FIELDS else None
        return isinstance(value, str) and told is not None and told.lower() == value.lower()


def actor_of(finding: Finding, holder: Holder, home: Sequence[Network]) -> Actor:
    """The actor of a finding."""
    return Actor(address_from_text(finding.actor), holder, home)


def _holds(network: Network, address: int) -> bool:
    return network.first <= address <= network.last
