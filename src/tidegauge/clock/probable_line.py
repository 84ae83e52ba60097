"""The line that an exporter's clock most probably follows, within those that it may follow.

Maximum likelihood: of the lines that no observation excludes, the one under which the delays look
most like what delays look like (see ``delay_shape``), given what skews clocks usually have. For a
given mean delay that is a concave problem in offset and skew; the mean delay is found by golden
section around it. What the shape is not, a floor under all delays, nobody can see from one side: it
stays in the estimate as its error.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import exp, inf, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

from tidegauge.clock.delay_shape import LEAST, DelayShape
from tidegauge.clock.hull import upper_hull
from tidegauge.clock.instant_text import NANOSECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegauge.clock.sighting import Sighting

USUAL_SKEW_PPM = 60
"""One standard deviation of the skews that clocks have before anything is seen of them."""

SHORTEST_MEAN, LONGEST_MEAN = 2e-5, 2.0
"""Seconds between which the mean delay is looked for."""

USUAL_MEAN, USUAL_FACTOR = 3e-3, log(6)
"""Seconds, and by what factor the mean delay usually differs from that; it matters where little was seen."""

LEAST_BLUR = 1e-4
"""Seconds that a reading is taken to be coarse at least: on an edge that is sharper nothing can climb."""

_GOLDEN = (sqrt(5) - 1) / 2
_MEAN_TOLERANCE = 0.1  # of its logarithm: 10 % of the mean delay move the offset by far less than its error
MOST_SIGHTINGS = 120
"""Of more, neighbours are taken together: what lies between their extremes tells next to nothing."""

_STEPS = 40
_HALVINGS = 12
_CLOSE = 1e-3  # of the logarithm of the likelihood: what a further step must gain


@dataclass(frozen=True, slots=True)
class ProbableLine:
    """At ``origin`` the offset is ``offset`` nanoseconds, and it grows by ``skew_ppm``.

    ``deviation`` is one standard deviation of the offset at ``origin``, ``skew_deviation_ppm`` one of the
    skew, and ``mean_delay`` the mean of the delays above the least one.
    """

    origin: int
    offset: int
    skew_ppm: float
    deviation: int
    skew_deviation_ppm: float
    mean_delay: int

    def offset_at(self, instant: int) -> int:
        """The probable offset at a moment, in nanoseconds."""
        return self.offset + round(self.skew_ppm * (instant - self.origin) / 1e6)


class _Line(NamedTuple):
    """A line by its offset in the middle of the time seen, and by what it gains from there to the end."""

    middle: float
    gain: float

    def plus(self, step: _Line, scale: float = 1.0) -> _Line:
        return _Line(self.middle + scale * step.middle, self.gain + scale * step.gain)


class _Look(NamedTuple):
    """How likely a line is: the logarithm, and where it rises."""

    score: float
    rise: _Line


class _Fit(NamedTuple):
    line: _Line
    score: float
    variance: float
    gain_variance: float


class _Seen(NamedTuple):
    """A sighting in seconds: when, in half spans from the middle, how far ahead, and of how many headers."""

    ahead_at: float
    ahead: float
    behind_at: float
    behind: float
    headers: int


def probable_line(
    seen: Sequence[Sighting], quantum: int, usual_skew_ppm: float = USUAL_SKEW_PPM
) -> ProbableLine:
    """Fit a line to sightings of a clock that shows multiples of ``quantum`` nanoseconds.

    ``origin`` of the result is the last sighting. Raises ValueError without any.
    """
    if not seen:
        raise ValueError("a clock that nobody observed has no probable offset")
    first, last = min(each.ahead_at for each in seen), max(each.ahead_at for each in seen)
    half_span = max((last - first) / 2 / NANOSECONDS, 0.5)
    middle, base = last - round(half_span * NANOSECONDS), seen[0].ahead
    scaled = [_scaled(each, middle, base, half_span) for each in seen]
    usual_gain = usual_skew_ppm / 1e6 * half_span
    touching = _touching_line(scaled, usual_gain)
    blur = max(quantum / NANOSECONDS, LEAST_BLUR)
    likelihood = _Likelihood(_thinned(scaled, touching.gain), blur, usual_gain, touching)
    mean, fit = likelihood.best()
    return ProbableLine(
        last,
        base + round((fit.line.middle + fit.line.gain) * NANOSECONDS),
        fit.line.gain / half_span * 1e6,
        round(sqrt(fit.variance) * NANOSECONDS),
        sqrt(fit.gain_variance) / half_span * 1e6,
        round(mean * NANOSECONDS),
    )


def _scaled(seen: Sighting, middle: int, base: int, half_span: float) -> _Seen:
    scale = half_span * NANOSECONDS
    return _Seen(
        (seen.ahead_at - middle) / scale,
        (seen.ahead - base) / NANOSECONDS,
        (seen.behind_at - middle) / scale,
        (seen.behind - base) / NANOSECONDS,
        seen.count,
    )


def _touching_line(seen: Sequence[_Seen], usual_gain: float) -> _Line:
    """A line that touches the sightings from above: the hull's edge over their middle, if not too steep."""
    hull = upper_hull((each.ahead_at, each.ahead) for each in seen)
    for (x0, y0), (x1, y1) in pairwise(hull):
        gain = (y1 - y0) / (x1 - x0)
        if x0 <= 0 <= x1 and abs(gain) <= 2 * usual_gain:
            return _Line(y0 - gain * x0, gain)
    # A line with no gain may cross none of them: lift it over all.
    return _Line(max(y for _, y in hull), 0.0)


def _thinned(seen: Sequence[_Seen], gain: float) -> list[_Seen]:
    """At most ``MOST_SIGHTINGS``, each of several neighbours: their extremes about a line with this gain."""
    size = -(-len(seen) // MOST_SIGHTINGS)
    if size == 1:
        return list(seen)
    thinned = []
    for first in range(0, len(seen), size):
        group = seen[first : first + size]
        ahead = max(group, key=lambda each: each.ahead - gain * each.ahead_at)
        behind = min(group, key=lambda each: each.behind - gain * each.behind_at)
        headers = sum(each.headers for each in group)
        thinned.append(_Seen(ahead.ahead_at, ahead.ahead, behind.behind_at, behind.behind, headers))
    return thinned


class _Likelihood:
    """How likely lines and mean delays are, given sightings and what skews are usual."""

    def __init__(self, seen: Sequence[_Seen], quantum: float, usual_gain: float, touching: _Line) -> None:
        self._seen = seen
        self._quantum = quantum
        self._usual_gain = usual_gain
        self._touching = touching
        self._near: _Line | None = None
        self._headers = sum(each.headers for each in seen)

    def best(self) -> tuple[float, _Fit]:
        """The mean delay and the line that are most likely together."""
        low, high = log(SHORTEST_MEAN), log(LONGEST_MEAN)
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        at_left, at_right = self._climb(exp(left)), self._climb(exp(right))
        while high - low > _MEAN_TOLERANCE:
            if at_left.score > at_right.score:
                high, right, at_right = right, left, at_left
                left = high - _GOLDEN * (high - low)
                at_left = self._climb(exp(left))
            else:
                low, left, at_left = left, right, at_right
                right = low + _GOLDEN * (high - low)
                at_right = self._climb(exp(right))
        mean, fit = (exp(left), at_left) if at_left.score > at_right.score else (exp(right), at_right)
        self._near = fit.line
        return mean, self._climb(mean, is_thorough=True)

    def _climb(self, mean: float, *, is_thorough: bool = False) -> _Fit:
        """The best line for a mean delay: Newton's method, with the curvature taken over a distance.

        The likelihood has a kink wherever a delay is exactly a quantum long, and no curvature between. What
        counts is how the slope changes over about a standard deviation.
        """
        shape = DelayShape(self._quantum, mean)
        distance = min(sqrt(2 * mean * self._quantum / self._headers), mean)
        # Whatever the mean, the line that was best for another is possible, and near.
        line = self._near or self._touching.plus(_Line(mean, 0.0))
        look = self._look(shape, line)
        inverse, is_fresh = self._inverse_curvature(shape, line, look, distance), True
        for _ in range(_STEPS):
            step = _Line(
                inverse[0] * look.rise.middle + inverse[1] * look.rise.gain,
                inverse[1] * look.rise.middle + inverse[2] * look.rise.gain,
            )
            found = self._improved(shape, line, step, look.score)
            has_gained = found is not None and found[1].score - look.score >= _CLOSE
            if found is not None and has_gained:
                line, look = found
            elif is_fresh:
                break
            # Curvature costs more than a step: but for the last climb, one serves as long as it leads on.
            is_fresh = is_thorough or not has_gained
            if is_fresh:
                inverse = self._inverse_curvature(shape, line, look, distance)
        self._near = line
        unusual = log(mean / USUAL_MEAN) / USUAL_FACTOR
        variance = max(inverse[0] + 2 * inverse[1] + inverse[2], 0.0)
        return _Fit(line, look.score - unusual**2 / 2, variance, inverse[2])

    def _improved(
        self, shape: DelayShape, line: _Line, step: _Line, score: float
    ) -> tuple[_Line, _Look] | None:
        for halving in range(_HALVINGS):
            trial = line.plus(step, 0.5**halving)
            look = self._look(shape, trial)
            if look.score > score:
                return trial, look
        return None

    def _inverse_curvature(
        self, shape: DelayShape, line: _Line, look: _Look, distance: float
    ) -> tuple[float, float, float]:
        """The inverse of the negative second derivatives: of the middle, mixed, of the gain.

        Only lines above the one at hand are looked at: they are feasible as it is. Where the likelihood falls
        straight, as far above all sightings, what is taken for its curvature keeps a step below a mean delay.
        """
        rising, falling = (
            self._look(shape, line.plus(_Line(1.0, gain), distance)).rise for gain in (1.0, -1.0)
        )
        above = (rising.middle + falling.middle) / 2
        middle = max((look.rise.middle - above) / distance, abs(look.rise.middle) / shape.mean, 1e-9)
        mixed = (falling.middle - rising.middle) / (2 * distance)
        gain = (falling.gain - rising.gain) / (2 * distance)
        gain = max(gain, abs(look.rise.gain) / shape.mean, 1 / self._usual_gain**2)
        determinant = middle * gain - mixed**2
        if determinant <= 0:
            return 1 / middle, 0.0, 1 / gain
        return gain / determinant, -mixed / determinant, middle / determinant

    def _look(self, shape: DelayShape, line: _Line) -> _Look:
        """Each second's extremes are order statistics: two densities, and the share that lies between."""
        score, by_middle, by_gain = 0.0, 0.0, 0.0
        middle, gain = line
        level, level_from, quantum, mean = shape.log_level, shape.level_from, shape.quantum, shape.mean
        for ahead_at, ahead, behind_at, behind, headers in self._seen:
            short = middle + gain * ahead_at - ahead
            if short <= 0:
                return _Look(-inf, _Line(0.0, 0.0))
            if headers == 1:
                value, slope = shape.log_density(short)
                score, by_middle, by_gain = score + value, by_middle + slope, by_gain + slope * ahead_at
                continue
            long = max(middle + gain * behind_at - behind, short)
            if level_from < short and long <= quantum:
                # What the shape would say as well, without a call: so it is for most of them.
                share = (long - mean) / quantum - (short - mean) / quantum
                score += level + level + (headers - 2) * log(max(share, LEAST))
                continue
            value, by_short, by_between, by_long = shape.log_extremes(short, long, headers - 2)
            score, by_middle = score + value, by_middle + by_short + by_between + by_long
            by_gain += by_short * ahead_at + by_between * (ahead_at + behind_at) / 2 + by_long * behind_at
        skewed = gain / self._usual_gain**2
        return _Look(score - skewed * gain / 2, _Line(by_middle, by_gain - skewed))
