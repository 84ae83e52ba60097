"""Captures: files that hold flow exports, read slice by slice through the same decoder as a socket's."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from tidegauge._core import Batch, Decoder, ExporterSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tidegauge.exporters.element_file import ToldElement

__all__ = ["Batch", "CaptureReader"]

# Datagrams decoded before their rows are handed on: up to a few hundred thousand flows.
SLICE_DATAGRAMS = 8192


class Selection(NamedTuple):
    """Which datagrams of pcap and pcapng are taken: those that arrived in [``since``, ``until``).

    None is open. ``takes_unknown`` takes those too that do not look like exports, as a listener does.
    """

    since: int | None = None
    until: int | None = None
    takes_unknown: bool = False


EVERYTHING = Selection()


class CaptureReader:
    """Reads capture files in the order given.

    Each file is a session of its own, because a template in one says nothing about the other; with
    ``one_session`` they continue one another, as the parts of a rotated capture do.
    ``elements`` are named as somebody told, ``settings`` are those of the decoder. After reading,
    ``datagrams`` holds how many were recognised in each file, and ``counters`` the totals.
    """

    def __init__(  # noqa: PLR0913 -- keywords
        self,
        paths: Sequence[Path],
        *,
        exporter: str = "::",
        one_session: bool = False,
        writer_id: str = "",
        verbatim: bool = False,
        dissects: bool = False,
        elements: Sequence[ToldElement] = (),
        slice_datagrams: int = SLICE_DATAGRAMS,
        selection: Selection = EVERYTHING,
        settings: Mapping[str, int] | None = None,
    ) -> None:
        self._paths = paths
        self._exporter = exporter
        self._one_session = one_session
        self._writer_id = writer_id
        self._verbatim = verbatim
        self._elements = elements
        self._dissects = dissects
        self._slice_datagrams = slice_datagrams
        self._selection = selection
        self._settings = settings
        self.datagrams: dict[Path, int] = {}
        self.counters: Counter[str] = Counter()
        self.exporters: list[ExporterSnapshot] = []

    def batches(self, *, shift: int = 0) -> Iterator[list[Batch]]:
        """Yield the rows of each slice, all arrivals moved by ``shift`` nanoseconds.

        Raises OSError for a file that cannot be read.
        """
        self.datagrams, self.counters, self.exporters = {}, Counter(), []
        for session in [self._paths] if self._one_session else [[path] for path in self._paths]:
            decoder = self._decoder = Decoder(
                writer=self._writer_id,
                verbatim=self._verbatim,
                dissects=self._dissects,
                settings=self._settings,
            )
            decoder.name_elements(self._elements)
            for path in session:
                yield from self._file(decoder, path, shift)
            yield decoder.close()
            self.counters.update(decoder.counters())
            self.exporters += decoder.exporters()

    def dissections(self) -> Iterator[bytes]:
        """Yield the messages of each slice, taken apart: a line of JSON for each. Needs ``dissects``."""
        for _ in self.batches():
            yield self._decoder.dissected()

    def last_arrival(self) -> int | None:
        """When the newest datagram of all files arrived, in nanoseconds; reads every file to its end."""
        for _ in self.batches():
            pass
        return max((snapshot.last_received for snapshot in self.exporters), default=None)

    def _file(self, decoder: Decoder, path: Path, shift: int) -> Iterator[list[Batch]]:
        recognised = 0
        while count := self._read(decoder, path, shift):
            recognised += count
            yield decoder.drain()
        self.datagrams[path] = recognised

    def _read(self, decoder: Decoder, path: Path, shift: int) -> int:
        try:
            return decoder.read(
                str(path),
                self._exporter,
                shift=shift,
                maximum_datagrams=self._slice_datagrams,
                **self._selection._asdict(),
            )
        except OSError as error:
            raise OSError(f"{path} cannot be read: {error}") from error
