"""Who asks our NTP server: what a client lets us see, and whether it still does."""

from __future__ import annotations

from typing import Any

import msgspec

from tidegauge.clock.instant_text import NANOSECONDS, instant_from_text, text_from_instant

# A client that missed this many polls has stopped: packets get lost, and polls grow longer by steps of two.
PATIENCE_POLLS = 4

# Between questions of a client that asks in bursts; a minute of silence means nothing.
PATIENCE_SECONDS = 120.0


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """One address that asks, in the words of ``time clients``.

    ``offset_seconds`` is the client's clock minus ours, less the time its request took to us; None where the
    client hides its clock, as most do. ``poll_seconds`` is its own word, ``interval_seconds`` the
    median of its last few intervals.
    """

    address: str
    first_seen: str
    last_seen: str
    requests: int
    answered: int
    limited: int
    authenticated: int
    interleaved: int
    version: int
    poll_seconds: float
    interval_seconds: float | None
    offset_seconds: float | None

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Asker:
        """Read a row of ``TimeServer.clients``."""
        return cls(
            address=row["address"],
            first_seen=text_from_instant(row["first_seen"]),
            last_seen=text_from_instant(row["last_seen"]),
            requests=row["requests"],
            answered=row["answered"],
            limited=row["limited"],
            authenticated=row["authenticated"],
            interleaved=row["interleaved"],
            version=row["version"],
            poll_seconds=2.0 ** row["poll"],
            interval_seconds=_seconds(row["interval"]),
            offset_seconds=_seconds(row["offset"]),
        )

    def state_at(self, now: int) -> str:
        """``asks``; ``stopped``, after several missed polls; or ``asked once``, of which nothing follows."""
        if self.requests == 1:
            return "asked once"
        silence = (now - instant_from_text(self.last_seen)) / NANOSECONDS
        # Its poll is only its word, and may be anything; how often it did ask is a fact.
        usual = self.interval_seconds or self.poll_seconds
        return "stopped" if silence > max(PATIENCE_SECONDS, PATIENCE_POLLS * usual) else "asks"


def askers(rows: list[dict[str, Any]]) -> list[Asker]:
    """All clients, those heard of last first."""
    found = [Asker.from_row(row) for row in rows]
    return sorted(found, key=lambda asker: (asker.last_seen, asker.address), reverse=True)


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / NANOSECONDS
