"""A generation: one frozen view of the lake, in which every row is seen exactly once."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, Self

import msgspec

from tidegauge.store.fault import Fault, fault_at_a_glance
from tidegauge.store.lock import FileLock
from tidegauge.store.manifest import Manifest, generations, read_newest
from tidegauge.store.segment import Segment
from tidegauge.store.tail import Tail, TailSet, tails_in

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping
    from pathlib import Path

_ATTEMPTS = 5


class AbandonedCounters(NamedTuple):
    """The counters map that a killed writer left behind and nobody has settled yet."""

    writer_id: str
    content: bytes


class Generation:
    """What a reader sees: a manifest's segments and the tail sets it had not absorbed.

    Files stay on disk while the object lives, however long a question runs. Let go of it when done
    (``with``, ``close`` or simply dropping it), or replaced files pile up. Damaged files are not among its
    segments but among its ``faults``.
    """

    def __init__(self, root: Path, manifest: Manifest, lease: FileLock) -> None:
        self._manifest = manifest
        self._lease = lease
        tails = tails_in(root / "tail")
        self._segments: defaultdict[str, list[Segment]] = defaultdict(list)
        self._faults = [Fault(_placed(each.segment, root), each.why) for each in manifest.aside]
        self.lost_sums: list[Fault] = []
        """Damaged files of rollups: nothing is missing without them, for the flows are read."""
        self._history: list[Segment] = []
        for segment in manifest.segments:
            self._add(_placed(segment, root))
        for segment in manifest.history:
            self._add_history(_placed(segment, root))
        for tail in tails:
            for segment in _tail_segments(tail, manifest):
                self._segments[segment.table].append(segment)
        self.abandoned = [found for tail in tails if (found := _abandoned_counters(tail)) is not None]

    @classmethod
    def newest(cls, root: Path) -> Self:
        """Freeze the lake as it is now."""
        folder = root / "generations"
        for _ in range(_ATTEMPTS - 1):
            generation = cls(root, *read_newest(folder))
            # A commit in between may have settled a dead writer whose map we then missed: look again.
            if generations(folder)[-1] == generation.number:
                return generation
            generation.close()
        return cls(root, *read_newest(folder))

    @property
    def number(self) -> int:
        """The generation's number; it grows with every commit, but not with every row of a tail."""
        return self._manifest.generation

    @property
    def ledger_state(self) -> Hashable:
        """Equal where the ledger says the same, with what killed writers owe it."""
        return frozenset(segment.path for segment in self.segments("ledger")), tuple(self.abandoned)

    def segments(self, table: str, since: int | None = None, until: int | None = None) -> list[Segment]:
        """Files of one table that may hold rows in ``[since, until)``, with absolute paths.

        Instants are nanoseconds since 1970. Files of a tail are always among them: there are few, and
        nobody has looked inside yet.
        """
        return [each for each in self._segments[table] if each.may_touch(since, until)]

    def all_segments(self) -> Iterator[Segment]:
        """The files of all tables, and the sums of history."""
        sums = filter(None, (each.sums for each in self._history))
        return chain(chain.from_iterable(self._segments.values()), sums)

    def history(self, since: int | None = None, until: int | None = None) -> list[Segment]:
        """Segments of flows that are gone, whose rollups tell what they came to in ``[since, until)``."""
        return [each for each in self._history if each.may_touch(since, until)]

    def faults(self, table: str, since: int | None = None, until: int | None = None) -> list[Fault]:
        """Files of one table that may hold rows in ``[since, until)`` and are left out: they are damaged."""
        return [
            each
            for each in self._faults
            if each.segment.table == table and each.segment.may_touch(since, until)
        ]

    def every_fault(self) -> list[Fault]:
        """All files that are left out because they are damaged."""
        return list(self._faults)

    def leave_out(self, faults: Mapping[str, str]) -> None:
        """Have no more of files, by absolute path, of which is known what is wrong with them."""
        for table, segments in self._segments.items() if faults else ():
            self._faults += [Fault(each, faults[each.path]) for each in segments if each.path in faults]
            kept = [each for each in segments if each.path not in faults]
            self._segments[table] = [self._with_sound_sums(each, faults.get) for each in kept]
        for segment in list(self._history):
            self._check_history(segment, faults.get)

    def removed_before(self, table: str) -> int | None:
        """Before when rows of a table had arrived that retention removed; None where it removed none."""
        removed = self._manifest.removed.get(table)
        return removed.before if removed else None

    def _add(self, segment: Segment) -> None:
        """A file that is not what it was written as is left out: to read it would end every question."""
        if why := fault_at_a_glance(segment):
            self._faults.append(Fault(segment, why))
        else:
            sound = self._with_sound_sums(segment, lambda _: None)
            self._segments[segment.table].append(sound)

    def _add_history(self, segment: Segment) -> None:
        self._history.append(segment)
        self._check_history(segment, lambda _: None)

    def _check_history(self, segment: Segment, known: Callable[[str], str | None]) -> None:
        """Have no more of history whose file is damaged: here it is all that is left of the flows."""
        sums = segment.sums
        if sums is None or (why := known(sums.path) or fault_at_a_glance(sums)):
            self._history.remove(segment)
            if sums:
                self._faults.append(Fault(sums, why))

    def _with_sound_sums(self, segment: Segment, known: Callable[[str], str | None]) -> Segment:
        """The segment without its rollup, where that is damaged."""
        sums = segment.sums
        why = "" if sums is None else known(sums.path) or fault_at_a_glance(sums)
        if sums is None or not why:
            return segment
        self.lost_sums.append(Fault(sums, why))
        return msgspec.structs.replace(segment, rollup=None)

    def lent(self) -> Generation:
        """The same view for somebody who is done before this is closed."""
        return _Lent(self)

    def close(self) -> None:
        """Let replaced files be deleted."""
        self._lease.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Lent(Generation):
    """What somebody else holds."""

    def __init__(self, held: Generation) -> None:
        vars(self).update(vars(held))

    def close(self) -> None:
        pass


def _placed(segment: Segment, root: Path) -> Segment:
    rollup = segment.rollup
    if rollup and rollup.path:
        rollup = msgspec.structs.replace(rollup, path=f"{root}/{rollup.path}")
    return msgspec.structs.replace(segment, path=f"{root}/{segment.path}", rollup=rollup)


def _tail_segments(tail: Tail, manifest: Manifest) -> list[Segment]:
    sets: list[TailSet] = tail.sets_after(manifest.absorbed.get(tail.writer_id, 0))
    return [Segment(table=table, path=str(path)) for found in sets for table, path in found.paths.items()]


def _abandoned_counters(tail: Tail) -> AbandonedCounters | None:
    if not tail.counters_path.exists():
        return None
    lock = FileLock.shared_at_once(tail.lock_path)
    if lock is None:
        return None  # its writer lives and will write its own ledger
    with lock:
        try:
            return AbandonedCounters(tail.writer_id, tail.counters_path.read_bytes())
        except FileNotFoundError:
            return None
