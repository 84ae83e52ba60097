from __future__ import annotations

from tidegauge.web.prometheus import family


def test_a_sample_without_a_value_is_left_out_and_labels_are_escaped() -> None:
    lines = "".join(family("x", "gauge", "Some.", [({"a": 'b"\\\n'}, 1), ({}, None), ({}, 0.5)]))
    assert lines.splitlines() == [
        "# HELP tidegauge_x Some.",
        "# TYPE tidegauge_x gauge",
        r'tidegauge_x{a="b\"\\\n"} 1',
        "tidegauge_x 0.5",
    ]
