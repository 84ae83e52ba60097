from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.flow_sender import send, wait_until
from tests.ntp.test_polling import honest, time_server
from tests.numbered_flows import numbers_in
from tidegauge.app.configuration import Configuration, configuration_from_file
from tidegauge.app.services import Services, services
from tidegauge.ntp import polling
from tidegauge.ntp.client import query
from tidegauge.ntp.measurement import Measurement
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.store.lake import Lake

COLLECT = '[collect]\nlisten = ["udp://127.0.0.1:0"]\nstats_json = "stats.json"\n'
SERVE = '[serve]\nhttp = "127.0.0.1:0"\n'
TIME_SERVE = '[time.serve]\nlisten = "udp://127.0.0.1:0"\n'


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever keeps this machine's clock has no say in these tests."""
    monkeypatch.setattr(polling, "local_judges", list)


def configured(folder: Path, text: str) -> Configuration:
    file = folder / "tidegauge.toml"
    file.write_text(f'lake = "lake"\n{text}')
    return configuration_from_file(file, time.time_ns())


@contextmanager
def running(folder: Path, text: str) -> Iterator[Services]:
    with services(configured(folder, text), time.time_ns) as found:
        yield found


def place(found: Services, scheme: str) -> ListenAddress:
    [address] = [address for address in found.listening if address.startswith(f"{scheme}://")]
    return ListenAddress.parse(address.replace(f"{scheme}:", "udp:"))


def told(found: Services) -> Measurement:
    return query("127.0.0.1", place(found, "ntp").port)


def test_everything_runs_together_and_ends_without_loss(tmp_path: Path) -> None:
    with running(tmp_path, COLLECT + SERVE + TIME_SERVE) as found:
        assert [address.partition("://")[0] for address in found.listening] == ["udp", "ntp", "http"]
        send(place(found, "udp"), range(90))
        assert not told(found).is_synchronised
        with urllib.request.urlopen(f"{found.listening[2]}/health") as reply:
            assert json.load(reply) == {"status": "ok", "time_server": "unsynchronised"}
    assert numbers_in(Lake.open(tmp_path / "lake")) == list(range(90))
    assert json.loads((tmp_path / "stats.json").read_text())["stored"] == 90
    assert json.loads((tmp_path / "lake/time/time-server.json").read_text())["counters"]["answered"] == 1


def test_the_server_tells_what_the_collector_knows_of_this_clock(tmp_path: Path) -> None:
    with time_server(honest) as (source, questions):
        text = f'[time]\nsources = ["{source}"]\n{TIME_SERVE}'
        with running(tmp_path, text) as found:
            wait_until(lambda: told(found).is_synchronised)
            measurement = told(found)
            # One client asks the source, however many ask us.
            assert len(questions) == 1
    assert measurement.stratum == 2
    # So much at least the crystal may do until the word is renewed.
    assert measurement.root_dispersion > 1_500_000


@pytest.mark.parametrize("text", [SERVE, TIME_SERVE, COLLECT])
def test_what_is_not_there_is_not_run(tmp_path: Path, text: str) -> None:
    with running(tmp_path, text) as found:
        assert len(found.listening) == 1
        found.await_end(lambda _seconds: True)


def test_exporters_are_probed_where_that_is_switched_on(tmp_path: Path) -> None:
    kept = tmp_path / "lake/clock_probes"
    with time_server(honest) as (exporter, _):
        text = f'[exchanges.probe]\ntargets = ["ntp://127.0.0.1:{exporter.port}"]\n'
        with running(tmp_path, text):
            wait_until(lambda: kept.exists() and any(kept.iterdir()))


def test_a_taken_port_leaves_nothing_running(tmp_path: Path) -> None:
    with running(tmp_path, COLLECT) as first:
        port = place(first, "udp").port
        taken = f'{COLLECT}[time.serve]\nlisten = "udp://127.0.0.1:{port}"\n'
        with (
            pytest.raises(OSError, match=f"cannot listen on .*:{port}"),
            running(tmp_path, taken),
        ):
            pass
    with running(tmp_path, COLLECT.replace(":0", f":{port}")):
        pass


def test_a_listener_that_broke_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path, COLLECT) as found:
        assert found.collector is not None
        monkeypatch.setattr(type(found.collector), "failure", OSError("the card is gone"))
        with pytest.raises(OSError, match="the card is gone"):
            found.await_end(lambda _seconds: False)
