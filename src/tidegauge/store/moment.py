"""A moment: one time, one generation of the lake and one state of names, for all questions asked together.

A page asks ten questions at once. While the last of them waits for its turn, a collector goes on writing; and
each would be about a little later a time and a few flows more, so that no two could share what they look up,
and numbers that belong together would not add up.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from tidegauge.store.generation import Generation

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

Result = TypeVar("Result")


class Moment:
    """Whoever asks at ``now``, in nanoseconds, sees the generation that the first of them opened.

    With the last who joined the generation is let go of. Threads may share a moment.
    """

    def __init__(self, root: Path, now: int) -> None:
        self.now = now
        self._root = root
        self._lock = Lock()  # guards what follows
        self._asking = 0
        self._generation: Generation | None = None
        self._told: tuple[tuple[object, ...], ...] | None = None
        self._estimates: dict[Hashable, Any] = {}

    @property
    def is_over(self) -> bool:
        """Whether nobody asks any more."""
        with self._lock:
            return not self._asking

    def join(self) -> Place:
        """Ask with the others, as soon as it is one's turn."""
        with self._lock:
            self._asking += 1
        return Place(self._leave)

    def generation(self) -> Generation:
        """The generation all of them see; to close it lets go of nothing that others need."""
        with self._lock:
            if self._generation is None:
                self._generation = Generation.newest(self._root)
            return self._generation.lent()

    def told(self, look: Callable[[], tuple[tuple[object, ...], ...]]) -> tuple[tuple[object, ...], ...]:
        """What was known of names when the first of them looked; one learnt since is for the next moment."""
        with self._lock:
            if self._told is None:
                self._told = look()
            return self._told

    def estimate(self, of: Hashable, look: Callable[[], Result]) -> Result:
        """What was taken for true of something when the first of them looked, though it ripens meanwhile."""
        if of not in self._estimates:
            found = look()  # may take a while, in which others may join
            with self._lock:
                self._estimates.setdefault(of, found)
        known: Result = self._estimates[of]
        return known

    def _leave(self) -> None:
        with self._lock:
            self._asking -= 1
            if not self._asking and self._generation is not None:
                self._generation.close()
                self._generation = None


class Place:
    """A place in the queue of those who ask. It is left once: given up, or taken and done."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave = leave
        self._lock = Lock()  # guards what follows
        self._is_waiting = True

    def take(self) -> bool:
        """Begin, unless the place was given up; who begins has to say when it is ``done``."""
        return self._stop_waiting()

    def give_up(self) -> None:
        """Wait no more. Whoever has begun goes on."""
        if self._stop_waiting():
            self._leave()

    def done(self) -> None:
        """Leave after having begun."""
        self._leave()

    def _stop_waiting(self) -> bool:
        with self._lock:
            was_waiting, self._is_waiting = self._is_waiting, False
        return was_waiting
