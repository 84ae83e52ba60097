from __future__ import annotations

import pytest

from tidegauge.query.canonical import canonical
from tidegauge.query.flow_keys import flows_of_keys, key_part
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("src ip 192.0.2.1", "src_addr = 192.0.2.1"),
        ("tcp and port 53 and bytes > 1", "protocol = tcp and port = 53"),
        ("(port 53 or port 443) and exporter 192.0.2.9", "port = 53 or port = 443"),
        ("not port 53", "port != 53"),
        ("any", ""),
        ("bytes > 1", ""),
        ("port 53 or bytes > 1", ""),
    ],
)
def test_only_what_is_said_of_nothing_else(written: str, kept: str) -> None:
    part = key_part(parse(written).term)
    assert (canonical(part) if part else "") == kept


def test_each_side_is_selected_by_itself() -> None:
    parameters = Parameters()
    sql = flows_of_keys(parse("ip 192.0.2.1").term, parameters)
    assert sql.count("SELECT * FROM flows WHERE") == 2
    assert len(parameters.values) == 3
