from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.command import tidegauge
from tidegauge.lab.wired.namespaces import places
from tidegauge.lab.wired.network import PEOPLE, STATION_ADDRESS
from tidegauge.lab.wired.station import collecting, host_name, prepare


def test_the_lake_knows_whose_the_laptops_are_and_follows_the_files(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    prepare(lake, PEOPLE, [tmp_path / "leases"])
    told = json.loads(tidegauge("names", "inventory", "check", "--lake", str(lake), "--format", "json"))
    assert {row["machine"]: row["owner"] for row in told} == {
        host_name(seat): seat.name.title() for seat in PEOPLE
    }
    assert str(tmp_path / "leases") in (lake / "names/follow.toml").read_text()


@pytest.mark.peers
@pytest.mark.usefixtures("office_turn")
def test_the_collector_listens_and_ends_well(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    prepare(lake, PEOPLE, [])
    with places(["station"]) as made:
        made["station"].ip("address", "add", f"{STATION_ADDRESS}/24", "dev", "lo")
        with collecting(made["station"], lake, tmp_path) as collector:
            assert collector.process.poll() is None
            sockets = subprocess.run(
                made["station"].command("cat", "/proc/net/udp"), capture_output=True, text=True, check=True
            ).stdout
            assert ":0807 " in sockets
            collector.end()
        assert collector.process.returncode == 0
