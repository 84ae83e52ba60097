from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.flow_sender import wait_until
from tests.ntp.test_polling import honest, kissing, lying, time_server
from tidegauge.app import probing as module
from tidegauge.app.probing import ProbeTarget, Probing, probe, probe_pause, probed
from tidegauge.ntp.icmp_timestamp import Stamps
from tidegauge.store.clock_probes import probes_between
from tidegauge.store.lake import Lake

SECOND = 10**9


@pytest.mark.parametrize(
    "text", ["192.0.2.1", "tcp://192.0.2.1:80", "icmp://192.0.2.1:7", "ntp://", "ntp://a/b", "ntp://a:b"]
)
def test_whom_nobody_can_ask_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        ProbeTarget.parse(text)


@pytest.mark.parametrize("every", ["15s", "0s", "soon"])
def test_an_exporter_is_not_asked_often(every: str) -> None:
    with pytest.raises(ValueError, match=every):
        probe_pause(every)
    assert probe_pause("16s") == 16


def test_an_ntp_service_tells_the_clock_that_it_shows() -> None:
    """Five seconds fast, and what it says of how right it is plays no part."""
    with time_server(lying) as (address, _):
        found = probe(ProbeTarget("ntp", address.host, address.port), time.time_ns, 1_000)
    floor, ceiling = found.limits
    assert floor.offset <= 5 * SECOND <= ceiling.offset <= floor.offset + SECOND // 10
    assert (found.exporter, found.kind, found.clock_bound) == ("127.0.0.1", "ntp", 1_000)


def test_a_kernel_tells_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    stamps = Stamps(sent=0, came=7 * SECOND, went=7 * SECOND, received=SECOND // 100)
    monkeypatch.setattr("tidegauge.ntp.icmp_timestamp.ask", lambda *_, **__: ("192.0.2.1", stamps))
    floor, ceiling = probe(ProbeTarget.parse("icmp://edge"), time.time_ns, None).limits
    assert (floor.offset, ceiling.offset) == (6_990_000_000, 7_001_000_000)


def test_an_answer_from_before_the_question_says_that_our_clock_was_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "tidegauge.ntp.icmp_timestamp.ask", lambda *_, **__: ("192.0.2.1", Stamps(9, 0, 0, 8))
    )
    with pytest.raises(OSError, match="our own clock was set"):
        probe(ProbeTarget.parse("icmp://edge"), time.time_ns, None)


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST_SECONDS", 0.01)


@pytest.mark.usefixtures("_hasty")
def test_answers_come_into_the_lake_until_it_is_stopped(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path)
    with time_server(honest) as (address, questions):
        target = ProbeTarget("ntp", address.host, address.port)
        with probed(Probing(lake, [target], 0.01, time.time_ns, lambda: 5)):
            wait_until(lambda: len(questions) > 2)
    found = probes_between(lake, 0, 2**62)
    assert len(found) >= 2
    assert {(each.exporter, each.clock_bound) for each in found} == {("127.0.0.1", 5)}


@pytest.mark.usefixtures("_hasty")
def test_who_does_not_want_it_is_not_asked_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with time_server(kissing(b"DENY")) as (address, questions):
        target = ProbeTarget("ntp", address.host, address.port)
        with probed(Probing(Lake.create(tmp_path), [target], 0.01, time.time_ns, lambda: None)):
            wait_until(lambda: bool(caplog.messages))
            time.sleep(0.1)
    assert len(questions) == 1


def test_it_waits_at_least_a_while_whatever_it_is_told(tmp_path: Path) -> None:
    with time_server(honest) as (address, questions):
        target = ProbeTarget("ntp", address.host, address.port)
        with probed(Probing(Lake.create(tmp_path), [target], 0.0, time.time_ns, lambda: None)):
            wait_until(lambda: bool(questions))
            time.sleep(0.1)
    assert len(questions) == 1
