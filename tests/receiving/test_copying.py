from __future__ import annotations

from pathlib import Path

from tidegauge.receiving.copying import Copying
from tidegauge.receiving.forward_target import ForwardTarget


def test_an_order_says_all_that_is_wanted() -> None:
    targets = (ForwardTarget("192.0.2.7", 2055), ForwardTarget("::1", 4739))
    copying = Copying(Path("/lake/raw"), 5, targets, keeps_source=False)
    assert copying.order() == ("/lake/raw", 5, [("192.0.2.7", 2055), ("::1", 4739)], False)


def test_forwarding_needs_no_folder() -> None:
    assert Copying(targets=(ForwardTarget("::1", 1),)).order() == (None, 0, [("::1", 1)], True)
