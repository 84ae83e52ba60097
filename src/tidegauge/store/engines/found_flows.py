"""Found flows: those of files that meet demands, searched for in Rust as a database takes them.

DuckDB makes an address of each row to compare it. A search compares the numbers that addresses have in the
files, and reads of other columns what is needed of the rows it found (``rust/core/src/segment/search``).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.store.engines.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from typing_extensions import CapsuleType

Demand = tuple["Sequence[str]", "Sequence[tuple[int, int]]"]
"""Columns of which one has a value in one of the ranges, both ends included; an address is a number."""

_THREADS = 2
"""Threads for each processor: half of them wait for the disk."""


@dataclass(frozen=True)
class FoundFlows:
    """Of the flows of ``paths`` at least those that meet all ``demands``, with some ``columns``.

    Searched for anew each time that they are read.
    """

    paths: Sequence[str]
    demands: Sequence[Demand]
    columns: Collection[str]

    def __arrow_c_stream__(self, requested_schema: CapsuleType | None = None) -> CapsuleType:
        """As Arrow's protocol has it; a schema to cast to is not heeded, as it allows."""
        # Questions without such a filter start without it.
        from tidegauge._core import search  # noqa: PLC0415

        threads = _THREADS * len(os.sched_getaffinity(0))
        return search(self.paths, self.demands, self._told, threads=threads)

    @property
    def _told(self) -> list[str]:
        return [name for name in TABLES["flows"] if name in self.columns]

    def sql(self, relation: str) -> str:
        """A SELECT of all columns of flows from where these stand; those that are not read are null."""
        told = self._told
        columns = (
            f'"{name}"' if name in told else f'CAST(NULL AS {sql_type}) AS "{name}"'
            for name, sql_type in TABLES["flows"].items()
        )
        return f"SELECT {', '.join(columns)} FROM {relation}"  # noqa: S608 -- names of ours
