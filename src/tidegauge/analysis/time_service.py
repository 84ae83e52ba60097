"""The NTP server that runs beside the collector: what its record in the lake says of it now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import NANOSECONDS, instant_from_text
from tidegauge.ntp.service_record import STATE_FOLDER, read_record
from tidegauge.ntp.vouching import UNSYNCHRONISED_STRATUM

if TYPE_CHECKING:
    from tidegauge.ntp.service_record import ServiceRecord
    from tidegauge.store.lake import Lake

SERVING, UNSYNCHRONISED, STOPPED = "serving", "unsynchronised", "stopped"

PATIENCE_SECONDS = 60.0
"""A record is renewed every ten seconds. Who has missed six of them does not run."""


@dataclass(frozen=True, slots=True)
class TimeService:
    """A server's record, and its state: ``serving``, ``unsynchronised``, or ``stopped``."""

    record: ServiceRecord
    state: str

    @classmethod
    def at(cls, record: ServiceRecord, now: int) -> TimeService:
        """What a record says at ``now``."""
        age = (now - instant_from_text(record.written)) / NANOSECONDS
        is_known = record.stratum < UNSYNCHRONISED_STRATUM
        return cls(record, STOPPED if age > PATIENCE_SECONDS else SERVING if is_known else UNSYNCHRONISED)

    @property
    def is_running(self) -> bool:
        """Whether it answers, be it that nobody should trust it."""
        return self.state != STOPPED

    def clients(self, now: int) -> dict[str, int]:
        """How many clients there are in each state."""
        found = Counter(asker.state_at(now) for asker in self.record.clients)
        return {state: found[state] for state in ("asks", "asked once", "stopped")}


def time_service_of(lake: Lake, now: int) -> TimeService | None:
    """The server of a lake, None where none ever ran, or none whose record this release can read."""
    try:
        return TimeService.at(read_record(lake.path / STATE_FOLDER), now)
    except OSError:
        return None
