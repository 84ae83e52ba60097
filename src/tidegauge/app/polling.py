"""Polling: a thread that asks agents for their interface counters and puts the answers into the lake."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from tidegauge.exporters.agent import SECOND
from tidegauge.receiving.snmp import poll
from tidegauge.store.interface_samples import append
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tidegauge.exporters.agent import Agent
    from tidegauge.flow.interface_sample import InterfaceSample
    from tidegauge.receiving.snmp import Polled
    from tidegauge.store.lake import Lake

AT_ONCE = 16
"""So many agents are asked at a time: what is received must not have to wait for what is asked."""
STORE_SECONDS = 60.0
WAITING = 100_000
"""Samples kept while they cannot be stored; of more, the oldest go: counters are running totals."""
JITTER = 0.05
"""Part of an interval by which the next poll is early or late, so that agents are not asked in step."""

_log = Log(__name__)


async def poll_all(agents: Sequence[Agent], clock: Callable[[], int]) -> list[Polled]:
    """Ask every agent once."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def ask(agent: Agent) -> Polled:
        async with turn:
            return await poll(agent, clock)

    return list(await asyncio.gather(*(ask(agent) for agent in agents)))


class Polling:
    """Asks each agent at its own interval, from ``start`` to ``stop``.

    What it counts is for ``statistics``. A state that changes is logged, one that lasts is not. What
    cannot be stored is kept for the next attempt.
    """

    def __init__(self, lake: Lake, agents: Sequence[Agent], clock: Callable[[], int]) -> None:
        self._lake = lake
        self._agents = agents
        self._clock = clock
        self._states: dict[str, Polled] = {}
        self._polls: Counter[tuple[str, str]] = Counter()
        self._waiting: list[InterfaceSample] = []
        self._stopping = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._run()), name="snmp")

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more, and store what was answered."""
        self._stopping.set()
        self._thread.join()

    def statistics(self) -> list[dict[str, Any]]:
        """For each agent its latest state and how often it was in which."""
        return [self._of(agent) for agent in self._agents]

    def _of(self, agent: Agent) -> dict[str, Any]:
        last = self._states.get(agent.name)
        return {
            "agent": agent.name,
            "address": agent.address,
            "state": last.state if last else None,
            "sentence": last.sentence if last else "",
            "interfaces": len(last.samples) if last else 0,
            "polls": {state: count for (name, state), count in self._polls.items() if name == agent.name},
        }

    async def _run(self) -> None:
        turn = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._follow(agent, turn)) for agent in self._agents]
            tasks.append(group.create_task(self._store_regularly()))
            await asyncio.to_thread(self._stopping.wait)
            for task in tasks:
                task.cancel()
        self._store(self._take())

    async def _follow(self, agent: Agent, turn: asyncio.Semaphore) -> None:
        interval = agent.every / SECOND
        while True:
            async with turn:
                self._note(await poll(agent, self._clock))
            await asyncio.sleep(interval * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 -- no secret

    def _note(self, polled: Polled) -> None:
        name = polled.agent.name
        before = self._states.get(name)
        if before is None or before.state != polled.state:
            tell = _log.info if polled.state == "answered" else _log.warning
            tell("an SNMP agent changed its state", agent=name, state=polled.state, reason=polled.sentence)
        self._states[name] = polled
        self._polls[name, polled.state] += 1
        self._keep(polled.samples)

    def _keep(self, samples: Iterable[InterfaceSample]) -> None:
        self._waiting = [*self._waiting, *samples][-WAITING:]

    def _take(self) -> list[InterfaceSample]:
        samples, self._waiting = self._waiting, []
        return samples

    async def _store_regularly(self) -> None:
        while True:
            await asyncio.sleep(STORE_SECONDS)
            samples = self._take()
            if not await asyncio.to_thread(self._store, samples):
                self._keep(samples)

    def _store(self, samples: Sequence[InterfaceSample]) -> bool:
        try:
            self._lake.space.require_room()
            append(self._lake, samples, self._clock())
        except Exception as error:  # noqa: BLE001 -- polling must outlive whatever went wrong in storing
            _log.error("interface counters could not be stored", error, samples=len(samples))
            return False
        return True
