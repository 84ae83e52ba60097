"""kill -9 under load: what was received a second before is there, once, and the ledger knows the rest."""

from __future__ import annotations

import random
import time
from array import array
from pathlib import Path

import pytest

from tests.chaos.daemon import Daemon, ledger
from tests.chaos.export import FLOWS_EACH, VERSIONS, Export, numbered
from tests.flow_sender import wait_until
from tests.numbered_flows import numbers_in
from tidegauge._core import Batch
from tidegauge.metering.export_settings import ExportSettings
from tidegauge.metering.export_target import ExportTarget
from tidegauge.metering.stream_exporter import StreamExporter
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.store.lake import Lake

DATAGRAMS = 5000
BATCHES, FLOWS_OF_A_BATCH = 60, 500
DATAGRAMS_PER_SECOND = 1500
PROMISED_SECONDS = 1.0
# Flows sent while no collector runs.
UNHEARD = 2000


@pytest.mark.parametrize("version", VERSIONS)
def test_a_killed_collector_loses_a_second_and_says_so(tmp_path: Path, version: str) -> None:
    lake = tmp_path / "lake"
    datagrams = numbered(version, DATAGRAMS)
    kill_after = random.uniform(1.3, 2.3)
    with Daemon(lake) as first, Export(first.address, datagrams, DATAGRAMS_PER_SECOND) as export:
        time.sleep(kill_after)
        sent_before = export.sent_before(time.monotonic() - PROMISED_SECONDS)
        first.kill()
        sent = export.sent
        wait_until(lambda: export.sent > sent + UNHEARD)
        export.pause()
        told, numbers = ledger(lake), numbers_in(Lake.open(lake))

        moment = f"killed after {kill_after:.3f} s"
        assert len(set(numbers)) == len(numbers), f"{moment}: a flow is there twice"
        assert set(range(1, sent_before + 1)) <= set(numbers), (
            f"{moment}: a flow older than a second is missing"
        )
        assert sent_before <= told["records"] <= sent + FLOWS_EACH, moment
        assert told["stored"] == len(numbers), moment
        assert told["lost_write"] == told["records"] - told["stored"], moment

        with Daemon(lake, first.address.port) as second:
            export.resume()
            export.finish()
            second.stop()
    account_for_everything(version, ledger(lake), numbers_in(Lake.open(lake)))


def account_for_everything(version: str, told: dict[str, int], numbers: list[int]) -> None:
    """Between them the two collectors know of every flow: v9 counts datagrams, the others flows."""
    assert len(set(numbers)) == len(numbers) == told["stored"]
    assert max(numbers) == DATAGRAMS * FLOWS_EACH, "the second collector stored to the end"
    unit = 1 if version == "netflow9" else FLOWS_EACH
    assert told["lost_sequence"] >= UNHEARD // FLOWS_EACH * unit, "nobody listened for a while"
    if version == "netflow9":
        assert told["datagrams"] + told["lost_sequence"] == DATAGRAMS
        assert told["stored"] + told["lost_write"] == told["datagrams"] * FLOWS_EACH
    else:
        assert told["stored"] + told["lost_write"] + told["lost_sequence"] == DATAGRAMS * FLOWS_EACH


class Numbered:
    """Flows over a connection, numbered as they are sent."""

    def __init__(self, address: ListenAddress) -> None:
        target = ExportTarget("ipfix", address.host, address.port, "tcp")
        self.exporter = StreamExporter(target, ExportSettings(), is_patient=True)
        self.sent = 0

    def send(self) -> None:
        for _ in range(BATCHES):
            numbers = array("Q", range(self.sent, self.sent + FLOWS_OF_A_BATCH))
            self.exporter.send(Batch({"bytes": numbers}), time.time_ns())
            self.sent += FLOWS_OF_A_BATCH
            time.sleep(0.01)


@pytest.mark.parametrize("is_killed", [True, False])
def test_over_a_connection_flows_wait_for_the_next_collector(tmp_path: Path, *, is_killed: bool) -> None:
    lake = tmp_path / "lake"
    with Daemon(lake, transport="tcp") as first:
        flows = Numbered(first.address)
        flows.send()
        if is_killed:
            first.kill()
        else:
            first.stop()
        flows.send()
        with Daemon(lake, first.address.port, transport="tcp") as second:
            flows.send()
            flows.exporter.close()
            second.stop()
    told, numbers = ledger(lake), numbers_in(Lake.open(lake))
    assert flows.exporter.lost_flows == told["lost_sequence"] == 0
    assert len(set(numbers)) == len(numbers) == told["stored"] == told["records"] - told["lost_write"]
    if not is_killed:
        assert numbers == list(range(flows.sent))
    # What the kernel had taken and the program never read, nobody can tell.
    assert flows.sent - BATCHES * FLOWS_OF_A_BATCH / 10 <= told["records"] <= flows.sent
