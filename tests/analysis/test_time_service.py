from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import NOON, SECOND
from tidegauge.analysis.time_service import TimeService, time_service_of
from tidegauge.clock.instant_text import text_from_instant
from tidegauge.ntp.askers import Asker
from tidegauge.ntp.service_record import RECORD_NAME, STATE_FOLDER, ServiceRecord
from tidegauge.store.lake import Lake


def asker(address: str, requests: int = 9, last: int = 0, offset: float | None = None) -> Asker:
    """A client that asks every 64 seconds, heard of ``last`` seconds before noon for the last time."""
    return Asker(
        address=address,
        first_seen=text_from_instant(NOON - 86_400 * SECOND),
        last_seen=text_from_instant(NOON - last * SECOND),
        requests=requests,
        answered=requests,
        limited=0,
        authenticated=0,
        interleaved=0,
        version=4,
        poll_seconds=64.0,
        interval_seconds=64.0 if requests > 1 else None,
        offset_seconds=offset,
    )


def record(*clients: Asker, stratum: int = 3, addresses: tuple[str, ...] = ()) -> ServiceRecord:
    """What a server wrote at noon."""
    return ServiceRecord(
        written=text_from_instant(NOON),
        listening="udp://0.0.0.0:123",
        counters={"received": 18, "answered": 18, "ignored_mode": 0},
        clients=list(clients),
        started=text_from_instant(NOON - 86_400 * SECOND),
        stratum=stratum,
        root_dispersion_seconds=0.002,
        addresses=list(addresses),
    )


def keep(lake: Lake, kept: ServiceRecord) -> None:
    """Put a record where the server beside a collector keeps it."""
    (lake.path / STATE_FOLDER).mkdir(exist_ok=True)
    (lake.path / STATE_FOLDER / RECORD_NAME).write_bytes(kept.to_json())


@pytest.mark.parametrize(
    ("stratum", "age", "state"), [(3, 60, "serving"), (3, 61, "stopped"), (16, 0, "unsynchronised")]
)
def test_the_record_tells_whether_it_runs(stratum: int, age: int, state: str) -> None:
    service = TimeService.at(record(stratum=stratum), NOON + age * SECOND)
    assert (service.state, service.is_running) == (state, state != "stopped")


def test_clients_are_counted_by_state() -> None:
    clients = (asker("10.0.0.1"), asker("10.0.0.2", last=257), asker("10.0.0.3", requests=1))
    counted = TimeService.at(record(*clients), NOON).clients(NOON)
    assert counted == {"asks": 1, "asked once": 1, "stopped": 1}


def test_a_lake_may_have_none(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path)
    assert time_service_of(lake, NOON) is None
    keep(lake, record())
    service = time_service_of(lake, NOON)
    assert service is not None
    assert service.record == record()
    (tmp_path / STATE_FOLDER / RECORD_NAME).write_text('{"schema": 2}')
    assert time_service_of(lake, NOON) is None
