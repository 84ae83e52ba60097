from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.app.agents_file import FILE_NAME, agents_of
from tidegauge.exporters.agent import Community
from tidegauge.store.errors import LakeUnreadableError
from tidegauge.store.lake import Lake


def write(lake: Lake, community: str, mode: int = 0o644) -> Path:
    path = lake.path / FILE_NAME
    path.write_text(f'[edge]\naddress = "192.0.2.1"\ncommunity = {community}\n')
    path.chmod(mode)
    return path


def community(lake: Lake, **environment: str) -> str:
    [agent] = agents_of(lake, environment)
    assert isinstance(agent.access, Community)
    return agent.access.word


def test_without_the_file_nobody_is_asked(lake: Lake) -> None:
    assert agents_of(lake) == []


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_a_secret_may_stand_where_few_can_read_it(lake: Lake, mode: int) -> None:
    write(lake, '"hush"', mode)
    assert community(lake) == "hush"


def test_a_secret_that_everybody_may_read_is_refused(lake: Lake) -> None:
    path = write(lake, '"hush"', 0o644)
    with pytest.raises(LakeUnreadableError, match=f"agent 'edge': .*; run: chmod o= {path}") as caught:
        agents_of(lake)
    assert "hush" not in str(caught.value)


def test_a_secret_in_the_environment(lake: Lake) -> None:
    write(lake, '{ env = "EDGE" }')
    assert community(lake, EDGE="hush") == "hush"
    with pytest.raises(LakeUnreadableError, match="the environment has no EDGE"):
        agents_of(lake, {})


def test_a_secret_in_a_file_beside_or_anywhere(lake: Lake, tmp_path: Path) -> None:
    beside, elsewhere = lake.path / "edge.secret", tmp_path / "edge.secret"
    for file in (beside, elsewhere):
        file.write_text(f"{file.parent.name}\n")
        file.chmod(0o600)
    write(lake, '{ file = "edge.secret" }')
    assert community(lake) == "lake"
    write(lake, f'{{ file = "{elsewhere}" }}')
    assert community(lake) == tmp_path.name
    elsewhere.chmod(0o604)
    with pytest.raises(LakeUnreadableError, match=f"chmod o= {elsewhere}"):
        agents_of(lake)
    elsewhere.unlink()
    with pytest.raises(LakeUnreadableError, match=f"{elsewhere}: No such file"):
        agents_of(lake)


@pytest.mark.parametrize("secret", ["{}", '{ env = "A", file = "b" }'])
def test_a_secret_is_in_one_place(lake: Lake, secret: str) -> None:
    write(lake, secret)
    with pytest.raises(LakeUnreadableError, match="either in an env or in a file"):
        agents_of(lake)


def test_a_mistake_is_told_with_the_file(lake: Lake) -> None:
    write(lake, "")
    with pytest.raises(LakeUnreadableError, match=f"{FILE_NAME}: Invalid value"):
        agents_of(lake)
