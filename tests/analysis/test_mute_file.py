from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tidegauge.analysis.mute import Mute, MuteError
from tidegauge.analysis.mute_file import FILE_NAME, add_mute, check_mute, read_mutes, remove_mute
from tidegauge.store.lake import Lake

SCANNER = Mute(detector="scan", about="10.0.0.66", reason='the "new" one\n\\', made="2026-01-01T00:00:00Z")
TRADE_FAIR = Mute(detector="policy", about="team sales", until="2026-02-01")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


def test_what_is_written_is_read(lake: Lake) -> None:
    for mute in (SCANNER, TRADE_FAIR):
        add_mute(lake, mute, {})
    assert read_mutes(lake.path, {}) == [SCANNER, TRADE_FAIR]


def test_no_file_is_no_mutes(lake: Lake) -> None:
    assert read_mutes(lake.path, {}) == []


def test_the_same_scope_again_takes_the_place_of_the_first(lake: Lake) -> None:
    add_mute(lake, SCANNER, {})
    longer = Mute(detector="scan", about="10.0.0.66", until="2027-01-01")
    add_mute(lake, longer, {})
    assert read_mutes(lake.path, {}) == [longer]


def test_what_people_wrote_stays(lake: Lake) -> None:
    path = lake.path / FILE_NAME
    path.write_text('# ours\n[[mute]] # by hand\nabout = "@office"\n')
    add_mute(lake, SCANNER, {"office": "net 10.0.0.0/8"})
    assert remove_mute(lake, SCANNER.id)
    assert path.read_text() == '# ours\n[[mute]] # by hand\nabout = "@office"\n\n'


def test_what_is_not_there_cannot_be_struck_out(lake: Lake) -> None:
    add_mute(lake, SCANNER, {})
    assert not remove_mute(lake, TRADE_FAIR.id)
    assert read_mutes(lake.path, {}) == [SCANNER]


def test_many_at_once_lose_none(lake: Lake) -> None:
    mutes = [Mute(about=f"10.0.0.{n}") for n in range(20)]
    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(add_mute, lake, mute, {}) for mute in mutes]:
            each.result()
    assert {mute.about for mute in read_mutes(lake.path, {})} == {mute.about for mute in mutes}


@pytest.mark.parametrize(
    ("mute", "error"),
    [
        (Mute(reason="too loud"), "a mute without a scope would hide everything; say one of"),
        (Mute(about="port 22"), "port = … says nothing about one end"),
        (Mute(about="10.0.0.256"), "10.0.0.256"),
        (Mute(filter="prtocol 6"), "prtocol"),
        (Mute(detector="scan", until="soon"), "soon"),
    ],
)
def test_a_mute_that_cannot_be_is_refused_and_not_written(lake: Lake, mute: Mute, error: str) -> None:
    with pytest.raises(MuteError, match=error):
        check_mute(mute, {})
    with pytest.raises(MuteError):
        add_mute(lake, mute, {})
    assert not (lake.path / FILE_NAME).exists()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[[mute]]\nabout = 5", r"mutes.toml: Expected `str`, got `int` - at `\$.mute\[0\].about`"),
        ("[[mute]\n", "mutes.toml: "),
        ("[[mute]]\nreason = 'x'", "mutes.toml: mute 1: a mute without a scope"),
        ("[[mutes]]\nabout = 'any'", "mutes.toml: Object contains unknown field `mutes`"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(lake: Lake, text: str, error: str) -> None:
    (lake.path / FILE_NAME).write_text(text)
    with pytest.raises(MuteError, match=error):
        read_mutes(lake.path, {})


def test_a_file_with_a_mistake_is_not_written_over(lake: Lake) -> None:
    (lake.path / FILE_NAME).write_text("[[mute]]\nabout = 5")
    with pytest.raises(MuteError):
        add_mute(lake, SCANNER, {})
    assert (lake.path / FILE_NAME).read_text() == "[[mute]]\nabout = 5"


def test_what_stands_there_in_another_form_is_left_to_who_wrote_it(lake: Lake) -> None:
    path = lake.path / FILE_NAME
    path.write_text('mute = [{ about = "10.0.0.9" }]\n')
    with pytest.raises(MuteError, match=r"does not begin with a line \[\[mute\]\]"):
        remove_mute(lake, Mute(about="10.0.0.9").id)
    with pytest.raises(MuteError):
        add_mute(lake, SCANNER, {})
    assert path.read_text() == 'mute = [{ about = "10.0.0.9" }]\n'
