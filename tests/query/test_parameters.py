from __future__ import annotations

from tidegauge.query.parameters import Parameters


def test_each_value_gets_a_name_of_its_own() -> None:
    parameters = Parameters()
    assert [parameters.add("x"), parameters.add("x"), parameters.add(None)] == ["$p1", "$p2", "$p3"]
    assert parameters.values == {"p1": "x", "p2": "x", "p3": None}
