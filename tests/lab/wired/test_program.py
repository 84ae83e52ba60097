from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tidegauge.lab.wired.namespaces import Place, places
from tidegauge.lab.wired.program import own, running, tidegauge

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("office_turn")]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with places(["somewhere"]) as made:
        yield made["somewhere"]


def shell(words: str) -> list[str]:
    return ["sh", "-c", words]


def test_what_it_says_is_kept_and_it_is_over_at_the_end(place: Place, tmp_path: Path) -> None:
    with running("talker", place, shell("echo one; echo two >&2; exec sleep 60"), tmp_path) as program:
        program.await_words("two")
        assert (program.output, program.talk) == ("one\n", "two\n")
        assert not program.is_over()
    assert program.process.returncode != 0


def test_it_can_be_told_to_end_and_ends_by_itself(place: Place, tmp_path: Path) -> None:
    patient = "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done"
    with running("patient", place, shell(patient), tmp_path) as program:
        program.await_words("ready")
        program.end()
        assert program.output == "ready\nbye\n"
    with running("short", place, ["true"], tmp_path) as program:
        program.await_end()
        assert program.is_over()


def test_one_feeds_another(place: Place, tmp_path: Path) -> None:
    with (
        running("source", place, ["echo", "water"], tmp_path, is_piped=True) as source,
        running("sink", place, ["cat"], tmp_path, feed=source.process.stdout) as sink,
    ):
        sink.await_end()
    assert sink.output == "water\n"


def test_failing_tells_who_and_why(place: Place, tmp_path: Path) -> None:
    with running("clumsy", place, shell("echo I fell >&2; exit 3"), tmp_path) as program:
        with pytest.raises(RuntimeError, match="clumsy did not start: I fell"):
            program.await_words("ready")
        with pytest.raises(RuntimeError, match="clumsy failed: I fell"):
            program.is_over()


def test_commands_run_with_this_python() -> None:
    assert own("path", "x")[1:] == ["-m", "tidegauge.lab.wired.path", "x"]
    assert tidegauge("probe")[1:] == ["-m", "tidegauge", "probe"]
