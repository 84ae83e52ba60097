"""A lake's life in which the power may fail after each call to the file system, and what that may leave.

The life is lived once, under strace. A model of a disk that forgets follows it, and tells after each call
what a power cut may leave (``VolatileDisk``); each of these states is a lake that has to open, whole.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from random import Random
from typing import NamedTuple

import duckdb

from tests.chaos.aftermath import look, strays
from tests.chaos.crash_points import HOUR, Life
from tests.chaos.file_calls import Call, recorded
from tests.chaos.volatile_disk import LEFT, Change, VolatileDisk, prefixes, write_tree
from tests.numbered_flows import NOON
from tidegauge.store import absorption, rollup, row_set
from tidegauge.store.damage import FOLDER as DAMAGED
from tidegauge.store.fault import fault_at_a_glance, fault_in_bytes
from tidegauge.store.knowledge_file import KnowledgeFile
from tidegauge.store.lake import Lake
from tidegauge.store.manifest import Retention
from tidegauge.store.recovery import remove_orphans
from tidegauge.store.row_set import RowSet
from tidegauge.store.writer import LakeWriter

DAY = 24 * HOUR
FORCING = frozenset({"fsync", "fdatasync"})
AFTERWARDS = NOON + 10 * DAY
LISTENER = "udp://127.0.0.1:1"
SAMPLES = RowSet("counters", "samples", {"number": "BIGINT"}, "number")
EVERY_SUBSET = 6
"""Of so many changes of names each subset makes a state; of more those in which mistakes show most likely."""


@dataclass
class LongLife(Life):
    """One in which each kind of change to a lake happens."""

    def begin(self) -> None:
        absorption.ADOPTED_ROWS = rollup.LEAST_ROWS = row_set.SMALL_FILES = 2
        super().begin()
        lake = Lake.open(self.lake)
        self.tell("known", range(1))
        for number in range(3):
            SAMPLES.append(lake, [{"number": number}], NOON + number)
            self.tell("sampled", range(number, number + 1))
        killed, self.collected = LakeWriter(lake, "collect-1-cc"), 0
        self.receive(killed, range(20, 23), NOON + 5 * HOUR)
        killed._lock.release()
        successor, self.collected = LakeWriter(lake, "collect-1-dd"), 0
        successor.compact(NOON + 6 * HOUR)
        self.receive(successor, range(30, 32), NOON + 6 * HOUR)
        successor.compact(NOON + 2 * DAY)
        successor.compact(NOON + 3 * DAY)
        lake.retention = Retention(flows=DAY)
        self.tell("removed", range(1 << 11))
        successor.compact(NOON + 4 * DAY)
        successor.compact(NOON + 5 * DAY)
        self.receive(successor, range(40, 42), NOON + 5 * DAY)
        successor.close(NOON + 5 * DAY)


class Cut(NamedTuple):
    """A moment at which the power may fail: what the disk holds and what was promised by then."""

    disk: VolatileDisk
    how: str
    is_forced: bool
    """Whether something was forced to the disk just now, so that more may be relied on than before."""

    def states(self, choice: Choice) -> Iterator[State]:
        """What may be left."""
        changes = self.disk.changes()
        # What was promised was promised before, whatever is left of the notes about it.
        promised = {path: content for path, content in self.disk.now().items() if not _is_of_lake(path)}
        for happened, left in choice(changes):
            tree = {path: each for path, each in self.disk.after(happened, left).items() if _is_of_lake(path)}
            yield State(tree | promised, self.how, _told(changes, happened), left)


class State(NamedTuple):
    """What a power cut may leave: everything below the folder of a life, and how it came about."""

    tree: dict[str, bytes | None]
    cut: str
    names: str
    left: str

    def __str__(self) -> str:
        return (
            f"the power failed {self.cut}; {self.names}; of files not forced to the disk, {self.left} is left"
        )


Choice = Callable[[list[Change]], Iterable[tuple[Sequence[Change], str]]]
"""Which of the changes of names that are pending may have happened, and what is left of files."""


def lived(folder: Path) -> list[Call]:
    """Live in an empty folder; what that asked of the file system."""
    program = [sys.executable, "-m", "tests.chaos.power_cut", str(folder)]
    return recorded(program, folder.with_name("trace"))


def cuts(calls: Iterable[Call], folder: Path) -> Iterator[Cut]:
    """Each moment of what was lived in a folder. Raises AssertionError where the model has lost track of it.

    The disk goes on after each moment, so each has to be done with before the next.
    """
    disk = VolatileDisk(folder)
    for number, call in enumerate(calls):
        if disk.follow(call):
            yield Cut(disk, f"after call {number}, {call.name}", call.name in FORCING)
    there = {str(path.relative_to(folder)): path for path in folder.rglob("*")}
    assert disk.now() == {name: path.read_bytes() if path.is_file() else None for name, path in there.items()}


def in_order(changes: list[Change]) -> Iterator[tuple[Sequence[Change], str]]:
    """Each subset of names where they are few, else all up to each in order, as a journal keeps them.

    Where all or none happened with whatever may be left of files, else with one way of it.
    """
    few = (each for count in range(1, len(changes)) for each in combinations(changes, count))
    subsets = few if len(changes) <= EVERY_SUBSET else list(prefixes(changes))[1:-1]
    yield from product(([], changes), LEFT)
    yield from ((happened, LEFT[len(happened) % len(LEFT)]) for happened in subsets)


def in_any_order(changes: list[Change]) -> Iterator[tuple[Sequence[Change], str]]:
    """And all but each."""
    yield from in_order(changes)
    for lost in changes[:-1] if len(changes) > EVERY_SUBSET else ():
        yield [each for each in changes if each is not lost], LEFT[len(changes) % len(LEFT)]


def any_of(random: Random, changes: list[Change]) -> Iterator[tuple[Sequence[Change], str]]:
    """One state: of the names none happened, all but one, or any."""
    lost = random.choice(changes) if changes else None
    subsets: tuple[list[Change], ...] = (
        [],
        [each for each in changes if each is not lost],
        [each for each in changes if random.random() < 0.5],
    )
    yield random.choice(subsets), random.choice(LEFT)


def distinct(cuts: Iterable[Cut]) -> Iterator[State]:
    """Every state of every moment, each once; names in any order where something was just forced."""
    seen = set()
    for cut in cuts:
        for state in cut.states(in_any_order if cut.is_forced else in_order):
            if (key := hash(frozenset(state.tree.items()))) not in seen:
                seen.add(key)
                yield state


def _is_of_lake(path: str) -> bool:
    return path == "lake" or path.startswith("lake/")


def _told(changes: Sequence[Change], happened: Sequence[Change]) -> str:
    kept = {id(change) for change in happened}
    lost = ["/".join(change.names) for change in changes if id(change) not in kept]
    return (
        f"{len(changes)} changes of names were not forced to the disk, and lost {', '.join(lost) or 'none'}"
    )


class Examiner:
    """Opens what a power cut left, and lets a successor take it over."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(config={"threads": 1})

    def examine(self, state: State, folder: Path) -> None:
        """Raises AssertionError where a promise was broken."""
        folder.mkdir()
        write_tree(state.tree, folder)
        life, moment = LongLife(folder), str(state)
        lake = Lake.create(life.lake)
        assert self._faults(lake) == [], moment
        numbers = look(self._connection, lake, life, moment)
        self._look_beside(lake, life, moment)
        successor = LakeWriter(lake, "collect-1-zz")
        successor.compact(AFTERWARDS)
        successor.close(AFTERWARDS)
        remove_orphans(lake)
        after = look(self._connection, lake, life, f"{moment}, taken over")
        assert not set(numbers) - set(after) - set(life.removed), moment
        assert not (lake.path / DAMAGED).exists(), moment
        assert self._faults(lake) == [], moment
        assert strays(lake) == [], f"{moment}: {strays(lake)}"

    def _faults(self, lake: Lake) -> list[str]:
        with lake.generation() as generation:
            known = [fault.why for fault in (*generation.every_fault(), *generation.lost_sums)]
            files = [file for each in generation.all_segments() for file in (each, each.sums) if file]
        return known + [why for file in files if (why := fault_at_a_glance(file) or fault_in_bytes(file))]

    def _look_beside(self, lake: Lake, life: Life, moment: str) -> None:
        paths = [str(path) for path in (lake.path / SAMPLES.name).glob("*.parquet")]
        sampled = set(life.told("sampled"))
        assert sampled <= set(_numbers(self._connection, paths)), f"{moment}: samples are missing"
        if life.told("known"):
            assert KnowledgeFile(lake, LISTENER).read() == b"known", moment


def _numbers(connection: duckdb.DuckDBPyConnection, paths: list[str]) -> list[int]:
    return [number for (number,) in connection.read_parquet(paths).fetchall()] if paths else []


if __name__ == "__main__":
    LongLife(Path(sys.argv[1])).begin()
