"""What really happened, as plain data: what an answer about the office is compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.lab.activity import MINUTE
from tidegauge.lab.call import is_secret

if TYPE_CHECKING:
    from tidegauge.lab.call import Call
    from tidegauge.lab.conversation import Conversation, Flow

# Uses that are less than this apart are one session.
SESSION_GAP = 5 * MINUTE


class Use(NamedTuple):
    """Who used which service, with which device, at which host.

    ``service`` and ``site`` are empty where the far end has no name. ``is_hidden`` says that a name was
    asked for in secret, so that an honest observer cannot know it.
    """

    who: str
    device: str
    service: str
    site: str
    is_hidden: bool


@dataclass(slots=True)
class Usage:
    """How often something was used, how long, and how much went each way, as the routers exported it.

    ``connections`` counts what was begun; ``spans`` are the times in use, in any order, of what was
    exported so far.
    """

    connections: int = 0
    flows: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    spans: list[tuple[int, int]] = field(default_factory=list)

    def add(self, other: Usage) -> None:
        """Take another use as part of this one."""
        self.connections += other.connections
        self.flows += other.flows
        self.bytes_up += other.bytes_up
        self.bytes_down += other.bytes_down
        self.spans += other.spans

    @property
    def total(self) -> int:
        """The bytes of both directions."""
        return self.bytes_up + self.bytes_down

    @property
    def sessions(self) -> list[tuple[int, int]]:
        """When it was in use, silences of less than ``SESSION_GAP`` included, disjoint and in order."""
        found: list[tuple[int, int]] = []
        for since, until in sorted(self.spans):
            if found and since - found[-1][1] < SESSION_GAP:
                found[-1] = found[-1][0], max(found[-1][1], until)
            else:
                found.append((since, until))
        return found

    @property
    def minutes(self) -> float:
        """How long it was in use, by ``sessions``: two connections at once do not count twice."""
        return sum(until - since for since, until in self.sessions) / MINUTE


class Truth:
    """Hears from the office of every connection and every flow; ``usages`` is what that comes to."""

    def __init__(self) -> None:
        self.usages: dict[Use, Usage] = {}

    def connected(self, conversation: Conversation) -> None:
        """Note that a connection was begun."""
        self._usage(conversation.call).connections += 1

    def exported(self, flow: Flow, call: Call) -> None:
        """Note that a router has handed out a flow of a call."""
        usage = self._usage(call)
        usage.flows += 1
        usage.spans.append((flow.start, flow.end))
        if flow.outbound:
            usage.bytes_up += flow.bytes
        else:
            usage.bytes_down += flow.bytes

    def by(self, *names: str) -> dict[tuple[str | bool, ...], Usage]:
        """Sum what was used by some of the names of ``Use``, such as ``by("who", "service")``."""
        sums: dict[tuple[str | bool, ...], Usage] = {}
        for use, usage in self.usages.items():
            sums.setdefault(tuple(getattr(use, name) for name in names), Usage()).add(usage)
        return sums

    def _usage(self, call: Call) -> Usage:
        activity, host = call.activity, call.host
        site = host.name if host else ""
        use = Use(
            activity.who, activity.device.name, activity.service.called, site, is_secret(activity, host)
        )
        return self.usages.setdefault(use, Usage())
