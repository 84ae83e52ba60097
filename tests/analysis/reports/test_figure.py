from __future__ import annotations

import pytest

from tidegauge.analysis.reports.figure import figure


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0, "bytes", "0 B"),
        (999, "bytes", "999 B"),
        (1000, "bytes", "1.00 kB"),
        (999_499, "bytes", "999 kB"),
        (999_500, "bytes", "1.00 MB"),
        (12_345_678, "bytes", "12.3 MB"),
        (2**64, "bytes", "18.4 EB"),
        (50_000_000, "bits per second", "50.0 Mbit/s"),
        (0.25, "seconds", "250 ms"),
        (59, "seconds", "59 s"),
        (1800, "seconds", "30 min"),
        (7260, "seconds", "2 h 1 min"),
        (-300, "seconds", "-5 min"),
        (40_000_000, "nanoseconds", "40 ms"),
        (1234567, "flows", "1\u202f234\u202f567"),
        (0.5, "", "0.50"),
        (None, "bytes", "-"),
        ("John", "", "John"),
        (["a", "b"], "", "a, b"),
        (True, "", "True"),
    ],
)
def test_numbers_read_as_people_say_them(value: object, unit: str, shown: str) -> None:
    assert figure(value, unit) == shown


def test_an_instant_is_told_to_the_minute() -> None:
    assert figure("2026-01-07T10:05:59.123456789Z", type_="instant") == "2026-01-07 10:05"
