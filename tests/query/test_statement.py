from __future__ import annotations

import pytest

from tidegauge.query.statement import ordered, rendered

NAMES = {"bytes": "b", "src_addr": "k0"}


@pytest.mark.parametrize(
    ("order", "sql"),
    [
        ("bytes", "b DESC NULLS LAST"),
        ("bytes:asc", "b ASC NULLS LAST"),
        ("src_addr", "k0 ASC NULLS LAST"),
        ("src_addr:desc", "k0 DESC NULLS LAST"),
    ],
)
def test_metrics_fall_and_the_rest_rises(order: str, sql: str) -> None:
    assert ordered(NAMES, order, frozenset({"bytes"})) == sql


def test_unknown_orders() -> None:
    with pytest.raises(KeyError):
        ordered(NAMES, "colour", frozenset())


def test_slow_types_are_selected_as_fast_ones() -> None:
    assert rendered("x", "address") == "CAST(x AS BLOB)"
    assert rendered("x", "instant") == "epoch_ns(x)"
    assert rendered("x", "uint16") == "x"
