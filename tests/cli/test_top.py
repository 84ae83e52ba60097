from __future__ import annotations

import pytest

from tests.cli.running import Terminal


@pytest.mark.usefixtures("sample")
def test_rows_are_named_by_field_and_metric(terminal: Terminal) -> None:
    ran = terminal("top", "src_addr,protocol", "--limit", "1", "--order", "packets", "not", "udp")
    assert ran.rows == [{"src_addr": "10.0.0.1", "protocol": 6, "bytes": 10, "packets": 3, "flows": 1}]


@pytest.mark.usefixtures("sample")
def test_metrics_can_be_chosen(terminal: Terminal) -> None:
    assert terminal("top", "protocol", "tcp", "--metrics", "bytes_up").rows == [
        {"protocol": 6, "bytes_up": 10}
    ]
