from __future__ import annotations

from tests.names.told import packed
from tests.sample_lake import NOON
from tidegauge.flow.interface_sample import InterfaceSample
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.interface_samples import COUNTER_COLUMNS, append, samples_seen
from tidegauge.store.lake import Lake


def test_a_sample_comes_back_as_it_was_read_also_when_it_was_said_twice(lake: Lake) -> None:
    sample = InterfaceSample(
        received=NOON + 1, exporter=packed("192.0.2.1"), interface=2**32 - 1, source="snmp",
        counting_since=NOON, counter_bits=64, octets_in=2**64 - 1, octets_out=0, name="eth0",
    )  # fmt: skip
    for number in range(20):
        append(lake, [sample], now=number)
    with lake.generation() as generation, Engine(generation) as engine, samples_seen(engine, lake):
        rows = engine.rows(
            "SELECT DISTINCT epoch_ns(received), CAST(exporter AS BLOB), interface, epoch_ns(counting_since),"
            " octets_in, octets_out, packets_in, name FROM counters"
        )
        described = engine.rows("DESCRIBE counters")
    assert rows == [(NOON + 1, packed("192.0.2.1"), 2**32 - 1, NOON, 2**64 - 1, 0, None, "eth0")]
    assert {name: type_ for name, type_, *_ in described} == {
        name: type_.replace("TIMESTAMPTZ_NS", described[0][1]) for name, type_ in COUNTER_COLUMNS.items()
    }
    assert set(COUNTER_COLUMNS) == set(InterfaceSample.__struct_fields__)
