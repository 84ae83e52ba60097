from __future__ import annotations

from pathlib import Path

import pytest

from tests.nts_server import self_signed
from tidegauge.app.time_service import time_service
from tidegauge.app.time_service_order import TimeServiceOrder
from tidegauge.ntp.client import query
from tidegauge.ntp.own_clock import OwnClock
from tidegauge.ntp.server import VouchedServer
from tidegauge.ntp.service_record import read_record

NOW = 1_795_000_000 * 10**9


def test_it_answers_and_records_from_the_first_moment(tmp_path: Path) -> None:
    chain, key = self_signed(tmp_path, "localhost")
    state = tmp_path / "state"
    order = TimeServiceOrder(listen="udp://127.0.0.1:0", nts_certificate=chain, nts_key=key, nts_port=0)
    with time_service(order.plan(NOW), lambda: OwnClock(5_000_000), lambda: NOW, state=state) as service:
        time_place, key_place = service.listening
        assert key_place.startswith("nts-ke://127.0.0.1:")
        measurement = query("127.0.0.1", int(time_place.rpartition(":")[2]))
        assert measurement.root_dispersion >= 5_000_000
        assert read_record(state).listening == time_place


def test_taken_ports_and_wrong_certificates_are_sentences(tmp_path: Path) -> None:
    with VouchedServer("127.0.0.1", 0) as taken:
        order = TimeServiceOrder(listen=f"udp://127.0.0.1:{taken.port}")
        with (
            pytest.raises(OSError, match=f"cannot listen on udp://127.0.0.1:{taken.port}: Address already"),
            time_service(order.plan(NOW), None, lambda: NOW),
        ):
            pass
    chain, key = self_signed(tmp_path, "localhost")
    order = TimeServiceOrder(listen="udp://127.0.0.1:0", nts_certificate=key, nts_key=chain)
    with (
        pytest.raises(OSError, match="not a certificate and its key"),
        time_service(order.plan(NOW), None, lambda: NOW),
    ):
        pass
