"""Uptime: NetFlow says when a flow began and ended in milliseconds since the exporter booted.

The count has 32 bits and starts over every 49.7 days. All arithmetic on it is modulo 2**32 and
signed, here and nowhere else in Python: unsigned differences are how other collectors come to show
flows 49.7 days in the past or future.
"""

from __future__ import annotations

from dataclasses import dataclass

from tidegauge.clock.era import unfold
from tidegauge.clock.instant_text import NANOSECONDS

MILLISECOND = 1_000_000
_CYCLE = 2**32

# How far arrival times may stretch or bunch a message's uptime before it looks like a reboot.
DELAY_ALLOWANCE = 10 * NANOSECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportHeader:
    """The two readings of one exporter clock that a NetFlow header puts side by side."""

    uptime_ms: int
    unix_seconds: int
    unix_nanoseconds: int = 0

    @property
    def export_time(self) -> int:
        """The wall clock as an instant."""
        return self.unix_seconds * NANOSECONDS + self.unix_nanoseconds


def uptime_difference(later_ms: int, earlier_ms: int) -> int:
    """Milliseconds from one uptime to another, taking the shorter way round the wrap.

    >>> uptime_difference(5, 2**32 - 5), uptime_difference(2**32 - 5, 5)
    (10, -10)
    """
    return unfold(later_ms - earlier_ms, _CYCLE, near=0)


def instant_from_uptime(event_ms: int, header: ExportHeader) -> int:
    """Place an exporter's "milliseconds since boot" on its own wall clock.

    We subtract from the uptime in the same header, so a wrap between flow and export does no harm,
    and an event slightly above the header's uptime (several vendors do that) lies slightly in the
    future. An event more than 24.8 days old is read as one in the future, and a reboot between
    event and export cannot be seen here: see ``is_reboot``.

    >>> instant_from_uptime(2**32 - 5, ExportHeader(uptime_ms=5, unix_seconds=1000))
    999990000000
    """
    return header.export_time - uptime_difference(header.uptime_ms, event_ms) * MILLISECOND


def is_reboot(before_ms: int, after_ms: int, elapsed: int) -> bool:
    """Whether an exporter restarted between two messages that arrived ``elapsed`` nanoseconds apart.

    A fall alone proves nothing: the count wraps, and datagrams overtake each other. What gives a
    restart away is an uptime that did not advance by the time that passed for us. One that happens
    to restart within ten seconds of its wrap is missed.
    """
    expected_ms = before_ms + elapsed // MILLISECOND
    return abs(uptime_difference(after_ms, expected_ms)) * MILLISECOND > DELAY_ALLOWANCE
