"""What a listener knows of its exporters, kept where the collector after it finds it.

Data comes all the time and templates now and then: a collector that began without them could read nothing
until each exporter repeated them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tidegauge.store.knowledge_file import KnowledgeFile
from tidegauge.telemetry.log import Log

if TYPE_CHECKING:
    from tidegauge.receiving.listen_address import ListenAddress
    from tidegauge.receiving.listener import Listener
    from tidegauge.store.lake import Lake

KEEP_SECONDS = 2.0
"""A killed collector loses what was learnt in so many seconds."""
AGES_SECONDS = 60.0
"""That templates were repeated is worth less: it makes them younger by as much."""
BUSY_PART = 20
"""Keeping takes no more than this part of the time, however much there is to keep."""

_log = Log(__name__)


class KnowledgeKeeping:
    """Keeps what one listener knows; belongs to one thread."""

    def __init__(self, lake: Lake, address: ListenAddress) -> None:
        self._file = KnowledgeFile(lake, str(address))
        self._due = self._ages_due = 0.0
        self._is_failing = False

    def known(self) -> bytes | None:
        """What the listener before knew, as far as it can be read."""
        try:
            return self._file.read()
        except OSError as error:
            self.tell_useless(error)
            return None

    def tell_useless(self, reason: Exception) -> None:
        """Say that what was kept is of no use. Exporters will repeat it."""
        _log.warning(
            "what was known of templates cannot be used; data waits until exporters repeat theirs",
            file=self._file.path,
            reason=reason,
        )

    def keep(self, listener: Listener, *, is_last: bool = False) -> None:
        """Write what the listener knows, where it is time to and there is something new."""
        began = time.monotonic()
        if began < self._due and not is_last:
            return
        ages = is_last or began >= self._ages_due
        content = listener.knowledge(ages=ages)
        if ages:
            self._ages_due = began + AGES_SECONDS
        if content is not None:
            self._write(content)
        took = time.monotonic() - began
        self._due = began + max(KEEP_SECONDS, took * BUSY_PART)

    def _write(self, content: bytes) -> None:
        try:
            self._file.write(content)
        except OSError as error:
            # Receiving goes on; said once, for a full disk tells of itself all the time.
            if not self._is_failing:
                _log.error("what is known of templates cannot be kept", file=self._file.path, reason=error)
            self._is_failing = True
        else:
            self._is_failing = False
