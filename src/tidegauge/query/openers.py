"""Openers: which end began a conversation, found from the flows of both directions together.

A well-known port on one side alone says it of a single flow. Of the other flows each says too little, and
what two directions say must not differ, or one conversation becomes two. So those of the same two ends are
judged as one, by the first of these that decides:

1. what was said outright: a SYN without an ACK, or the forward direction of a record of both, is the
   client's; a SYN or RST with an ACK and nothing more is the server's;
2. who was seen first, where one exporter, by one clock, saw both directions.

Where nothing does, the end at home asks, then the one with the higher port, then who alone spoke, then the
lower address.
"""

from __future__ import annotations

RELATION = "openers"
COLUMNS = "ends UBIGINT, is_first BOOLEAN"
"""Two ends, and whether the first of them, in order of address and port, is the client."""

_WELL_KNOWN = 1024
_PINGS, _PONGS = "(8, 128)", "(0, 129)"
_IS_ICMP = "protocol IN (1, 58) AND dst_port >> 8"
IS_PLAIN = f"""(
    (src_port < {_WELL_KNOWN}) <> (dst_port < {_WELL_KNOWN})
    OR {_IS_ICMP} IN {_PINGS} OR {_IS_ICMP} IN {_PONGS})"""
"""Whether a flow tells by itself which end is the client: by its port, or as a ping does."""

_SRC_PORT, _DST_PORT = "coalesce(src_port, 0)", "coalesce(dst_port, 0)"
_FIRST = f"(src_addr < dst_addr OR src_addr = dst_addr AND {_SRC_PORT} <= {_DST_PORT})"
# The same for both directions.
_HASHES = f"hash(src_addr, {_SRC_PORT}), hash(dst_addr, {_DST_PORT})"
_ENDS = f"hash(least({_HASHES}), greatest({_HASHES}), protocol)"
_IS_EVEN = f"(is_home(src_addr) = is_home(dst_addr) AND {_SRC_PORT} = {_DST_PORT})"
_SAID = """CASE WHEN reverse_bytes IS NOT NULL OR reverse_packets IS NOT NULL THEN 1
    WHEN protocol <> 6 OR tcp_flags IS NULL THEN 0
    WHEN tcp_flags & 22 = 2 THEN 1 WHEN tcp_flags IN (18, 20) THEN -1 ELSE 0 END"""

OPENERS = f"""
WITH told AS (
    SELECT {_ENDS} AS ends, {_FIRST} AS is_forward, {_IS_EVEN} AS is_even, exporter, observation_domain,
        epoch_ns(coalesce(start, "end", received)) AS moment, {_SAID} AS said
    FROM flows WHERE NOT coalesce({IS_PLAIN}, FALSE) AND src_addr IS NOT NULL AND dst_addr IS NOT NULL
), seen AS (
    SELECT ends, any_value(is_even) AS is_even, sum(CASE WHEN is_forward THEN said ELSE -said END) AS said,
        min(moment) FILTER (is_forward) AS forward, min(moment) FILTER (NOT is_forward) AS backward
    FROM told GROUP BY ends, exporter, observation_domain
), judged AS (
    SELECT ends, any_value(is_even) AS is_even, sign(sum(said)) AS said,
        CASE WHEN count(backward) = 0 THEN 1 WHEN count(forward) = 0 THEN -1 ELSE 0 END AS alone,
        sign(sum(CASE WHEN forward < backward THEN 1 WHEN forward > backward THEN -1 ELSE 0 END)) AS earlier
    FROM seen GROUP BY ends
)
SELECT ends, coalesce(nullif(said, 0), nullif(earlier, 0), alone) > 0 AS is_first
FROM judged WHERE said <> 0 OR earlier <> 0 OR is_even AND alone <> 0"""
"""The rows of ``openers``, where something decides."""

IS_ABOUT = f"{RELATION}.ends = CASE WHEN NOT coalesce({IS_PLAIN}, FALSE) THEN {_ENDS} END"
"""The condition that a row of ``openers`` speaks of a row of ``flows``."""

CLIENT_BY_PORT = f"""\
CASE WHEN (src_port < {_WELL_KNOWN}) <> (dst_port < {_WELL_KNOWN}) THEN dst_port < {_WELL_KNOWN}
ELSE near_is_source(src_addr, dst_addr, src_port, dst_port) END"""
"""Whether the source of a flow is the client, as far as the flow alone tells."""

_GUESSED = f"CASE WHEN {_IS_EVEN} THEN src_addr <= dst_addr ELSE {CLIENT_BY_PORT} END"
CLIENT_IS_SOURCE = f"""\
CASE WHEN protocol NOT IN (1, 58) AND (src_port < {_WELL_KNOWN}) <> (dst_port < {_WELL_KNOWN})
    THEN dst_port < {_WELL_KNOWN}
WHEN {_IS_ICMP} IN {_PINGS} THEN TRUE WHEN {_IS_ICMP} IN {_PONGS} THEN FALSE
WHEN {RELATION}.is_first IS NOT NULL THEN {RELATION}.is_first = {_FIRST}
ELSE {_GUESSED} END"""
"""Whether the source of a flow is the client; the lookup ``openers`` must be joined."""


def of_question(port: str) -> str:
    """The port of a conversation: an answer to a ping (ICMP type * 256 + code) belongs to the ping."""
    pongs = "WHEN protocol = 1 AND dst_port = 0 THEN 2048 WHEN protocol = 58 AND dst_port = 33024 THEN 32768"
    return f"CASE {pongs} ELSE {port} END"
