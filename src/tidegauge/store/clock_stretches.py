"""What was worked out of exporters' clocks, hour by hour: a file for each day in ``clock_stretches/``.

All of it can be worked out again from what the lake holds. So each hour carries the state of what it was made
of, one that no longer fits is not read, and where nothing can be written nothing is lost but time.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from tidegauge.flow.clock_stretch import ClockStretch
from tidegauge.store.durable import whole

if TYPE_CHECKING:
    from pathlib import Path

    from tidegauge.store.lake import Lake

HOURS_OF_A_DAY = 24

_FOLDER = "clock_stretches"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class HourOfClocks(msgspec.Struct, frozen=True):
    """The stretches of one hour, and the ``state`` of what they were made of."""

    state: str
    stretches: tuple[ClockStretch, ...]


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[int, HourOfClocks]).decode


class StretchFiles:
    """The hours that a lake keeps, by their number since 1970; each day is read once."""

    def __init__(self, lake: Lake) -> None:
        self._folder = lake.path / _FOLDER
        self._days: dict[int, dict[int, HourOfClocks]] = {}
        self._changed: set[int] = set()

    def get(self, hour: int, state: str) -> tuple[ClockStretch, ...] | None:
        """What was worked out for an hour from just that; None where nothing was."""
        found = self._day(hour // HOURS_OF_A_DAY).get(hour)
        return found.stretches if found and found.state == state else None

    def put(self, hour: int, state: str, stretches: tuple[ClockStretch, ...]) -> None:
        """Keep what was worked out for an hour, in memory until ``save``."""
        day = hour // HOURS_OF_A_DAY
        self._day(day)[hour] = HourOfClocks(state, stretches)
        self._changed.add(day)

    def save(self) -> None:
        """Write the days that changed; a lake that cannot be written to stays as it is."""
        with suppress(OSError):
            for day in sorted(self._changed):
                self._folder.mkdir(exist_ok=True)
                with whole(self._path(day)) as partial:
                    partial.write_bytes(_encode(self._days[day]))
        self._changed.clear()

    def _day(self, day: int) -> dict[int, HourOfClocks]:
        if day not in self._days:
            self._days[day] = _read(self._path(day))
        return self._days[day]

    def _path(self, day: int) -> Path:
        return self._folder / f"{_EPOCH + timedelta(days=day):%Y-%m-%d}.json"


def _read(path: Path) -> dict[int, HourOfClocks]:
    try:
        return _decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError):
        return {}
