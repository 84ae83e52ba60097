from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.flow_sender import wait_until
from tidegauge.lab.wired.namespaces import (
    NAMESPACES,
    PREFIX,
    SETTINGS,
    OfficeRunsError,
    checked,
    places,
)

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("office_turn")]


def office_namespaces() -> list[str]:
    return sorted(path.name for path in NAMESPACES.glob(f"{PREFIX}*"))


def test_places_are_there_until_the_end_and_so_are_their_processes_and_settings() -> None:
    with places(["one", "two"]) as made:
        assert office_namespaces() == [f"{PREFIX}one", f"{PREFIX}two"]
        made["one"].put("resolv.conf", "nameserver 192.0.2.1\n")
        assert made["one"].run("cat", "/etc/resolv.conf") == "nameserver 192.0.2.1\n"
        sleeper = subprocess.Popen(made["two"].command("sleep", "60"))
        wait_until(lambda: checked(["ip", "netns", "pids", made["two"].namespace]) != "")
        with pytest.raises(OfficeRunsError, match="runs on this machine already"), places(["three"]):
            pass
    assert sleeper.wait(5) != 0
    assert office_namespaces() == []
    assert list(SETTINGS.glob(f"{PREFIX}*")) == []


def test_what_a_killed_office_left_goes_first(tmp_path: Path) -> None:
    left = f"{PREFIX}left"
    checked(["ip", "netns", "add", left])
    sleeper = subprocess.Popen(["ip", "netns", "exec", left, "sleep", "60"])
    wait_until(lambda: checked(["ip", "netns", "pids", left]) != "")  # it has gone there
    with places(["one"], tmp_path / "lock"):
        assert office_namespaces() == [f"{PREFIX}one"]
        assert sleeper.wait(5) != 0


def test_nothing_is_left_when_something_fails() -> None:
    with pytest.raises(RuntimeError, match="cat /absent failed: cat: /absent"), places(["one"]) as made:
        made["one"].run("cat", "/absent")
    assert office_namespaces() == []
