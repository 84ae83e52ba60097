"""How well an exporter's clock is estimated from its headers, against a known truth.

    bench/clocks.py --runs 100 --seconds 10 60 600 3600

Simulated exporters, 300 s fast and 20 ppm off, write headers at random moments; datagrams take half a
millisecond and a random delay more. Shown is the root mean square error of the offset at the end of each
window, in milliseconds: of the mean difference, as a collector might take it, of the largest difference,
and of the probable line. Beside it the width of the bound that holds if no delay exceeds what is assumed, how
often the truth was inside, and the processor time of a fit.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from math import sqrt
from random import Random

from report import Row, show
from traffic_model import MILLISECOND, SECOND

from tidegauge.analysis.clock_bound import DELAY_CAP_MS
from tidegauge.clock.feasible_set import Limit, feasible_set
from tidegauge.clock.probable_line import probable_line
from tidegauge.clock.sighting import sightings
from tidegauge.lab.header_clock import HeaderClock, irregular

ORIGIN = 1_800_000_000 * SECOND
RATES, DELAYS_MS = (1.0, 5.0, 20.0), (1, 5, 20)


def measured(clock: HeaderClock, seconds: int, rate: float, runs: int) -> Row:
    """One row of the table."""
    random, end = Random(1), ORIGIN + seconds * SECOND
    truth = clock.offset_at(end)
    errors: list[tuple[int, ...]] = []
    widths, inside, spent = [], 0, 0.0
    for _ in range(runs):
        stamps = sorted(clock.stamps(irregular(ORIGIN, seconds, rate, random), random))
        seen = list(sightings(stamps))
        differences = [reading - arrival for arrival, reading in stamps]
        started = time.process_time()
        line = probable_line(seen, clock.quantum)
        spent += time.process_time() - started
        mean = sum(differences) // len(differences) + clock.quantum // 2
        errors.append(tuple(found - truth for found in (mean, max(differences), line.offset_at(end))))
        floors = [Limit(each.ahead_at, each.ahead) for each in seen]
        slack = clock.quantum + DELAY_CAP_MS * MILLISECOND
        low, high = feasible_set(
            floors, [Limit(each.behind_at, each.behind + slack) for each in seen]
        ).bounds_at(end)
        assert low is not None
        assert high is not None
        widths.append(high - low)
        inside += low <= truth <= high
    mean_error, largest_error, line_error = map(root_mean_square, zip(*errors, strict=True))
    return {
        "headers/s": round(rate),
        "delay ms": clock.mean_delay // MILLISECOND,
        "window s": seconds,
        "mean": mean_error,
        "largest": largest_error,
        "line": line_error,
        "width ms": sum(widths) / runs / MILLISECOND,
        "inside": inside / runs,
        "CPU s": spent / runs,
    }


def root_mean_square(errors: Sequence[int]) -> float:
    """In milliseconds."""
    return sqrt(sum(error**2 for error in errors) / len(errors)) / MILLISECOND


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=20, help="simulated exporters a row")
    parser.add_argument("--seconds", type=int, nargs="+", default=[10, 60, 600], help="windows")
    parser.add_argument("--quantum-ms", type=float, default=1000.0, help="what a header's clock counts in")
    arguments = parser.parse_args()
    rows = [
        measured(
            HeaderClock(
                origin=ORIGIN,
                offset=300 * SECOND,
                skew_ppm=20,
                quantum=round(arguments.quantum_ms * MILLISECOND),
                mean_delay=delay * MILLISECOND,
            ),
            seconds,
            rate,
            arguments.runs,
        )
        for rate in RATES
        for delay in DELAYS_MS
        for seconds in arguments.seconds
    ]
    show(f"offset error in ms, headers of {arguments.quantum_ms:g} ms, {arguments.runs} runs", rows)


if __name__ == "__main__":
    main()
