"""LeapSecond seconds as the IERS lists them (``leap-seconds.list``): which one is next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import NANOSECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

SYSTEM_LIST = Path("/usr/share/zoneinfo/leap-seconds.list")

# Seconds from 1900, from where the list counts, to 1970.
_EPOCH_SECONDS = 2_208_988_800

_DAY = 86_400 * NANOSECONDS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# A smear ends half a day after the leap.
_HALF_DAY = 43_200 * NANOSECONDS

_NUMBERS = 2


@dataclass(frozen=True, slots=True)
class LeapSecond:
    """A leap second: the first moment of the day after it, and whether it is one more or one less."""

    at: int
    is_inserted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LeapPlan:
    """The leap seconds we know of, and whether to smear them over a day or to announce them."""

    leaps: tuple[LeapSecond, ...] = ()
    is_smeared: bool = False

    def near(self, now: int) -> LeapSecond | None:
        """The next leap second, or the last one while its smear may still go on."""
        return min((leap for leap in self.leaps if leap.at + _HALF_DAY > now), default=None, key=_moment)


def announced_leap(word: str, now: int) -> LeapSecond | None:
    """The leap second that servers announce by ``insert`` or ``delete``, where it can be at the end of today.

    Some announce it all month long, but a leap second ends a month (ITU-R TF.460).
    """
    midnight = (now // _DAY + 1) * _DAY
    ends_month = (_EPOCH + timedelta(microseconds=midnight // 1000)).day == 1
    return LeapSecond(midnight, word == "insert") if word and ends_month else None


@dataclass(frozen=True, slots=True)
class LeapList:
    """What a list says, and until when nothing else can happen; nanoseconds since 1970."""

    leaps: tuple[LeapSecond, ...]
    expires: int

    @classmethod
    def from_text(cls, text: str) -> LeapList:
        """Read a list. Raises ValueError with a sentence when it is none."""
        lines = [line.split() for line in text.splitlines()]
        try:
            expires = next(int(words[1]) for words in lines if words[:1] == ["#@"])
            steps = [tuple(map(int, words[:_NUMBERS])) for words in lines if words and words[0][0] != "#"]
        except (StopIteration, ValueError, IndexError):
            raise ValueError("this is no leap-seconds.list as the IERS publishes it") from None
        return cls(_leaps(steps), _instant(expires))


def _leaps(steps: Sequence[tuple[int, ...]]) -> tuple[LeapSecond, ...]:
    """Where the difference to atomic time changes: the list starts with its first value, which is no leap."""
    pairs = pairwise(steps)
    return tuple(LeapSecond(_instant(moment), after > before) for (_, before), (moment, after) in pairs)


def _instant(seconds: int) -> int:
    return (seconds - _EPOCH_SECONDS) * NANOSECONDS


def _moment(leap: LeapSecond) -> int:
    return leap.at
