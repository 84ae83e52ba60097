from __future__ import annotations

from tidegauge.names import origin


def test_the_order_of_trust() -> None:
    order = ["PINNED", "LOGIN", "LEASE", "HOST_NAME", "INVENTORY", "NEIGHBOUR", "POINTER"]
    confidences = [getattr(origin, name).confidence for name in order]
    assert confidences == sorted(set(confidences), reverse=True)
    assert 0 <= confidences[-1] < confidences[0] == 100
