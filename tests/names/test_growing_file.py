from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tidegauge.names.growing_file import OVERLAP_BYTES, GrowingFile, Place

Step = Callable[[], object]


def read(
    path: Path, *steps: Step, place: Place | None = None, **how: bool
) -> tuple[list[bytes], GrowingFile]:
    """All lines of a stream; each time it would wait, the next step happens, and at last it stops."""
    coming: Iterator[Step] = iter(steps)

    def wait() -> bool:
        step = next(coming, None)
        if step:
            step()
        return step is not None

    growing = GrowingFile(path, wait, place, **how)
    with growing:
        return list(iter(lambda: growing.readline(1000), b"")), growing


def append(path: Path, content: bytes) -> Step:
    def step() -> None:
        with path.open("ab") as file:
            file.write(content)

    return step


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "dns.log"
    path.write_bytes(b"one\ntwo\n")
    return path


def test_lines_come_as_they_are_written_and_only_when_whole(log: Path) -> None:
    lines, growing = read(log, append(log, b"thr"), append(log, b"ee\nfo"))
    assert lines == [b"one\n", b"two\n", b"three\n"]
    assert growing.place == Place(14, b"one\ntwo\nthree\n")


def test_a_renamed_log_is_read_to_its_end_and_then_its_successor(log: Path) -> None:
    moved = log.with_name("dns.log.1")
    steps = (
        lambda: log.rename(moved),
        append(moved, b"late\n"),
        log.touch,  # created before the writer was told
        append(moved, b"later\n"),
        append(log, b"new\n"),
    )
    assert read(log, *steps)[0] == [b"one\n", b"two\n", b"late\n", b"later\n", b"new\n"]
    assert read(log, lambda: moved.replace(log), append(log, b"x\n"), goes_on=False)[0] == [b"new\n"]


def test_a_log_that_was_copied_and_cut_is_read_from_its_new_beginning(log: Path) -> None:
    lines, _ = read(log, lambda: os.truncate(log, 0), append(log, b"three\n"))
    assert lines == [b"one\n", b"two\n", b"three\n"]
    anew = b"a longer line than before\n"
    assert read(log, lambda: log.write_bytes(anew))[0] == [b"three\n", anew], (
        "it may outgrow its place meanwhile"
    )


def test_reading_goes_on_where_it_was_left_a_little_before(log: Path) -> None:
    _, growing = read(log)
    append(log, b"three\n")()
    assert read(log, place=growing.place)[0] == [b"one\n", b"two\n", b"three\n"]
    log.write_bytes(b"head\n" + b"%0999d\n" % 7 * 200)
    _, growing = read(log)
    append(log, b"last\n")()
    lines, later = read(log, place=growing.place, needs_head=True)
    assert (lines[0], lines[-1]) == (b"head\n", b"last\n")
    assert OVERLAP_BYTES - 1000 <= sum(map(len, lines)) <= OVERLAP_BYTES + 1000
    assert later.place.offset == log.stat().st_size


@pytest.mark.parametrize("how", [os.rename, lambda old, new: new.write_bytes(old.read_bytes())])
def test_what_was_rotated_while_nobody_read_is_found_by_its_content(
    log: Path, how: Callable[[Path, Path], object]
) -> None:
    _, growing = read(log)
    append(log, b"three\n")()
    how(log, log.with_name("dns.log.1"))
    log.write_bytes(b"four\nfive\n")
    lines, later = read(log, append(log, b"six\n"), place=growing.place)
    assert lines == [b"one\n", b"two\n", b"three\n", b"four\n", b"five\n", b"six\n"]
    assert later.is_found_again


def test_a_place_that_is_nowhere_any_more_is_told(log: Path) -> None:
    _, growing = read(log)
    log.write_bytes(b"four\nfive\n")
    lines, later = read(log, place=growing.place)
    assert (lines, later.is_found_again) == ([b"four\n", b"five\n"], False)


def test_a_line_without_an_end_fills_no_memory(log: Path) -> None:
    log.write_bytes(b"x" * 5000)
    assert list(map(len, read(log)[0])) == [1000] * 5


def test_bytes_come_in_the_number_asked_for(log: Path) -> None:
    steps = iter([append(log, b"abc"), append(log, b"de")])
    growing = GrowingFile(log, lambda: next(steps, lambda: False)() is None)
    assert (growing.read(8), growing.read(4), growing.read(4)) == (b"one\ntwo\n", b"abcd", b"")
    growing.close()
