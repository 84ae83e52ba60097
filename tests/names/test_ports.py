from __future__ import annotations

import pytest

from tidegauge.names.ports import TCP, UDP, port_name


@pytest.mark.parametrize(
    ("port", "protocol", "name"),
    [
        (443, TCP, "https"),
        (443, UDP, "https"),
        (53, UDP, "domain"),
        (514, TCP, "shell"),
        (514, UDP, "syslog"),
        (123, UDP, "ntp"),
        (3389, TCP, "ms-wbt-server"),
        (50_000, TCP, None),
        (443, 132, None),
    ],
)
def test_a_port_has_a_name_in_its_transport(port: int, protocol: int, name: str | None) -> None:
    assert port_name(port, protocol) == name
