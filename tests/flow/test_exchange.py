from __future__ import annotations

import msgspec
import pytest

from tests.names.told import packed
from tidegauge.flow.exchange import Exchange

ASKED = Exchange(
    client_address=packed("192.0.2.1"), client_port=40_000, server_address=packed("192.0.2.2"),
    server_port=123, protocol=17, sent=1, received=2, request_bytes=76, reply_bytes=76,
)  # fmt: skip


def test_of_a_clock_nobody_knows_there_is_no_bound() -> None:
    assert ASKED.clock_bound is None


def test_an_exchange_says_all_that_a_flow_is_found_by() -> None:
    said = msgspec.structs.asdict(ASKED)
    for name in said.keys() - {"clock_bound", "request_bytes", "reply_bytes"}:
        with pytest.raises(TypeError):
            Exchange(**{other: value for other, value in said.items() if other != name})
