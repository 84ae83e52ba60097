from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.flow_sender import send, wait_until
from tests.numbered_flows import NOON, ledger_sum, numbers_in
from tests.ports import free_port
from tidegauge._core import Decoder
from tidegauge.app.intake import Intake
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.store.knowledge_file import KnowledgeFile
from tidegauge.store.lake import Lake


@pytest.fixture
def intake(lake: Lake, loopback: ListenAddress) -> Iterator[Intake]:
    intake = Intake(lake, loopback, "collect-test", NOON)
    intake.start()
    yield intake
    intake.stop()


def failing_once(act: Callable[..., object], error: Exception) -> Callable[..., object]:
    failures = [error]

    def attempt(*arguments: object) -> object:
        if failures:
            raise failures.pop()
        return act(*arguments)

    return attempt


def test_what_arrives_is_stored_within_a_second(intake: Intake, lake: Lake) -> None:
    send(intake.listener.address, range(90))
    wait_until(lambda: numbers_in(lake) == list(range(90)))
    assert (intake.stored, intake.lost) == (90, 0)


def test_stopping_stores_what_was_received(intake: Intake, lake: Lake) -> None:
    send(intake.listener.address, range(3000))
    intake.stop()
    intake.close(NOON)
    assert numbers_in(lake) == list(range(3000))
    assert not intake.writer.counters_path.exists()


def test_a_failing_store_does_not_end_the_receiving(
    intake: Intake, lake: Lake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    append = failing_once(intake.writer.append, RuntimeError("broken"))
    monkeypatch.setattr(intake.writer, "append", append)
    wait_until(lambda: "a drain could not be stored" in caplog.text)
    send(intake.listener.address, [1, 2])
    wait_until(lambda: numbers_in(lake) == [1, 2])
    assert intake.failure is None


def test_rows_that_could_not_be_stored_are_in_the_ledger_afterwards(
    intake: Intake, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(intake.writer, "append", fail)
    send(intake.listener.address, range(30))
    wait_until(lambda: intake.lost == 30)
    monkeypatch.undo()
    intake.stop()
    intake.close(NOON)
    assert (ledger_sum(lake, "records"), ledger_sum(lake, "lost_write")) == (30, 30)


def test_a_failing_listener_is_kept_for_the_watcher(
    intake: Intake, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = OSError("the socket is gone")
    gather = failing_once(intake.listener.gather, error)
    send(intake.listener.address, [5])
    monkeypatch.setattr(intake.listener, "gather", gather)
    wait_until(lambda: intake.failure is error)
    wait_until(lambda: numbers_in(lake) == [5])


def test_a_taken_port_leaves_no_writer(intake: Intake, lake: Lake) -> None:
    with pytest.raises(OSError, match="cannot listen"):
        Intake(lake, intake.listener.address, "collect-second", NOON)
    assert [path.name for path in (lake.path / "tail").iterdir()] == ["collect-test"]


def test_what_is_no_knowledge_is_told_and_left(lake: Lake, caplog: pytest.LogCaptureFixture) -> None:
    address = ListenAddress("127.0.0.1", free_port())
    kept = KnowledgeFile(lake, str(address))
    kept.write(b"something else")
    intake = Intake(lake, address, "collect-test", NOON)
    intake.start()
    assert "what was known of templates cannot be used" in caplog.text
    intake.stop()
    assert Decoder(knowledge=(kept.path.read_bytes(), NOON)).counters()["resumed_templates"] == 0
