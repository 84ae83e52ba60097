"""What exporters number: the records they send, or the datagrams that hold them."""

from __future__ import annotations

BY_DATAGRAM = ("netflow9", "sflow5")
"""Protocol versions whose ``lost_sequence`` counts datagrams, each with an unknown number of records."""

IS_BY_DATAGRAM = f"protocol_version IN {BY_DATAGRAM}"
"""SQL that is true of their rows."""

MISSING = "greatest(sum(lost_sequence) - sum(coalesce(found_sequence, 0)), 0)"
"""SQL for what rows of one exporter say is missing: what came late after it was counted is not."""
