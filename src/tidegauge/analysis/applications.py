"""Applications: what exporters called their ids, and when, from the tables they send as options records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.analysis.flattening import newest
from tidegauge.names.ports import port_names
from tidegauge.names.timeline import EVER
from tidegauge.query.applications import CATEGORY, COLUMNS, NAME, REGISTERED, REGISTERED_COLUMNS, RELATION
from tidegauge.query.named_numbers import PROTOCOLS
from tidegauge.store.engines.rows import make_table

if TYPE_CHECKING:
    from tidegauge.store.engines.duckdb import Engine

_PROTOCOL_ENGINE, _PORT_ENGINE = 1, 3  # IANA-L3 and IANA-L4 (RFC 6759, section 4.1)

# The id is the scope of the record (IPFIX) or stands beside the name (NetFlow v9); names, and kinds of
# application, come in tables of their own. Tables are sent again and again: equal records of a day
# are one. What an id was called first, it is taken to have been called ever before.
_TOLD = f"""
    WITH told AS (
        SELECT min(epoch_ns(received)) AS since, exporter, list_concat(scope, other) AS elements
        FROM options GROUP BY exporter, scope, other, epoch_ns(received) // 86_400_000_000_000
    ), found AS (
        SELECT since, exporter,
            [element.value FOR element IN elements IF element.element = 'applicationId'][1] AS id,
            [element.value FOR element IN elements
             IF element.element IN ('applicationName', 'applicationDescription') AND element.value <> ''][1]
                AS {NAME},
            [element.value FOR element IN elements
             IF element.element = 'applicationCategoryName' AND element.value <> ''][1] AS {CATEGORY}
        FROM told
    ), named AS (
        UNPIVOT found ON {NAME}, {CATEGORY} INTO NAME kind VALUE name
    )
    SELECT kind, exporter AS told_by, id, since, NULL::BIGINT AS until, name, 'exporter' AS source
    FROM named WHERE id IS NOT NULL"""
_FIRST = "row_number() OVER (PARTITION BY kind, told_by, id ORDER BY since) = 1"


def make_applications(engine: Engine) -> None:
    """Create the relation of what exporters told; empty where no flow carries an id."""
    columns = f"* REPLACE (CASE WHEN {_FIRST} THEN {EVER} ELSE since END AS since)"
    told = newest(_TOLD, ("kind", "told_by", "id"))
    [(has_ids,)] = engine.rows("SELECT EXISTS (FROM flows WHERE contains(application, ':'))")
    if has_ids:
        engine.rows(f"CREATE TEMP TABLE {RELATION} AS SELECT {columns} FROM ({told})")
    else:
        engine.rows(f"CREATE TEMP TABLE {RELATION} ({COLUMNS})")


def make_registered_applications(engine: Engine) -> None:
    """Create the relation of ids that stand for a protocol or a port."""
    rows = [
        {"id": f"{_PROTOCOL_ENGINE}:{number}", "transport": number, "name": name}
        for name, number in PROTOCOLS.items()
    ]
    rows += [
        {"id": f"{_PORT_ENGINE}:{port}", "transport": protocol, "name": name}
        for (port, protocol), name in port_names().items()
    ]
    columns = dict(column.split() for column in REGISTERED_COLUMNS.split(", "))
    make_table(engine.connection, REGISTERED, columns, rows)
