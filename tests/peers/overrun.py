"""Meters a router while its translations come faster than they are read: ``python overrun.py INTERFACE``.

Follows them with a receive buffer that holds a handful of messages, says ``ready``, and at each line of input
prints as JSON what is known by then; at the end of the input also the flows.
"""

from __future__ import annotations

import json
import sys

import duckdb

from tidegauge._core import Batch, Meter

SMALL_BUFFER = 4096
EVENTS = 'nat_event, epoch_ns(start), epoch_ns("end"), dst_port'
IS_FLOW = "nat_event IS NULL AND nat_src_port IS NOT NULL"
FLOWS = "dst_port, nat_src_port"


def rows(batches: list[Batch], condition: str, columns: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        return [
            row
            for batch in batches
            for row in connection.from_arrow(batch).filter(condition).project(columns).fetchall()
        ]


def main() -> None:
    meter = Meter(idle_timeout_seconds=0.2)
    meter.translate(receive_buffer_bytes=SMALL_BUFFER)
    meter.listen(sys.argv[1])
    print("ready", flush=True)
    flows = []
    for _ in sys.stdin:
        batches = meter.drain()
        flows += rows(batches, IS_FLOW, FLOWS)
        events = rows(batches, "nat_event IS NOT NULL", EVENTS)
        print(json.dumps({"counters": meter.counters(), "events": events}), flush=True)
    flows += rows(meter.drain(everything=True), IS_FLOW, FLOWS)
    print(json.dumps(flows), flush=True)


if __name__ == "__main__":
    main()
