"""Learning names while flows come in: who follows what, how far each file was read, and one who writes.

Nothing here is on the way of a flow: files are looked at once a second, each in a thread of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from tidegauge.app.dnstap_listener import DnstapListener
from tidegauge.app.file_follower import FileFollower
from tidegauge.app.name_writer import NameWriter
from tidegauge.app.neighbour_watch import NeighbourWatch
from tidegauge.app.syslog_listener import SyslogListener
from tidegauge.names.growing_file import Place
from tidegauge.store.durable import write_whole
from tidegauge.store.errors import LakeError
from tidegauge.store.lock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegauge.app.followed_names import FollowedNames
    from tidegauge.store.lake import Lake

Places = dict[str, Place]


class FollowedElsewhereError(LakeError):
    """Another process follows names for the lake."""


class _Teller(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...


class NameFollowing:
    """Follows from ``start`` until ``stop``, and goes on where the process before it left off.

    How far each file was read is kept in ``names/followed.json``, always behind what was stored: after a
    crash some lines are read twice, which changes nothing, and none is left out.
    """

    def __init__(self, lake: Lake, wanted: FollowedNames, clock: Callable[[], int]) -> None:
        self._folder = lake.path / "names"
        self._wanted = wanted
        self._clock = clock
        self._files: list[FileFollower] = []
        self._tellers: list[_Teller] = []
        self._writer = NameWriter(lake, clock, self._places, self._keep)
        self._lock: FileLock | None = None

    @property
    def written(self) -> int:
        """How many names were stored since the start."""
        return self._writer.written

    @property
    def syslog_addresses(self) -> list[str]:
        """Where syslog is really received: port 0 has become the port that the system chose."""
        return [str(teller.address) for teller in self._tellers if isinstance(teller, SyslogListener)]

    def start(self) -> None:
        """Begin; raises OSError where a socket cannot be had, and FollowedElsewhereError."""
        self._folder.mkdir(exist_ok=True)
        (self._folder / "following").touch()
        self._lock = FileLock.exclusive_at_once(self._folder / "following")
        if self._lock is None:
            raise FollowedElsewhereError(
                f"another process follows names for {self._folder.parent}; stop it first, or let it do it all"
            )
        try:
            self._open()
        except OSError:
            self._abandon()
            raise
        self._writer.start()
        for teller in self._tellers:
            teller.start()

    def stop(self) -> None:
        """Read no more, store what was read, and remember how far that was."""
        self._writer.hurry()
        for teller in self._tellers:
            teller.stop()
        self._writer.stop()
        if self._lock:
            self._lock.release()

    def _open(self) -> None:
        wanted, tell = self._wanted, self._writer.add
        for path in wanted.dnstap:
            self._tellers.append(DnstapListener(Path(path), self._clock, tell))
        for address in wanted.syslog_addresses:
            self._tellers.append(SyslogListener(address, wanted.zone, self._clock, tell))
        if wanted.neighbours:
            self._tellers.append(NeighbourWatch(self._clock, tell))
        left = self._left()
        self._files = [
            FileFollower(Path(path), wanted.zone, self._clock, tell, left.get(path))
            for path in dict.fromkeys(wanted.files)
        ]
        self._tellers += self._files

    def _abandon(self) -> None:
        for teller in self._tellers:
            if isinstance(teller, DnstapListener | SyslogListener):
                teller.stop()
        if self._lock:
            self._lock.release()

    def _places(self) -> bytes:
        places = {str(file.path): file.place for file in self._files if file.place}
        return msgspec.json.encode({**self._left(), **places})

    def _keep(self, places: bytes) -> None:
        write_whole(self._folder / "followed.json", places)

    def _left(self) -> Places:
        """Where reading was left; of files that nobody follows now as well, for when somebody does again."""
        try:
            return msgspec.json.decode((self._folder / "followed.json").read_bytes(), type=Places)
        except (OSError, msgspec.DecodeError):
            return {}
