from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.ledger import COUNTER_NAMES
from tidegauge.store.lake import Lake

FLOWS = [
    {
        "received": NOON + 10 * SECOND,
        "start": NOON,
        "end": NOON + 3 * SECOND,
        "exporter": "192.0.2.9",
        "src_addr": "10.0.0.1",
        "dst_addr": "198.51.100.1",
        "src_port": 50_000,
        "dst_port": 443,
        "protocol": 6,
        "bytes": 10,
        "packets": 3,
        "src_mac": b"\x00\x1b\x44\x11\x3a\xb7",
        "other": [{"element": "x", "value": "1", "raw": b"\x01"}],
    },
    {
        "received": NOON + 70 * SECOND,
        "start": NOON + 65 * SECOND,
        "end": NOON + 65 * SECOND,
        "src_addr": "10.0.0.2",
        "dst_addr": "2001:db8::1",
        "protocol": 17,
        "bytes": 100,
        "packets": 1,
    },
    {
        "received": NOON + 70 * SECOND,
        "src_addr": "10.0.0.3",
        "dst_addr": "10.0.0.1",
        "protocol": 1,
        "bytes": 5,
        "packets": 1,
    },
]


def ledger_row(**counted: object) -> dict[str, object]:
    """A minute of an IPFIX exporter that is 300 s fast and did nothing beyond ``counted``."""
    row = {
        "minute": NOON,
        "exporter": "192.0.2.9",
        "port": 4739,
        "observation_domain": 1,
        "protocol_version": "ipfix",
        "writer": "w",
        "last_received": NOON + 50 * SECOND,
        "template_count": 2,
        "sampling_interval": 100,
        "clock_low": 299 * SECOND + SECOND // 5,
        "clock_high": 300 * SECOND,
    }
    return row | dict.fromkeys(COUNTER_NAMES, 0) | counted


LEDGER = [
    ledger_row(datagrams=2, records=8, stored=8),
    ledger_row(
        minute=NOON + 60 * SECOND,
        last_received=NOON + 70 * SECOND,
        datagrams=1,
        records=1,
        stored=1,
        lost_sequence=1,
        template_count=3,
        clock_low=299 * SECOND,
        clock_high=300 * SECOND + 1,
    ),
]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return make_lake(tmp_path / "lake", FLOWS, LEDGER)


@pytest.fixture
def empty_lake(tmp_path: Path) -> Lake:
    return make_lake(tmp_path / "empty")
