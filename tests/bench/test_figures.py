"""The figures of the pages: from results alone, with a word where the machine was busy."""

from __future__ import annotations

from typing import Any

import pytest
from figures import PAGES, RESULTS, ROOT, SUMMARY, filled, load, number

MACHINE = {"processor": "Abacus", "processors": 2, "memory_gigabytes": 8, "kernel": "6.1"}
PAGE = "before\n<!-- figures: summary -->\nold\n<!-- end -->\nafter\n"


def result(share: float, *rows: dict[str, Any]) -> dict[str, Any]:
    return {
        "date": "2026-11-30",
        "used_by_others": share,
        "machine": MACHINE,
        "versions": {"tidegauge": "0.1.0", "python": "3.11.7", "softflowd": "1.1.0"},
        "tables": [{"title": "meter", "rows": list(rows)}],
    }


def meter(share: float) -> dict[str, Any]:
    column = "packets per CPU-second"
    return {
        "meter": result(
            share, {"meter": "tidegauge", column: 4_001_234}, {"meter": "softflowd", column: 1_000_000}
        )
    }


def test_a_figure_is_told_beside_another() -> None:
    page = filled(PAGE, meter(0.01))
    assert (
        "| packets metered by a second of processor time | 4,000,000 | 1,000,000 (softflowd) | 4.00 |" in page
    )
    assert "2026-11-30 on 2 cores (Abacus), 8 GB, Linux 6.1, python 3.11.7, softflowd 1.1.0." in page
    assert page.startswith("before\n")
    assert page.endswith("<!-- end -->\nafter\n")
    assert "old" not in page
    assert "busy" not in page


def test_a_busy_machine_is_told() -> None:
    assert "**On a busy machine**, of which others used meanwhile: meter 30%." in filled(PAGE, meter(0.3))


def test_what_was_not_measured_is_left_out() -> None:
    assert "Not measured yet." in filled(PAGE, {})


@pytest.mark.parametrize(
    ("value", "words"), [(2_345_678, "2,350,000"), (15.149, "15.1"), (0.4567, "0.457"), (20, "20")]
)
def test_no_more_digits_than_measured(value: float, words: str) -> None:
    assert number(value) == words


def test_every_figure_finds_its_columns_in_the_results() -> None:
    """A renamed column must not make a figure vanish in silence."""
    results = load(RESULTS)
    assert [figure.what for figure in SUMMARY if figure.result in results and not figure.cells(results)] == []


def test_every_page_has_its_blocks() -> None:
    assert all("<!-- figures: " in (ROOT / name).read_text() for name in PAGES)
