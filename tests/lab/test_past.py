from __future__ import annotations

from pathlib import Path

from tidegauge.lab.activity import DAY, HOUR, SECOND
from tidegauge.lab.capture import CaptureFile
from tidegauge.lab.logs import Logs
from tidegauge.lab.office import demonstration_office
from tidegauge.lab.past import LONGEST_DELAY, by_router, write_past
from tidegauge.lab.router import EDGE1, EDGE2, UPTIME, Router
from tidegauge.receiving.capture import CaptureReader

MIDNIGHT = 20_000 * DAY
NOW = MIDNIGHT + 21 * HOUR


def test_the_import_finds_every_flow_of_both_routers(tmp_path: Path) -> None:
    path = tmp_path / "past.pcap"
    office = demonstration_office(1, NOW, MIDNIGHT)
    routers = {plan.name: Router(plan, NOW - UPTIME) for plan in (EDGE1, EDGE2)}
    sources = {plan.name: (plan.address, 40_000) for plan in (EDGE1, EDGE2)}
    with CaptureFile(path) as capture, Logs(tmp_path) as logs:
        written = write_past(office, routers, NOW, capture, sources, logs)
    assert len(logs.syslog_path.read_text().splitlines()) > 50_000
    reader = CaptureReader([path])
    rows = sum(len(batch) for batches in reader.batches() for batch in batches if batch.table == "flows")
    assert rows == written > 100_000
    assert {(it.exporter, it.protocol_version, it.observation_domain) for it in reader.exporters} == {
        ("127.0.0.11", "ipfix", 1),
        ("127.0.0.12", "netflow9", 2),
    }
    assert reader.counters["lost_sequence"] == 0
    last_arrivals = [snapshot.last_received for snapshot in reader.exporters]
    assert all(NOW - 30 * SECOND < arrival <= NOW + LONGEST_DELAY for arrival in last_arrivals)


def test_flows_are_sorted_by_their_router() -> None:
    office = demonstration_office(1, NOW, MIDNIGHT)
    flows = office.flows_until(NOW - 12 * HOUR)
    seen = by_router(flows)
    assert set(seen) == {"edge1", "edge2"}
    assert sum(map(len, seen.values())) == len(flows)
