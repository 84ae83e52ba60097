"""What the collector's own clock was worth while something was received: all others are measured by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tidegauge.store.own_clock import judgements

if TYPE_CHECKING:
    from tidegauge.store.lake import Lake

RELATIVE = "our own clock is right"
"""What bounds rest on where nobody knows how far ours is off."""

_NANOSECONDS = 1_000_000_000
_FOREVER = 2**62


class OwnClock(NamedTuple):
    """True time minus the collector's clock lay from ``low`` to ``high`` all the time, in nanoseconds.

    Both are None where nobody knew for a while. ``judges`` are those who said so, ``good_sources`` the
    fewest servers that agreed, ``steps`` how often somebody set the clock.
    """

    low: int | None
    high: int | None
    judges: tuple[str, ...]
    good_sources: int
    steps: int

    @property
    def bound(self) -> int | None:
        """How far the collector's clock may have been off."""
        return None if self.low is None or self.high is None else max(-self.low, self.high)


def own_clock(lake: Lake, since: int | None = None, until: int | None = None) -> OwnClock | None:
    """Add up the judgements that touch the range; None where nobody watched the clock, as on import."""
    found = judgements(lake, 0 if since is None else since, _FOREVER if until is None else until)
    if not found:
        return None
    lasting = [each.lasting for each in found]
    known = [sides for sides in lasting if sides is not None]
    is_known = len(known) == len(found)
    return OwnClock(
        low=min(low for low, _ in known) if is_known else None,
        high=max(high for _, high in known) if is_known else None,
        judges=tuple(sorted({each.judge for each in found})),
        good_sources=min(each.good_sources for each in found),
        steps=sum(each.step != 0 for each in found),
    )


def by_our_clock(told: dict[str, Any], own: OwnClock | None) -> dict[str, Any]:
    """What ``clocks`` tells of a clock that was measured by ours, which may be off itself.

    A bound by exchanges needs nothing: each was widened by what our clock was worth just then.
    """
    low, high = told["offset_low"], told["offset_high"]
    if told["method"].startswith("two-way") or (low is None and high is None):
        return told
    if own is None or own.low is None or own.high is None:
        return told | {"assumptions": [*told["assumptions"], RELATIVE]}
    low = None if low is None else low - own.high / _NANOSECONDS
    high = None if high is None else high - own.low / _NANOSECONDS
    told = told | {"offset_low": low, "offset_high": high}
    is_proven = (low is not None and low > 0) or (high is not None and high < 0)
    if told["state"] == "wrong" and not is_proven:
        return told | {"state": "good", "note": f"{told['note']}; ours may be as far off"}
    return told


def own_clock_of(clock: OwnClock | None) -> dict[str, Any] | None:
    """What an answer says of it, in seconds and in words."""
    if clock is None:
        return None
    return {
        "offset_low": None if clock.low is None else clock.low / _NANOSECONDS,
        "offset_high": None if clock.high is None else clock.high / _NANOSECONDS,
        "bound_seconds": None if clock.bound is None else clock.bound / _NANOSECONDS,
        "judges": list(clock.judges),
        "good_sources": clock.good_sources,
        "steps": clock.steps,
        "note": own_clock_sentence(clock),
    }


def own_clock_sentence(clock: OwnClock) -> str:
    """One line for people.

    >>> own_clock_sentence(OwnClock(-3_200_000, 100, ("sources",), 4, 0))
    "this machine's clock was within 3.2 ms (4 servers)"
    >>> own_clock_sentence(OwnClock(None, None, ("none",), 0, 1))
    "this machine's clock was not kept by anybody: bounds are relative to it; it was set once"
    """
    if clock.bound is None:
        text = "this machine's clock was not kept by anybody: bounds are relative to it"
    else:
        text = f"this machine's clock was within {_amount(clock.bound)} ({_judges(clock)})"
    times = "once" if clock.steps == 1 else f"{clock.steps} times"
    return f"{text}; it was set {times}" if clock.steps else text


def _judges(clock: OwnClock) -> str:
    servers = f"{clock.good_sources} server{'' if clock.good_sources == 1 else 's'}"
    return ", ".join(servers if judge == "sources" else judge for judge in clock.judges)


def _amount(nanoseconds: int) -> str:
    for unit, size in (("s", _NANOSECONDS), ("ms", 1_000_000)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.1f} {unit}"
    return f"{nanoseconds / 1000:.0f} µs"
