from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest

from tests.app.written_names import files, names
from tests.flow_sender import wait_until
from tests.store.test_bindings import site
from tidegauge.app import name_writer
from tidegauge.app.name_writer import NameWriter
from tidegauge.store.bindings import append
from tidegauge.store.lake import Lake


class Kept:
    """Places that count up, and those that were kept."""

    def __init__(self) -> None:
        self.now = 0
        self.kept: list[bytes] = []

    def places(self) -> bytes:
        return b"%d" % self.now


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    monkeypatch.setattr(name_writer, "REST_SECONDS", 0.01)
    monkeypatch.setattr(name_writer, "GATHER_SECONDS", 0.01)
    return Kept()


def test_what_was_told_together_is_one_file_and_then_the_places_are_kept(lake: Lake, kept: Kept) -> None:
    writer = NameWriter(lake, lambda: 5, kept.places, kept.kept.append)
    writer.start()
    kept.now = 1
    writer.add([site("a", 10), site("a", 11), site("b", 12)])
    wait_until(lambda: writer.written == 2)
    wait_until(lambda: kept.kept == [b"1"])
    writer.add([site("c", 13)])
    writer.stop()
    assert names(lake) == ["a", "b", "c"], "an answer that was repeated at once is there once"
    assert len(files(lake)) in (2, 3)


def test_a_disk_that_refuses_is_tried_again_and_no_place_is_kept_until_then(
    lake: Lake, kept: Kept, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    is_full = iter([True, True])

    def refusing(*arguments: object) -> int:
        if next(is_full, False):
            assert kept.kept == []
            raise OSError("no space left")
        return append(*arguments)  # type: ignore[arg-type] # passed on as they came

    monkeypatch.setattr(name_writer, "append", refusing)
    writer = NameWriter(lake, lambda: 5, kept.places, kept.kept.append)
    writer.start()
    kept.now = 1
    writer.add([site("a")])
    wait_until(lambda: kept.kept == [b"1"])
    writer.stop()
    assert names(lake) == ["a"]
    assert len(caplog.records) == 2


def test_who_tells_too_much_waits_until_it_is_hurried(
    lake: Lake, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name_writer, "MOST_WAITING", 2)
    writer = NameWriter(lake, lambda: 5, kept.places, kept.kept.append)
    told: list[str] = []

    def telling() -> Iterator[object]:
        for name in ("a", "b", "c", "d"):
            yield site(name)
            told.append(name)

    teller = Thread(target=lambda: writer.add(telling()))  # type: ignore[arg-type] # bindings as they come
    teller.start()
    wait_until(lambda: told == ["a", "b"])
    teller.join(timeout=0.05)
    assert told == ["a", "b"], "nobody writes yet"
    writer.hurry()
    teller.join()
    assert told == ["a", "b", "c", "d"]
    writer.start()
    writer.stop()
