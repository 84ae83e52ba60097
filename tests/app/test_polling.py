from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.flow_sender import wait_until
from tests.names.told import packed
from tests.snmp_agent import COMMUNITY, agent, answers
from tidegauge.app import polling as polling_module
from tidegauge.app.polling import Polling, poll_all
from tidegauge.exporters.agent import SECOND, Agent, Community
from tidegauge.store.engines.duckdb import Engine
from tidegauge.store.errors import NoSpaceError
from tidegauge.store.interface_samples import samples_seen
from tidegauge.store.lake import Lake


def described(port: int, **changed: Any) -> Agent:
    told: dict[str, Any] = {
        "name": "edge", "address": "127.0.0.1", "port": port, "exporter": packed("192.0.2.1"),
        "access": Community(COMMUNITY), "every": 2 * SECOND, "timeout": SECOND,
    }  # fmt: skip
    return Agent(**(told | changed))


@contextmanager
def running(lake: Lake, *agents: Agent) -> Iterator[Polling]:
    polling = Polling(lake, agents, time.time_ns)
    polling.start()
    try:
        yield polling
    finally:
        polling.stop()


def stored(lake: Lake) -> list[tuple[int, int]]:
    """How many readings there are, and of how many interfaces."""
    with lake.generation() as generation, Engine(generation) as engine, samples_seen(engine, lake):
        return engine.rows("SELECT count(*), count(DISTINCT interface) FROM counters")


def test_agents_are_asked_again_and_again_and_what_they_said_is_stored(lake: Lake) -> None:
    with agent() as port, running(lake, described(port)) as polling:
        wait_until(lambda: polling.statistics()[0]["polls"].get("answered", 0) >= 2)
    [told] = polling.statistics()
    assert (told["agent"], told["state"], told["sentence"], told["interfaces"]) == (
        "edge", "answered", "", 2,
    )  # fmt: skip
    assert stored(lake) == [(2 * told["polls"]["answered"], 2)]


def test_what_was_said_is_stored_while_it_runs(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling_module, "STORE_SECONDS", 0.05)
    with agent() as port, running(lake, described(port)):
        wait_until(lambda: stored(lake)[0][0] > 0)


def test_one_that_is_silent_keeps_no_other_from_being_asked(
    lake: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    with agent() as port, running(lake, described(port), described(1, name="gone")) as polling:
        wait_until(lambda: all(sum(each["polls"].values()) >= 2 for each in polling.statistics()))
        edge, gone = polling.statistics()
    assert (edge["state"], gone["state"], gone["interfaces"]) == ("answered", "silent", 0)
    assert "did not answer" in gone["sentence"]
    assert [record.levelname for record in caplog.records if record.levelname != "INFO"] == ["WARNING"]


def test_a_full_disk_is_waited_for(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [NoSpaceError("full")]

    def require_room() -> None:
        if failures:
            raise failures.pop()

    monkeypatch.setattr(lake.space, "require_room", require_room)
    monkeypatch.setattr(polling_module, "STORE_SECONDS", 0.1)
    with agent() as port, running(lake, described(port)) as polling:
        wait_until(lambda: not failures and stored(lake)[0][0] > 0)
    assert stored(lake) == [(2 * polling.statistics()[0]["polls"]["answered"], 2)]


def test_what_waits_is_bounded(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling_module, "WAITING", 3)
    with agent() as port, running(lake, described(port)) as polling:
        wait_until(lambda: polling.statistics()[0]["polls"].get("answered", 0) >= 3)
    assert stored(lake) == [(3, 2)]


def test_before_the_first_answer_there_is_no_state(lake: Lake) -> None:
    [told] = Polling(lake, [described(1)], time.time_ns).statistics()
    assert (told["state"], told["interfaces"], told["polls"]) == (None, 0, {})


def test_all_are_asked_once() -> None:
    with agent() as port:
        agents = [described(port, timeout=SECOND), described(1, name="gone")]
        found = asyncio.run(poll_all(agents, time.time_ns))
    assert [polled.state for polled in found] == ["answered", "silent"]


def test_few_are_asked_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one turn, no question of an agent comes while another is being answered."""
    monkeypatch.setattr(polling_module, "AT_ONCE", 1)
    sequence: list[str] = []

    def noting(name: str, datagram: bytes) -> list[bytes]:
        sequence.append(name)
        return answers(datagram)

    with (
        agent(lambda datagram: noting("a", datagram)) as one,
        agent(lambda datagram: noting("b", datagram)) as two,
    ):
        agents = [described(one, timeout=SECOND, every=9 * SECOND), described(two, name="b", timeout=SECOND)]
        asyncio.run(poll_all(agents, time.time_ns))
    assert sequence == sorted(sequence)
    assert set(sequence) == {"a", "b"}
