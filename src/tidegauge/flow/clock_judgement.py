"""What this machine's own clock was worth at a moment, and who said so."""

from __future__ import annotations

from typing import Literal

import msgspec

UNWRITTEN_PART = 0.25
"""An edge may move by so much of the width before a new judgement is written down."""


class SourceJudgement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one server had to say. Nanoseconds, None where unknown.

    True time minus our clock lies from ``low`` to ``high``, if the server is right. ``delay`` is the round
    trip of its latest answer; ``reach`` has a bit for each of the last eight questions, 1 where it was
    answered. ``restarts`` counts answers that contradicted those before. ``complaint`` says in words why it
    is of no use.
    """

    server: str
    state: str
    low: int | None = None
    high: int | None = None
    delay: int | None = None
    reach: int = 0
    poll: int = 0
    stratum: int | None = None
    restarts: int = 0
    complaint: str = ""


class ClockJudgement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """At the instant ``at`` true time minus our clock lay from ``low`` to ``high``, None where nobody knows.

    ``judge`` says so: ``sources`` (servers that we ask), ``chrony``, ``kernel``, or ``none``. ``step`` is by
    how much somebody set our clock since the judgement before, forward positive. Nanoseconds. ``leap`` is
    what a majority of the good servers say of the day's last minute: ``insert``, ``delete``, or nothing.
    """

    at: int
    judge: str
    low: int | None = None
    high: int | None = None
    step: int = 0
    leap: Literal["", "insert", "delete"] = ""
    sources: tuple[SourceJudgement, ...] = ()

    @property
    def error(self) -> tuple[int, int] | None:
        """``low`` and ``high`` together, where they are known."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def bound(self) -> int | None:
        """How far our clock may have been off."""
        return max(-self.error[0], self.error[1]) if self.error else None

    @property
    def lasting(self) -> tuple[int, int] | None:
        """``low`` and ``high`` until the next judgement is written down; None where nobody knows."""
        if self.low is None or self.high is None:
            return None
        unwritten = round((self.high - self.low) * UNWRITTEN_PART)
        return self.low - unwritten, self.high + unwritten

    def holds_for(self, later: ClockJudgement) -> bool:
        """Whether what it says still holds when ``later`` is made, so that this need not be written down."""
        lasting = self.lasting
        if lasting is None or later.low is None or later.high is None:
            return self.bound is None and later.bound is None
        is_inside = lasting[0] <= later.low and later.high <= lasting[1]
        return is_inside and later.high - later.low >= (lasting[1] - lasting[0]) / 2

    @property
    def is_undecided(self) -> bool:
        """Whether servers contradict each other and no majority tells which of them are right."""
        return any(source.state == "undecided" for source in self.sources)

    @property
    def good_sources(self) -> int:
        """How many servers could be right."""
        return sum(source.state == "good" for source in self.sources)
