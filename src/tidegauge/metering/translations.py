"""What the kernel of a router translates: what following it needs, and what came of it, in words."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from tidegauge.clock.instant_text import text_from_instant
from tidegauge.metering.capability import missing_capability
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegauge._core import Meter

SETTINGS = Path("/proc/sys/net/netfilter")
"""Settings of connection tracking in our network namespace."""

_log = Log(__name__)


class Tell(Enum):
    """What to tell of translations."""

    FLOWS = "with each flow"
    EVENTS = "with each flow, and their beginnings and ends"


class Translations:
    """The translations that a meter follows from now on.

    Raises OSError, PermissionError among them, with a sentence that says what to do where the kernel does
    not let us.
    """

    def __init__(self, meter: Meter, tell: Tell, settings: Path = SETTINGS) -> None:
        if _setting(settings, "nf_conntrack_events") == "0":
            raise OSError(
                "cannot follow address translation: the kernel is told to keep it to itself;"
                " change that with sudo sysctl net.netfilter.nf_conntrack_events=1"
            )
        try:
            meter.translate(with_events=tell is Tell.EVENTS)
        except PermissionError as error:
            remedies = missing_capability("CAP_NET_ADMIN")
            raise PermissionError(f"cannot follow address translation: {remedies}") from error
        except OSError as error:
            raise OSError(
                f"cannot follow address translation: the kernel does not tell its connections ({error});"
                " if its module is not loaded: sudo modprobe nf_conntrack_netlink"
            ) from error
        if _setting(settings, "nf_conntrack_timestamp") == "0":
            _log.info("translations that began before this are known without their beginning",
                      advice="sudo sysctl net.netfilter.nf_conntrack_timestamp=1")  # fmt: skip
        self._meter = meter
        self._overruns = 0

    def tell_gaps(self) -> None:
        """Log from when to when messages of the kernel were lost since the last call, if any were."""
        counters = self._meter.counters()
        if counters["nat_overruns"] > self._overruns:
            self._overruns = counters["nat_overruns"]
            _log.warning(
                "the kernel dropped what it had to say of translations; its table was read anew",
                since=text_from_instant(counters["nat_gap_from"]),
                until=text_from_instant(counters["nat_gap_until"]),
                lost=counters["nat_lost"],
            )


def translation_remarks(counters: Mapping[str, int]) -> list[str]:
    """Say what came of following translations; nothing where none were followed.

    >>> translation_remarks({"nat_created": 3, "nat_deleted": 2, "nat_lost": 7, "nat_overruns": 1})
    ['3 translations began, 2 ended', 'the kernel dropped 7 messages about them in 1 overruns']
    """
    if "nat_created" not in counters:
        return []
    parts = [f"{counters['nat_created']} translations began, {counters['nat_deleted']} ended"]
    if packets := counters.get("nat_packets"):
        parts.append(
            f"the kernel counted {packets} packets ({counters['nat_bytes']} bytes) in those that ended"
        )
    if overruns := counters.get("nat_overruns"):
        parts.append(f"the kernel dropped {counters['nat_lost']} messages about them in {overruns} overruns")
    if left_out := counters.get("nat_left_out"):
        parts.append(f"{left_out} translations found no room")
    return parts


def _setting(settings: Path, name: str) -> str | None:
    """Return a setting's text; None where the kernel has no such setting."""
    try:
        return (settings / name).read_text().strip()
    except OSError:
        return None
