from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import NOON, make_lake
from tidegauge.store.bindings import told_of
from tidegauge.store.lake import Lake
from tidegauge.store.moment import Moment


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return make_lake(tmp_path / "lake", [{"start": NOON, "end": NOON, "bytes": 1}])


def rows(moment: Moment) -> int:
    with moment.generation() as generation:
        return sum(segment.rows for segment in generation.segments("flows"))


def commit(lake: Lake) -> int:
    """Make a new generation, and return its number."""
    manifest = lake.commit(lambda manifest: manifest, NOON)
    assert manifest is not None
    return manifest.generation


def test_who_asks_together_sees_one_generation(lake: Lake) -> None:
    moment = Moment(lake.path, NOON)
    first, second = moment.join(), moment.join()
    number = moment.generation().number
    assert commit(lake) > number
    assert first.take()
    with moment.generation() as generation:
        assert generation.number == number
    first.done()
    assert second.take()
    assert rows(moment) == 1  # the first let go of nothing
    second.done()
    assert moment.is_over


def test_with_the_last_the_generation_is_let_go_of(lake: Lake) -> None:
    moment = Moment(lake.path, NOON)
    place = moment.join()
    assert place.take()
    number = moment.generation().number
    place.done()
    commit(lake)
    assert moment.join().take()
    assert moment.generation().number > number


def test_a_place_that_was_given_up_is_not_taken(lake: Lake) -> None:
    moment = Moment(lake.path, NOON)
    place = moment.join()
    place.give_up()
    assert not place.take()
    assert moment.is_over


def test_who_has_begun_goes_on_when_nobody_waits_any_more(lake: Lake) -> None:
    moment = Moment(lake.path, NOON)
    place = moment.join()
    assert place.take()
    place.give_up()
    assert not moment.is_over
    assert rows(moment) == 1
    place.done()
    assert moment.is_over


def test_who_asks_together_knows_the_same_names(lake: Lake) -> None:
    moment = Moment(lake.path, NOON)
    lake.moment = moment
    first = told_of(lake)
    (lake.path / "names").mkdir()
    (lake.path / "names" / "inventory.toml").write_text("[people]\n")
    assert told_of(lake) == first
    lake.moment = Moment(lake.path, NOON)
    assert told_of(lake) != first


def test_what_ripens_stays_for_a_moment_as_it_was_first_taken(lake: Lake) -> None:
    moment, better = Moment(lake.path, NOON), iter(range(9))
    assert [moment.estimate(of, lambda: next(better)) for of in ("a", "a", "b", "a")] == [0, 0, 1, 0]
