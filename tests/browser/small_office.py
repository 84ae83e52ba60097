"""A small office: a quarter of an hour of web and name traffic, named by its inventory, and one scan."""

from __future__ import annotations

import math
from pathlib import Path

from tests.sample_lake import NOON, SECOND, Row, make_lake
from tidegauge.store.lake import Lake

NOW = NOON + 15 * 60 * SECOND
EXPORTERS = (("192.0.2.1", "ipfix", 0), ("192.0.2.2", "netflow9", 300))

INVENTORY = """
home = ["10.0.0.0/8"]

[people]
Ann = { team = "sales" }
Ben = { team = "sales" }

[machines]
ann-laptop = { owner = "Ann", addresses = ["10.0.0.1"] }
ben-laptop = { owner = "Ben", addresses = ["10.0.0.8"] }
"""

LINKS = """
[Internet]
exporter = "192.0.2.1"
interface = 2
capacity = "1M"
"""


def small_office(path: Path) -> Lake:
    """Put the office into a lake."""
    lake = make_lake(path, office_flows() + scan_flows(), ledger_rows())
    (path / "names").mkdir()
    (path / "names" / "inventory.toml").write_text(INVENTORY)
    (path / "links.toml").write_text(LINKS)
    return lake


def office_flows() -> list[Row]:
    """What eight hosts fetched, one exporter's clock five minutes fast."""
    rows: list[Row] = []
    for minute in range(15):
        for host in range(1, 9):
            exporter, version, shift = EXPORTERS[host % 2]
            arrived = NOON + (60 * minute + 59) * SECOND
            start = NOON + (60 * minute + 5 * host + shift) * SECOND
            wave = 1 + math.sin(minute / 3)
            common = {
                "received": arrived,
                "start": start,
                "end": start + 12 * SECOND,
                "exporter": exporter,
                "observation_domain": 1,
                "protocol_version": version,
                "in_interface": 2,
                "out_interface": 1,
                "direction": 0,
                "dst_addr": f"10.0.0.{host}",
                "dst_port": 50000 + host,
                "packets": 90,
            }
            site = "www.youtube.com" if host == 1 else "www.dropbox.com"
            web = {"src_addr": "203.0.113.9", "src_port": 443, "protocol": 6, "tcp_flags": 0x1B, "site": site}
            names = {"src_addr": "2001:db8::53", "src_port": 53, "protocol": 17}
            rows += [
                common | web | {"bytes": int(90_000 * wave * host)},
                common | names | {"bytes": 900 * host},
            ]
    return rows


def scan_flows() -> list[Row]:
    """What somebody tried at one address, within twelve seconds."""
    return [
        {
            "received": NOON + 600 * SECOND,
            "start": NOON + 500 * SECOND + port * SECOND // 10,
            "end": NOON + 500 * SECOND + port * SECOND // 10,
            "exporter": "192.0.2.1",
            "observation_domain": 1,
            "protocol_version": "ipfix",
            "src_addr": "10.0.0.66",
            "dst_addr": "10.0.0.5",
            "src_port": 40000,
            "dst_port": port,
            "protocol": 6,
            "tcp_flags": 2,
            "packets": 1,
            "bytes": 60,
        }
        for port in range(1, 121)
    ]


def ledger_rows() -> list[Row]:
    """What the collector noted of both exporters."""
    return [
        {
            "minute": NOON + 14 * 60 * SECOND,
            "last_received": NOW - 5 * SECOND,
            "exporter": exporter,
            "port": 50000,
            "observation_domain": 1,
            "protocol_version": version,
            "writer": "w",
            "clock_low": shift * SECOND - SECOND // 5,
            "clock_high": shift * SECOND + SECOND // 10,
            "datagrams": 30,
            "records": 120,
            "stored": 120,
        }
        for exporter, version, shift in EXPORTERS
    ]
