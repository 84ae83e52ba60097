"""Time sources: which NTP servers each device asks, and which devices ask none.

A device is an address at home that sent anything. It asks where it sends UDP to port 123; of packets between
two ports 123, those that come in from outside are answers, as nobody outside takes the time from a device.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from tidegauge.flow.fields import FIELDS
from tidegauge.query.grouping import Key
from tidegauge.query.measure import measures
from tidegauge.query.ranking import source_of
from tidegauge.query.spreading import began, ended, share
from tidegauge.query.statement import Column, Statement

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.question import Query
    from tidegauge.query.source import Source

COLUMNS = (
    Column("address", "address"),
    Column("machine", "text"),
    Column("user", "text"),
    Column("last_seen", "instant"),
    Column("server", "address"),
    Column("is_server_home", "boolean"),
    Column("requests", "uint64", "packets"),
    Column("answers", "uint64", "packets"),
    Column("first_asked", "instant"),
    Column("last_asked", "instant"),
)

_FIELD = {field.name: field for field in FIELDS}
_FROM_OUTSIDE = "(src_port = 123 AND NOT is_home(src_addr) AND is_home(dst_addr))"
_ASKS = f"(protocol = 17 AND dst_port = 123 AND NOT {_FROM_OUTSIDE})"
_ANSWERS = f"(protocol = 17 AND src_port = 123 AND NOT {_ASKS})"


def time_sources(query: Query, time_range: TimeRange) -> Statement:
    """A row of ``COLUMNS`` for each device and server it asks; a device that asks none has one without."""
    plain = source_of(msgspec.structs.replace(query, by=(), metrics=("packets",)), time_range)
    keys = (
        Key(Column("address", "address"), f"CASE WHEN {_ANSWERS} THEN dst_addr ELSE src_addr END"),
        Key(
            Column("server", "address"),
            f"CASE WHEN {_ASKS} THEN dst_addr WHEN {_ANSWERS} THEN src_addr END",
        ),
        Key(Column("asks", "boolean"), f"CASE WHEN {_ASKS} THEN TRUE WHEN {_ANSWERS} THEN FALSE END"),
        *(_name_of_the_device(plain, name) for name in ("machine", "user")),
    )
    source = replace(plain, keys=keys, measures=measures(("packets",)))
    sql = f"""
        WITH {source.inside()}, cut AS MATERIALIZED (
            SELECT k0 AS address, k1 AS server, k2 AS asks, k3 AS machine, k4 AS user_name,
                {share("m0", source.since, source.until)} AS packets,
                {began(source.since)} AS begun, {ended(source.until)} AS ended
            FROM inside
        ), devices AS (
            SELECT address, max(machine) AS machine, max(user_name) AS user_name, max(ended) AS last_seen
            FROM cut WHERE asks IS DISTINCT FROM FALSE AND is_home(address) GROUP BY address
        ), asked AS (
            SELECT address, server, CAST(sum(packets) FILTER (asks) AS HUGEINT) AS requests,
                CAST(coalesce(sum(packets) FILTER (NOT asks), 0) AS HUGEINT) AS answers,
                min(begun) FILTER (asks) AS first_asked, max(ended) FILTER (asks) AS last_asked
            FROM cut WHERE asks IS NOT NULL GROUP BY address, server HAVING count(*) FILTER (asks) > 0
        )
        SELECT CAST(address AS BLOB), machine, user_name, last_seen, CAST(server AS BLOB), is_home(server),
            requests, answers, first_asked, last_asked
        FROM devices LEFT JOIN asked USING (address)
        ORDER BY address, requests DESC NULLS LAST, server"""
    return Statement(sql, source.parameters.values, COLUMNS, source.lookups)


def _name_of_the_device(source: Source, name: str) -> Key:
    """What the device is called: not what the other end is, though the flow has that name as well."""
    here, there = (source.key(_FIELD[f"{side}_{name}"]) for side in ("src", "dst"))
    sql = f"CASE WHEN {_ANSWERS} THEN {there.sql} ELSE {here.sql} END"
    return Key(Column(name, "text"), sql, fields=(*here.fields, *there.fields))
