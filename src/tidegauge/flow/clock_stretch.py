"""A clock stretch: whose clock a stretch is of, and what speaks for it besides headers."""

from __future__ import annotations

import msgspec

from tidegauge.clock.stretch import Stretch


class ClockStretch(msgspec.Struct, frozen=True, array_like=True):
    """What is known of one exporter's wall clock for arrivals in a stretch.

    ``latest_record`` is how far ahead of its arrival the latest record ended that tells times of its own,
    by its own word, in nanoseconds; None where there was no such record. ``is_two_way`` says that exchanges
    of ours, whose times records told, agree with what headers show. ``changes`` counts the steps of the last
    hours. ``age_quantum`` is what the header's uptime, which ages are counted from, is a multiple of; None
    without.
    ``former`` is what was known of the clock before it was set, as long as that matters.
    """

    exporter: bytes
    observation_domain: int
    protocol_version: str
    stretch: Stretch
    latest_record: int | None = None
    is_two_way: bool = False
    changes: int = 0
    age_quantum: int | None = None
    former: ClockStretch | None = None

    @property
    def has_even_ages(self) -> bool:
        """Whether ages are counted from the same whole second that the header tells.

        Most exporters round the header's time alone, so that ages tell more of a flow's times than it does.
        """
        return self.age_quantum is not None and self.age_quantum >= self.stretch.quantum
