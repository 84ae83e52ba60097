"""What an NTP server is to be like: the options of ``time serve``, or ``[time.serve]`` of ``run``."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated

import msgspec

from tidegauge.clock.instant_text import instant_from_text
from tidegauge.ntp.leap_seconds import SYSTEM_LIST, LeapList, LeapPlan, LeapSecond
from tidegauge.ntp.server import Manners
from tidegauge.ntp.server_address import KEY_ESTABLISHMENT_PORT
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.telemetry.log import Log

REQUESTS_PER_SECOND = 8.0
"""What a busy office behind one address may need: a well-mannered client asks every 64 seconds, or longer."""

_log = Log(__name__)


class TimeServiceOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words are those of the options, which explain them."""

    listen: str
    local_stratum: Annotated[int, msgspec.Meta(ge=1, le=15)] | None = None
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    rate_limit: Annotated[float, msgspec.Meta(ge=0, le=1e6)] | None = None
    burst: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 32
    kiss: bool = False
    nts_certificate: Path | None = None
    nts_key: Path | None = None
    nts_port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = KEY_ESTABLISHMENT_PORT
    leap_smear: bool = False
    leap_list: Path | None = None
    leap_at: str | None = None

    def plan(self, now: int) -> TimeServicePlan:
        """What is meant, at ``now``.

        Raises ValueError with a sentence for what cannot be meant, OSError for a list that cannot be read.
        """
        address = ListenAddress.parse(self.listen)
        if bool(self.nts_certificate) != bool(self.nts_key):
            raise ValueError("NTS needs both a certificate and its key: nts_certificate and nts_key")
        certificate = (self.nts_certificate, self.nts_key) if self.nts_certificate and self.nts_key else None
        return TimeServicePlan(
            address=address,
            local_stratum=self.local_stratum,
            manners=self._manners(address),
            leaps=LeapPlan(leaps=self._leaps(now), is_smeared=self.leap_smear),
            certificate=certificate,
            key_port=self.nts_port,
        )

    def _manners(self, address: ListenAddress) -> Manners:
        for network in (*self.allow, *self.deny):
            ip_network(network)
        rate_limit = self.rate_limit
        if rate_limit is None:
            rate_limit = 0.0 if ip_address(address.host).is_loopback else REQUESTS_PER_SECOND
        return Manners(
            allow=self.allow,
            deny=self.deny,
            requests_per_second=rate_limit or None,
            burst=self.burst,
            kiss=self.kiss,
        )

    def _leaps(self, now: int) -> tuple[LeapSecond, ...]:
        leaps: tuple[LeapSecond, ...] = ()
        needs_list = self.leap_smear and self.leap_at is None
        if self.leap_list or SYSTEM_LIST.exists():
            leaps = _listed(self.leap_list or SYSTEM_LIST, now, is_needed=needs_list)
        elif needs_list:
            raise ValueError(f"to smear, leap seconds must be known: give leap_list, or {SYSTEM_LIST}")
        if self.leap_at is None:
            return leaps
        try:
            return (*leaps, LeapSecond(instant_from_text(self.leap_at)))
        except ValueError as error:
            raise ValueError(f"leap_at: {error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeServicePlan:
    """An order understood. Without ``certificate``, a chain's file and its key's, there is no NTS."""

    address: ListenAddress
    local_stratum: int | None
    manners: Manners
    leaps: LeapPlan
    certificate: tuple[Path, Path] | None
    key_port: int


def _listed(path: Path, now: int, *, is_needed: bool) -> tuple[LeapSecond, ...]:
    try:
        known = LeapList.from_text(path.read_text())
    except ValueError as error:
        raise OSError(f"{path}: {error}") from None
    if known.expires < now and is_needed:
        _log.warning("the list of leap seconds has expired: one since then is not known", path=path)
    return known.leaps
