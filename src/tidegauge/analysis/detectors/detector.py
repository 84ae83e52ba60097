"""What a detector is, and which are installed.

A detector is a class found under the entry point group ``tidegauge.detectors``; ours are
registered the same way as anybody's.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegauge.analysis.activity import Activity
    from tidegauge.analysis.finding import Finding

GROUP = "tidegauge.detectors"


class Detector(Protocol):
    """Looks for one kind of trouble.

    ``name`` is what findings are filed under, ``title`` what people read, ``technique`` the MITRE ATT&CK
    identifier a finding has unless it knows a closer one, and ``unseen`` says in a sentence what this
    detector cannot see. Thresholds belong into a frozen dataclass, so that a test or a program can make a
    detector with others. A class may also have ``yields_to``, names of detectors: what one of these tells
    of the same actor at the same time is not told twice.
    """

    name: str
    title: str
    technique: str
    unseen: str

    def find(self, activity: Activity) -> Iterable[Finding]:
        """What is wrong with the flows that begin in the range of ``activity``."""
        ...


def installed_detectors() -> tuple[list[Detector], list[str]]:
    """One of each installed detector, by name, and a sentence for each that cannot be loaded."""
    detectors: list[Detector] = []
    failures: list[str] = []
    for point in entry_points(group=GROUP):
        try:
            detectors.append(point.load()())
        except Exception as error:  # noqa: BLE001 (somebody else's code; ours goes on)
            failures.append(f"the detector {point.name} cannot be loaded: {type(error).__name__}: {error}")
    return sorted(detectors, key=lambda detector: detector.name), failures
