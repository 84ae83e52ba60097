"""What a detector is, and which are installed.

A detector is a class found under the entry point group ``tidegauge.detectors``; ours are
registered the same way as anybody's.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tidegauge.analysis.finding import Finding
    from tidegauge.store.engines.duckdb import Engine

GROUP = "tidegauge.detectors"


class Detector(Protocol):
    """Looks for one kind of trouble.

    ``name`` is what findings are filed under, ``title`` what people read.
    """

    name: str
    title: str

    def find(self, engine: Engine, since: int, until: int) -> list[Finding]:
        """Findings among the flows that start in ``[since, until)``, nanoseconds since 1970.

        ``engine.rows(sql, values)`` asks the relation ``flows``, every stored field a column, and knows
        the macro ``is_home(address)``. Flows outside the range may be among its rows.
        """
        ...


def installed_detectors() -> list[Detector]:
    """One of each installed detector, by name."""
    detectors: list[Detector] = [point.load()() for point in entry_points(group=GROUP)]
    return sorted(detectors, key=lambda detector: detector.name)
