"""Names for the lake: what the office's machines write down, read as it comes."""

from __future__ import annotations

from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING

from tidegauge.lab.activity import SECOND
from tidegauge.lab.logs import WRITTEN_AFTER
from tidegauge.names.source import Provenance
from tidegauge.names.sources.dnsmasq_log import DnsmasqLog
from tidegauge.names.sources.neighbours import Neighbours
from tidegauge.store import bindings
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tidegauge.flow.binding import Binding
    from tidegauge.lab.lan import Lan
    from tidegauge.lab.logs import Logs
    from tidegauge.store.lake import Lake

READ_INTERVAL = 3 * SECOND

_log = Log(__name__)


class NameFeed:
    """Takes into ``lake`` what ``logs`` say, each line and each table once.

    It is read between two rounds of writing, so a question is never cut off from its answer.
    """

    def __init__(self, lake: Lake, logs: Logs) -> None:
        self._lake = lake
        self._logs = logs
        self._read_at = 0
        self._read_until = 0
        self._tables_read: set[Path] = set()

    def take(self, lan: Lan, now: int) -> None:
        """Have the machines write down what they did, and every few seconds read it."""
        self._logs.write(lan.journal.entries_until(now - WRITTEN_AFTER))
        if now - self._read_at >= READ_INTERVAL:
            self._logs.keep_leases(lan.dhcp.lease_file(now))
            try:
                self.read(now)
            except OSError as error:
                _log.warning("names were not stored", reason=error)

    def read(self, now: int) -> int:
        """Take in what is new, and return how many bindings that was."""
        self._read_at = now
        return bindings.append(self._lake, chain(self._lines(now), self._tables()), now)

    def _lines(self, now: int) -> Iterator[Binding]:
        with self._logs.syslog_path.open("rb") as file:
            file.seek(self._read_until)
            fresh = file.read()
        self._read_until += len(fresh)
        return DnsmasqLog().bindings(BytesIO(fresh), Provenance(now))

    def _tables(self) -> Iterator[Binding]:
        for path in sorted(set(self._logs.tables_path.iterdir()) - self._tables_read):
            self._tables_read.add(path)
            with path.open("rb") as file:
                yield from Neighbours().bindings(file, Provenance(path.stat().st_mtime_ns))
