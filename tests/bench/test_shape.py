"""Exports of many exporters, domains and templates: a collector finds all of them, and what they say."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from bulk import exporter_address
from shape import HEADER_BYTES, RECORDS_IN_DATAGRAM, Shape
from traffic_model import MILLISECOND, TrafficModel

from tidegauge._core import Decoder

NOW = 1_750_000_000_000_000_000
SHAPE = Shape(3, 2, 5)


@pytest.mark.parametrize("version", HEADER_BYTES)
def test_what_is_spread_is_what_was_drawn(version: str) -> None:
    made = SHAPE.encode(version, SHAPE.all_templates * RECORDS_IN_DATAGRAM * 2, NOW)
    decoder = Decoder()
    for payload, exporter in zip(made.payloads, made.exporters.tolist(), strict=True):
        decoder.feed(payload, exporter_address(exporter), 2055, NOW)
    counters = decoder.counters()
    assert counters["records"] == made.flows == SHAPE.all_templates * RECORDS_IN_DATAGRAM * 2
    assert counters["lost_upstream"] == 0
    [batch] = [rows for rows in decoder.drain() if rows.table == "flows"]
    with duckdb.connect() as connection:
        sums = connection.from_arrow(batch).aggregate(
            "sum(bytes), sum(src_port), sum(epoch_ns(start)), count(DISTINCT exporter)"
        )
        [came] = sums.fetchall()
    drawn = TrafficModel(has_ipv6=False).columns(made.flows, NOW)
    start = drawn["start"] // MILLISECOND * MILLISECOND
    exact = int(drawn["bytes"].sum()), int(drawn["src_port"].sum()), int(start.astype(object).sum()), 3
    assert came == exact


def test_no_template_is_like_another_and_all_speak_by_turns() -> None:
    made = Shape(4, 1, 3).encode("ipfix", 12 * RECORDS_IN_DATAGRAM * 2, NOW)
    layouts = {payload[20 : 20 + int.from_bytes(payload[18:20], "big") - 4] for payload in made.payloads[:12]}
    assert len({layout[4:] for layout in layouts}) == 3
    assert np.bincount(made.exporters[:12]).tolist() == [3, 3, 3, 3]


def test_numbers_run_on_when_sent_again() -> None:
    made = SHAPE.encode("ipfix", SHAPE.all_templates * RECORDS_IN_DATAGRAM, NOW)
    assert made.sequence_steps.tolist() == [5 * RECORDS_IN_DATAGRAM] * 3
