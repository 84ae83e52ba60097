"""Ten minutes of asking four real servers for the time: one with NTS, and one that drifts away."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.peers.test_ntp_peers import chrony_server
from tests.peers.test_time_client import faketimed_chrony, nts_chrony
from tests.ports import free_port
from tests.soak.record import record
from tidegauge.ntp import polling as polling_module
from tidegauge.ntp.polling import SourcePolling
from tidegauge.ntp.server_address import ServerAddress

SECONDS = int(os.environ.get("TIDEGAUGE_SOAK_TIME_SECONDS", "600"))
LIAR_PPM = 500

pytestmark = [pytest.mark.soak, pytest.mark.timeout(SECONDS + 300)]


def test_the_truth_stays_inside_and_the_liar_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All servers read our own clock, so that the error of our clock against them is 0."""
    monkeypatch.setattr(polling_module, "local_judges", list)
    folders = [tmp_path / str(number) for number in range(4)]
    for folder in folders:
        folder.mkdir()
    bounds, outside, liar_found_after = [], 0, None
    with ExitStack() as servers:
        ports = [servers.enter_context(chrony_server(folder, "local stratum 10")) for folder in folders[2:]]
        key_port = free_port()
        trusted = servers.enter_context(nts_chrony(folders[1], free_port(), key_port))
        drifting = f"+0s x{1 + LIAR_PPM / 1e6}"
        ports.append(servers.enter_context(faketimed_chrony(folders[0], drifting)))
        plain = [ServerAddress("127.0.0.1", port) for port in ports]
        polling = SourcePolling([ServerAddress("localhost", key_port, is_nts=True), *plain], trusted)
        polling.start()
        started, spent = time.monotonic(), time.process_time()
        judgement = polling.judge()
        while (passed := time.monotonic() - started) < SECONDS:
            time.sleep(1)
            judgement = polling.judge()
            if judgement.low is None or judgement.high is None:
                continue
            bounds.append(judgement.high - judgement.low)
            outside += not judgement.low <= 0 <= judgement.high
            if liar_found_after is None and judgement.sources[3].state == "falseticker":
                liar_found_after = round(passed)
        spent = time.process_time() - spent
        polling.stop()
    late = sorted(bounds[len(bounds) // 2 :])
    figures = {
        "seconds": SECONDS,
        "judgements": len(bounds),
        "truth_outside": outside,
        "liar_ppm": LIAR_PPM,
        "liar_found_after_seconds": liar_found_after,
        "width_microseconds_median_late": late[len(late) // 2] / 1000,
        "width_microseconds_greatest_late": late[-1] / 1000,
        "cpu_milliseconds_per_minute": round(spent / SECONDS * 60_000, 1),
        "polls": [source.poll for source in judgement.sources],
        "reach": [source.reach for source in judgement.sources],
    }
    record("time-client", figures)
    assert outside == 0, figures
    # Every question was answered: a row of ones, as long as there were questions.
    assert not any(source.reach & (source.reach + 1) & 0xFF for source in judgement.sources), figures
    assert len(bounds) > 0.9 * SECONDS
    assert [source.state for source in judgement.sources] == ["good", "good", "good", "falseticker"]
