"""Told counts: how many flows exporters say they exported, and what they say they missed.

They tell running totals in options records (RFC 7011, section 4). What counts is by how much one grew between
two of them; one that fell began anew. What was counted before the first of them nobody knows.
"""

from __future__ import annotations

TOLD = {
    "exported_flows": "exportedFlowRecordTotalCount",
    "unsent_flows": "notSentFlowTotalCount",
    "ignored_packets": "ignoredPacketTotalCount",
}
"""What an increase is called here, and in options records."""

_NAMES = ", ".join(f"'{element}'" for element in TOLD.values())

INCREASES = f"""
    WITH told AS (
        SELECT exporter, observation_domain, protocol_version, scope, epoch_ns(received) AS told_at,
            unnest([element FOR element IN other IF element.element IN ({_NAMES})]) AS element
        FROM options WHERE list_has_any([element.element FOR element IN other], [{_NAMES}])
    ), counted AS (
        SELECT * EXCLUDE (element), element.element AS name, TRY_CAST(element.value AS UBIGINT) AS total
        FROM told
    ), followed AS (
        SELECT *, lag(total) OVER following AS former, lag(told_at) OVER following AS since
        FROM counted WHERE total IS NOT NULL
        WINDOW following AS (
            PARTITION BY exporter, observation_domain, protocol_version, scope, name ORDER BY told_at, total)
    )
    SELECT exporter, observation_domain, protocol_version, name, since, told_at,
        CASE WHEN total < former THEN total ELSE total - former END AS increase
    FROM followed WHERE former IS NOT NULL"""
"""Each increase, which happened after ``since`` and was told at ``told_at``."""

IN_RANGE = "($since IS NULL OR told_at >= $since) AND ($until IS NULL OR since < $until)"
"""Whether an increase may have happened in a range."""


def sums() -> str:
    """What is selected of increases to have the sum of each of ``TOLD``; null where nothing was told."""
    return ", ".join(
        f"CAST(sum(increase) FILTER (WHERE name = '{element}') AS UBIGINT) AS {name}"
        for name, element in TOLD.items()
    )
