"""The NTP server: Rust answers, we keep telling it what our clock is worth."""

from __future__ import annotations

import time
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Self

from tidegauge._core import TimeServer
from tidegauge.ntp.askers import Asker, askers
from tidegauge.ntp.leap_seconds import LeapPlan, announced_leap
from tidegauge.ntp.own_clock import read_own_clock
from tidegauge.ntp.vouching import vouching_from_clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from tidegauge.ntp.cookie_keys import CookieKeys
    from tidegauge.ntp.own_clock import OwnClock
    from tidegauge.ntp.vouching import Vouching

# A word holds for 300 seconds, after which the server admits to know nothing.
RENEWAL_SECONDS = 16.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """Whom to answer and how often; ``TimeServer`` takes the same names and explains them."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    requests_per_second: float | None = None
    burst: int = 32
    kiss: bool = False

    def admits(self, address: str) -> bool:
        """Whether this address is answered, by the same rule as NTP requests are."""
        asked = ip_address(address)
        rules = [*((False, text) for text in self.allow), *((True, text) for text in self.deny)]
        holding = [
            (network.prefixlen, is_denied)
            for is_denied, text in rules
            if asked in (network := ip_network(text))
        ]
        _, is_denied = max(holding, default=(0, bool(self.allow)))
        return not is_denied


class VouchedServer:
    """A server that answers from a thread of its own and says how good our clock is.

    ``local_stratum`` (1 to 15) vouches for our clock where nothing else does. Without ``manners`` everybody
    is answered as often as they like; ``leaps`` are announced or smeared. ``judge`` says how good our clock
    is for the next ``RENEWAL_SECONDS``, in place of those on this machine who may know. Port 0 takes a free
    one. Raises ValueError for manners that mean nothing, and OSError when the address is taken or not ours.
    """

    def __init__(
        self,
        host: str,
        port: int,
        local_stratum: int | None = None,
        manners: Manners | None = None,
        leaps: LeapPlan | None = None,
        judge: Callable[[], OwnClock] | None = None,
    ) -> None:
        manners = manners or Manners()
        self._leaps = leaps or LeapPlan()
        self._server = TimeServer(
            host,
            port,
            allow=manners.allow,
            deny=manners.deny,
            requests_per_second=manners.requests_per_second,
            burst=manners.burst,
            kiss=manners.kiss,
        )
        self._local_stratum = local_stratum
        self._judge = judge
        self.word = self.renew()
        """What we tell of our clock."""

    @property
    def port(self) -> int:
        """The port that was bound."""
        return self._server.port

    def renew(self) -> Vouching:
        """Judge our clock now and tell the server, whose word it is from now on."""
        now = time.time_ns()
        clock = self._judge() if self._judge else read_own_clock()
        word = vouching_from_clock(clock, self._local_stratum, now)
        # Who learns of a leap second on its day can announce it, but has missed the beginning of its smear.
        announced = None if self._leaps.is_smeared else announced_leap(clock.leap, now)
        leap = announced or self._leaps.near(now)
        self._server.vouch(
            stratum=word.stratum,
            reference_id=word.reference_id,
            reference_time=word.reference_time,
            root_delay=word.root_delay,
            root_dispersion=word.root_dispersion,
            leap_at=leap.at if leap else None,
            leap_is_inserted=leap.is_inserted if leap else True,
            leap_is_smeared=self._leaps.is_smeared,
        )
        self.word = word
        return word

    def accept_cookies(self, keys: CookieKeys) -> None:
        """Answer requests with NTS, whose cookies were locked with these keys."""
        self._server.set_cookie_keys(keys.numbered())

    def run(self, stop: Event) -> None:
        """Keep the word fresh until ``stop`` is set."""
        while not stop.wait(RENEWAL_SECONDS):
            self.renew()

    def counters(self) -> dict[str, int]:
        """Totals since the start, by name: received, answered and how, and why what was ignored or failed."""
        return self._server.counters()

    def clients(self) -> list[Asker]:
        """Who has asked, those heard of last first."""
        return askers(self._server.clients())

    def close(self) -> None:
        """Stop answering and free the port; takes 0.1 s at most."""
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
