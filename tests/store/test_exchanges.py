from __future__ import annotations

from tests.names.told import packed
from tests.sample_lake import NOON
from tidegauge.flow.exchange import Exchange
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.exchanges import EXCHANGE_COLUMNS, append, exchanges_seen
from tidegauge.store.lake import Lake

READ = "CAST(client_address AS BLOB), client_port, CAST(server_address AS BLOB), server_port, protocol"
WHEN = "epoch_ns(sent), epoch_ns(received), request_bytes, reply_bytes, clock_bound"


def test_an_exchange_comes_back_as_it_was_told(lake: Lake) -> None:
    asked = Exchange(
        client_address=packed("192.0.2.1"), client_port=2**16 - 1, server_address=packed("2001:db8::1"),
        server_port=123, protocol=17, sent=NOON, received=NOON + 1, request_bytes=76, reply_bytes=2**16,
        clock_bound=5,
    )  # fmt: skip
    assert append(lake, [asked], now=NOON) == 1
    with lake.generation() as generation, Engine(generation) as engine, exchanges_seen(engine, lake):
        rows = engine.rows(f"SELECT {READ}, {WHEN} FROM exchanges")
    ours = packed("192.0.2.1"), 2**16 - 1, packed("2001:db8::1"), 123, 17
    assert rows == [(*ours, NOON, NOON + 1, 76, 2**16, 5)]
    assert set(EXCHANGE_COLUMNS) == set(Exchange.__struct_fields__)
