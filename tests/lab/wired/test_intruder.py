from __future__ import annotations

import time
from pathlib import Path

import pytest

from tidegauge.lab.wired import intruder
from tidegauge.lab.wired.intruder import ATTACKS, Attack, attack
from tidegauge.lab.wired.namespaces import places

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("office_turn")]


def wait(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def test_attacks_are_done_one_after_another_and_told(tmp_path: Path) -> None:
    with places(["guest"]) as made:
        for each in ATTACKS:
            made["guest"].ip("address", "add", f"{each.target}/32", "dev", "lo")
        acts = list(attack("guest", made["guest"], tmp_path, wait))
    assert [(act.what, act.site, act.amount) for act in acts] == [
        (each.what, each.target, each.amount) for each in ATTACKS
    ]
    assert acts[0].start < acts[0].end <= acts[1].start < acts[1].end


def test_a_tool_that_fails_or_hangs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intruder, "LONGEST_SECONDS", 0.2)
    with places(["guest"]) as made:
        for command, words in ((("sh", "-c", "exit 3"), "sh failed"), (("sleep", "60"), "sleep got nowhere")):
            monkeypatch.setattr(intruder, "ATTACKS", (Attack("scan", "192.0.2.1", 1, command),))
            with pytest.raises(RuntimeError, match=words):
                list(attack("guest", made["guest"], tmp_path, wait))
