"""What is said of a clock: its state, and the reasons in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegauge.clock.epoch import SECOND, Cause
from tidegauge.clock.instant_text import text_from_instant

if TYPE_CHECKING:
    from tidegauge.clock.epoch import Epoch, Estimate
    from tidegauge.clock.epochs import Epochs

TOLERANCE = 10_000_000
"""Nanoseconds that no exporter is blamed for: what it is compared with is seldom better."""

LEAST_HEADERS = 10
"""Of fewer nothing is fitted: what is told are the bare bounds."""

DRIFT_WITHIN_PPM = 10
"""A drift is told once its standard deviation is that small: most clocks drift a few times as much."""

RESTLESS = 10
"""More changes than that within ``RESTLESS_WITHIN`` are no clock."""

RESTLESS_WITHIN = 3600 * SECOND

_TIME_ZONE_GRAIN = 900 * SECOND
_NEAR_TIME_ZONE = 3 * SECOND // 2
_WIDEST_TIME_ZONE = 15 * 3600 * SECOND
_FITTED, _BOUNDED = "fitted to headers", "header minus arrival"
_MILLISECOND = 1_000_000
_SHOWN_STEPS = 2


def wall_verdict(clock: Epochs) -> dict[str, Any]:
    """Columns of ``clocks`` for a clock that tells the time."""
    if _is_restless(clock):
        return _contradiction(clock)
    epoch = clock.epochs[-1]
    known = epoch.estimate()
    offset = known.offset if _is_fitted(epoch) else _middle(known)
    state = _wall_state(epoch, known)
    offsets = {
        "offset_seconds": _seconds(offset),
        "offset_low": _seconds(known.low),
        "offset_high": None if known.breaks_cap else _seconds(known.high),
    }
    return _told(clock, known, state, _error_notes(state, known, offset)) | offsets


def uptime_verdict(clock: Epochs) -> dict[str, Any]:
    """The same for a count since boot: it has no true value to be off from, but it drifts and begins anew."""
    if _is_restless(clock):
        return _contradiction(clock)
    epoch = clock.epochs[-1]
    known = epoch.estimate()
    is_open = known.low is None or known.high is None or known.breaks_cap
    width = "" if is_open else f", to within {_span((known.high or 0) - (known.low or 0))}"
    note = f"counts from {_moment(-known.offset)}{width}, or from a multiple of 49.7 days before"
    return _told(clock, known, _uptime_state(epoch), [note])


def _told(clock: Epochs, known: Estimate, state: str, notes: list[str]) -> dict[str, Any]:
    epoch = clock.epochs[-1]
    return {
        "offset_seconds": None,
        "offset_low": None,
        "offset_high": None,
        "drift_ppm": _drift(known),
        "state": state,
        "method": _FITTED if _is_fitted(epoch) else _BOUNDED,
        "corrected": False,
        "assumptions": assumptions(epoch),
        "note": "; ".join([*notes, *_doubts(epoch, known), *_changes(clock)]),
    }


def _contradiction(clock: Epochs) -> dict[str, Any]:
    changes = _recent_changes(clock)
    return dict.fromkeys(("offset_seconds", "offset_low", "offset_high", "drift_ppm")) | {
        "state": "unknown",
        "method": _BOUNDED,
        "corrected": False,
        "assumptions": assumptions(clock.epochs[-1]),
        "note": f"{changes} changes in an hour: several exporters may send from this address and domain",
    }


def assumptions(epoch: Epoch) -> list[str]:
    """What the bounds rest on; the lower one on the second alone."""
    return [
        f"delay at most {epoch.assumed.delay_cap // _MILLISECOND} ms",
        f"skew at most {epoch.assumed.max_skew_ppm:g} ppm",
    ]


def _is_fitted(epoch: Epoch) -> bool:
    """Whether headers are many and various enough for one offset to be likelier than others."""
    return epoch.headers >= LEAST_HEADERS and not epoch.is_phase_locked


def _wall_state(epoch: Epoch, known: Estimate) -> str:
    if _is_wrong(known):
        return "wrong"
    if epoch.is_phase_locked:
        return "phase_locked"
    if epoch.headers < LEAST_HEADERS:
        return "raw"
    return _last_change(epoch) or "good"


def _uptime_state(epoch: Epoch) -> str:
    if epoch.is_phase_locked:
        return "phase_locked"
    if epoch.headers < LEAST_HEADERS and epoch.cause is Cause.START:
        return "raw"
    return _last_change(epoch) or "good"


def _last_change(epoch: Epoch) -> str | None:
    return {Cause.REBOOT: "rebooted", Cause.STEP: "stepped", Cause.RETURN: "stepped"}.get(epoch.cause)


def _is_wrong(known: Estimate) -> bool:
    """Whether no offset near 0 is possible."""
    low, high = known.low, known.high
    is_fast = low is not None and low > TOLERANCE
    is_slow = high is not None and high < -TOLERANCE and not known.breaks_cap
    return is_fast or is_slow


def _error_notes(state: str, known: Estimate, offset: int | None) -> list[str]:
    low, high = known.low, known.high
    if state == "wrong" and offset is not None:
        side = "fast" if offset > 0 else "slow"
        return [f"{_span(abs(offset))} {side}", *_time_zone(offset)]
    if low is None or high is None or known.breaks_cap:
        return ["no error is proven"]
    return [f"off by at most {_span(max(abs(low), abs(high)))}"]


def _time_zone(offset: int) -> list[str]:
    """A clock that shows local time is off by quarters of an hour."""
    quarters = round(offset / _TIME_ZONE_GRAIN)
    is_near = abs(offset - quarters * _TIME_ZONE_GRAIN) <= _NEAR_TIME_ZONE
    if not quarters or not is_near or abs(offset) > _WIDEST_TIME_ZONE:
        return []
    return [f"as a clock set to local time at UTC{quarters / 4:+g} h would be"]


def _doubts(epoch: Epoch, known: Estimate) -> list[str]:
    cap = f"{epoch.assumed.delay_cap // _MILLISECOND} ms"
    doubts = []
    if epoch.is_phase_locked and known.low is not None and known.high is not None:
        hidden = _span(known.high - known.low)
        doubts.append(f"sends at one moment of its second, so no wait tells more than to within {hidden}")
    if epoch.is_doubtful:
        doubts.append(f"datagrams were later than {cap}, so no upper bound is claimed")
    if known.breaks_cap:
        mean = _span(known.mean_delay)
        doubts.append(f"datagrams take {mean} on average, so some may take more than {cap}: no upper bound")
    elif epoch.late:
        doubts.append(f"datagrams came later than {cap} in {epoch.late} of {epoch.seconds} looks at it")
    return doubts


def _changes(clock: Epochs) -> list[str]:
    """The last steps, the latest first."""
    pairs = list(zip(clock.epochs, clock.epochs[1:], strict=False))
    shown = [_change(before, after) for before, after in reversed(pairs[-_SHOWN_STEPS:])]
    hidden = len(pairs) - len(shown)
    return [*shown, f"{hidden} more changes before that"] if hidden else shown


def _change(before: Epoch, after: Epoch) -> str:
    when = _moment(after.began)
    if after.cause is Cause.REBOOT:
        return f"rebooted before {when}"
    step = after.offset_at(after.began) - before.offset_at(after.began)
    words = f"stepped by {_signed(step)} at {when}{_named(step)}"
    if after.cause is Cause.RETURN:
        cap = f"{after.assumed.delay_cap // _MILLISECOND} ms"
        return f"{words}, back to where it was unless datagrams before were late by more than {cap}"
    if abs(step) <= after.assumed.delay_cap:
        return f"{words}, or datagrams were later than assumed"
    return words


def _named(step: int) -> str:
    """What makes steps of that size."""
    size = abs(step)
    if abs(size - SECOND) <= SECOND // 10:
        return " (as a leap second would)"
    quarters = round(size / _TIME_ZONE_GRAIN)
    if quarters and abs(size - quarters * _TIME_ZONE_GRAIN) <= SECOND // 2:
        return " (as a change of local time would)"
    return ""


def _is_restless(clock: Epochs) -> bool:
    return _recent_changes(clock) > RESTLESS


def _recent_changes(clock: Epochs) -> int:
    since = clock.epochs[-1].until - RESTLESS_WITHIN
    return sum(epoch.began > since for epoch in clock.epochs[1:])


def _drift(known: Estimate) -> float | None:
    return round(known.skew_ppm, 3) if known.skew_deviation_ppm <= DRIFT_WITHIN_PPM else None


def _middle(known: Estimate) -> int | None:
    return None if known.low is None or known.high is None else (known.low + known.high) // 2


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / SECOND


def _signed(nanoseconds: int) -> str:
    return f"{'+' if nanoseconds >= 0 else '-'}{_span(abs(nanoseconds))}"


def _span(nanoseconds: int) -> str:
    if nanoseconds < 0.9995 * SECOND:
        return f"{nanoseconds / _MILLISECOND:.1f} ms"
    return f"{nanoseconds / SECOND:.1f} s"


def _moment(instant: int) -> str:
    return f"{text_from_instant(instant)[:19]}Z"
