"""Calls: an activity as the connections it takes, before anybody knows the addresses."""

from __future__ import annotations

from itertools import cycle, pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from tidegauge.lab.activity import Activity
    from tidegauge.lab.hosts import Host


class Call(NamedTuple):
    """One connection to be made for an activity: to which host, from when to when, and what goes each way.

    ``host`` is None where the other end is known by its address.
    """

    activity: Activity
    host: Host | None
    start: int
    end: int
    bytes_up: int
    bytes_down: int


def single_call(activity: Activity) -> Call:
    """Return the one connection of an activity that needs no more."""
    hosts = activity.service.hosts
    return Call(
        activity,
        hosts[0] if hosts else None,
        activity.start,
        activity.end,
        activity.bytes_up,
        activity.bytes_down,
    )


def calls(activity: Activity, random: Random) -> Iterator[Call]:
    """Divide an activity among its connections, each of which carries something.

    The first lasts as long as the activity and goes to the host that people type; the others begin and
    end within it, and take the service's hosts in turn.
    """
    ups = _divided(activity.bytes_up, activity.connections, random)
    downs = _divided(activity.bytes_down, activity.connections, random)
    whole = single_call(activity)
    yield whole._replace(bytes_up=ups[0], bytes_down=downs[0])
    length = activity.end - activity.start
    hosts = cycle(activity.service.hosts or (None,))
    next(hosts)
    for up, down, host in zip(ups[1:], downs[1:], hosts, strict=False):
        if up or down:
            start = activity.start + int(length * random.uniform(0, 0.4))
            end = activity.end - int(length * random.uniform(0, 0.4))
            yield Call(activity, host, start, end, up, down)


def is_secret(activity: Activity, host: Host | None) -> bool:
    """Whether the name is asked for over HTTPS: by a browser that does, for anything but the office's own."""
    if host is None or host.is_local:
        return False
    return activity.device.hides_names and activity.service.is_browsed


def shares(amount: int, weights: list[float]) -> list[int]:
    """Divide an amount into integer parts by weight, with nothing left over."""
    if len(weights) == 1:
        return [amount]
    total = sum(weights)
    passed = 0.0
    marks = [0]
    for weight in weights:
        passed += weight
        marks.append(round(amount * (passed / total)))
    marks[-1] = amount
    return [upper - lower for lower, upper in pairwise(marks)]


def _divided(amount: int, parts: int, random: Random) -> list[int]:
    return shares(amount, [random.paretovariate(1.2) for _ in range(parts)])
