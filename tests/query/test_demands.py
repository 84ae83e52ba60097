from __future__ import annotations

import pytest

from tidegauge.flow.addresses import address_from_text
from tidegauge.query.demands import demands
from tidegauge.query.parser import parse

FIRST = address_from_text("192.0.2.0")
EITHER = ("src_addr", "dst_addr")


@pytest.mark.parametrize(
    ("written", "demanded"),
    [
        ("dst ip 192.0.2.0", [(("dst_addr",), ((FIRST, FIRST),))]),
        ("tcp and net 192.0.2.0/30", [(EITHER, ((FIRST, FIRST + 3),)), (("protocol",), ((6, 6),))]),
        ("port 1-9 and ip 192.0.2.0", [(EITHER, ((FIRST, FIRST),)), (("src_port", "dst_port"), ((1, 9),))]),
        ("ip 192.0.2.0 and not port 53 and (port 1 or port 2)", [(EITHER, ((FIRST, FIRST),))]),
        ("ip 192.0.2.0 or ip 192.0.2.1", []),
        ("ip 192.0.2.0 and bytes 5 and port > 5", [(EITHER, ((FIRST, FIRST),))]),
        ("any", []),
    ],
)
def test_what_a_key_must_have_is_demanded(written: str, demanded: list[object]) -> None:
    assert demands(parse(written).term) == demanded
