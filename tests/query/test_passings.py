from __future__ import annotations

import re

import pytest

from tidegauge.query import passings


@pytest.mark.parametrize("name", ["ASKED", "EXTENT", "SIDES"])
def test_only_exchanges_of_the_range_are_looked_for(name: str) -> None:
    assert set(re.findall(r"\$(\w+)", getattr(passings, name))) >= {"since", "until"}


def test_flows_are_limited_by_arrival_alone() -> None:
    """What the clock in question told must not decide whether its record is looked at."""
    for sql in (passings.SIDES, passings.CAME, passings.WENT, passings.READINGS):
        limits = re.findall(r"flows\.?(?: WHERE )?(received \w+)", sql)
        assert limits
        assert all(limit == "received BETWEEN" for limit in limits)
        assert not re.search(r"start\)? *(<|>|BETWEEN)", sql)
