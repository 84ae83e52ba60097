"""When to ask a server again, and whether at all."""

from __future__ import annotations

from tidegauge.clock.instant_text import NANOSECONDS

MINIMUM_POLL, MAXIMUM_POLL = 4, 10
"""Powers of two in seconds: 16 seconds to 17 minutes (RFC 5905, section 7.3)."""
SLOWEST_POLL = 17
"""So far a server may push us that wants to be asked less often: 36 hours."""

BURST = 4
BURST_SECONDS = 2
"""At first a few questions come sooner, so that a start takes seconds."""

_REMEMBERED = 8


class PollSchedule:
    """Times are nanoseconds of a clock that only runs forward.

    ``reach`` has a bit for each of the last eight questions, 1 where it was answered, the latest lowest.
    """

    def __init__(self, now: int) -> None:
        self.poll = MINIMUM_POLL
        self.reach = 0
        self.due: int | None = now
        self._floor = MINIMUM_POLL
        self._asked = 0

    @property
    def is_refused(self) -> bool:
        """Whether the server forbade us to ask, which we obey for good."""
        return self.due is None

    @property
    def is_willing(self) -> bool:
        """Whether the server has never asked to be asked less often, or not at all."""
        return not self.is_refused and self._floor == MINIMUM_POLL

    @property
    def is_unreachable(self) -> bool:
        """Whether none of the last eight questions was answered; false while nothing was asked."""
        return self._asked > 0 and self.reach == 0

    def answered(self, now: int, *, is_steady: bool) -> None:
        """Note an answer. Where nothing is lost by it (``is_steady``), the next question comes later."""
        self._note(1)
        recent = (1 << BURST) - 1
        if not is_steady:
            self.poll = max(self.poll - 1, self._floor)
        elif self.reach & recent == recent:
            self.poll = min(self.poll + 1, max(MAXIMUM_POLL, self._floor))
        self._ask_again(now)

    def missed(self, now: int) -> None:
        """Note that no answer came. A server that stays silent is asked less and less often."""
        self._note(0)
        if self.reach == 0 and self._asked >= _REMEMBERED:
            self.poll = min(self.poll + 1, max(MAXIMUM_POLL, self._floor))
        self._ask_again(now)

    def slowed_down(self, now: int) -> None:
        """Obey RATE: from now on at least twice as long from one question to the next."""
        self._note(0)
        self._asked = max(self._asked, BURST)
        self._floor = self.poll = min(self.poll + 1, SLOWEST_POLL)
        self._ask_again(now)

    def refused(self) -> None:
        """Obey DENY and RSTR: never again."""
        self._note(0)
        self.due = None

    def _note(self, bit: int) -> None:
        self.reach = (self.reach << 1 | bit) & 0xFF
        self._asked += 1

    def _ask_again(self, now: int) -> None:
        seconds = BURST_SECONDS if self._asked < BURST else 2**self.poll
        self.due = now + seconds * NANOSECONDS
