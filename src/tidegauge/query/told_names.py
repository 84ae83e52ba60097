"""Told names: what exporters call the interfaces and routing instances (VRF) that flows number.

They tell it in options records; ``tidegauge.analysis.told_names`` lays them out in time.
"""

from __future__ import annotations

RELATION = "told_names"
COLUMNS = "kind VARCHAR, told_by UUID, id VARCHAR, since BIGINT, until BIGINT, name VARCHAR, source VARCHAR"
INTERFACE, VRF = "interface", "vrf"


def is_told(lookup: str, kind: str, number: str) -> str:
    """The condition that a row says what a flow's exporter calls a number, at any time."""
    return (
        f"{lookup}.kind = '{kind}' AND {lookup}.told_by = flows.exporter"
        f" AND {lookup}.id = CAST({number} AS VARCHAR)"
    )


def vrf(element: str) -> str:
    """The number of a routing instance, which flows have among their other elements."""
    return f"[element.value FOR element IN flows.other IF element.element = '{element}'][1]"
