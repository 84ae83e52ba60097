"""Applications: the names an exporter gives its ids, and IANA's for those that stand for a protocol or port.

Where a record carries an id alone (RFC 6759), ``application`` holds it as ``engine:selector``. What an
exporter calls its ids it tells in options records; ``tidegauge.analysis.applications`` lays them out in time.
"""

from __future__ import annotations

RELATION, REGISTERED = "applications", "registered_applications"
COLUMNS = "kind VARCHAR, told_by UUID, id VARCHAR, since BIGINT, until BIGINT, name VARCHAR, source VARCHAR"
REGISTERED_COLUMNS = "id VARCHAR, transport UTINYINT, name VARCHAR"
NAME, CATEGORY = "name", "category"

IS_REGISTERED = (
    "registered_application.id = flows.application AND registered_application.transport = flows.protocol"
)


def is_told(lookup: str, kind: str) -> str:
    """The condition that a row of the exporter's table is about the flow's application, at any time."""
    return (
        f"{lookup}.kind = '{kind}' AND {lookup}.told_by = flows.exporter AND {lookup}.id = flows.application"
    )
