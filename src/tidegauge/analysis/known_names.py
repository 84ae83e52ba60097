"""``names show``: what is known of addresses and names, from when until when, and who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.analysis.answer import Answer
from tidegauge.analysis.reading import Reading
from tidegauge.analysis.rows import arranged, described
from tidegauge.flow.addresses import address_from_text, uuid_text
from tidegauge.names.timeline import EVER, FOREVER
from tidegauge.query.statement import Column, Statement

if TYPE_CHECKING:
    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.parameters import ParameterValue
    from tidegauge.query.question import Query
    from tidegauge.store.lake import Lake

_COLUMNS = (
    Column("address", "address"),
    Column("kind", "text"),
    Column("person", "text"),
    Column("machine", "text"),
    Column("team", "text"),
    Column("name", "text"),
    Column("client", "address"),
    Column("since", "instant"),
    Column("until", "instant"),
    Column("source", "text"),
    Column("confidence", "uint8"),
    Column("is_pinned", "boolean"),
)
_KNOWN = """
    SELECT address, 'holder' AS kind, person, machine, team, NULL AS name, NULL::UUID AS client,
      since, until, source, confidence, is_pinned FROM holders
    UNION ALL SELECT address, 'site', NULL, NULL, NULL, name, client,
      since, until, source, NULL, FALSE FROM sites
    UNION ALL SELECT address, 'host', NULL, NULL, NULL, name, NULL,
      since, until, source, NULL, FALSE FROM hosts"""
_ABOUT_ADDRESS = "$address::UUID IN (address, client)"
_ABOUT_NAME = """
    list_contains([lower(person), lower(machine), lower(team), name], $name)
    OR ends_with(name, '.' || $name)"""


def known_names(lake: Lake, query: Query, now: int, about: str = "") -> Answer:
    """Rows about an address, about a name and all names below it, or about everything.

    A holder is who had an address; a site what ``client`` called it; a host what everybody does. A row whose
    ``since`` or ``until`` is null has no beginning or no end. The filter of the question plays no part.
    """
    with Reading(lake, query, now) as reading:
        rows = reading.rows(_statement(reading.time_range, about))
        data = arranged(rows, _COLUMNS, query.order, query.top)
        return Answer(data=data, columns=described(_COLUMNS))


def _statement(time_range: TimeRange, about: str) -> Statement:
    since, until = time_range.since, time_range.until
    values: dict[str, ParameterValue] = {
        "since": EVER if since is None else since,
        "until": FOREVER if until is None else until,
    }
    condition = "TRUE"
    if about:
        try:
            values["address"] = uuid_text(address_from_text(about))
            condition = _ABOUT_ADDRESS
        except ValueError:
            values["name"] = about.lower().removesuffix(".")
            condition = _ABOUT_NAME
    sql = f"""
        SELECT CAST(address AS BLOB), kind, person, machine, team, name, CAST(client AS BLOB),
          nullif(since, {EVER}), nullif(until, {FOREVER}), source, confidence, is_pinned
        FROM ({_KNOWN}) WHERE until > $since AND since < $until AND ({condition})
        ORDER BY kind <> 'holder', address, kind, client, since"""
    return Statement(sql, values, _COLUMNS, lookups=("src_holder", "client_site", "far_host"))
