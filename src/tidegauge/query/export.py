"""Flows for a file: as ``flows`` lists them, or as they stand in the lake, in no order and without a limit.

Everything is rendered by the database, so that no row becomes a Python object: an address as text as RFC 5952
has it, which is a good deal of SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.flow.fields import FIELDS
from tidegauge.query.listing import chosen_flows, cut
from tidegauge.query.lookups import joined, lookups_of
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.predicate import column
from tidegauge.query.source import bounds
from tidegauge.query.statement import Column, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tidegauge.clock.timerange import TimeRange
    from tidegauge.query.question import Query

IN_RANGE = "bytes_in_range"
PARTITIONS = {"day": ("day",), "hour": ("day", "hour")}
"""The columns of folders, hive-style, by what a folder is to hold."""

_HOUR = {"day": "%Y-%m-%d", "hour": "%H"}
_LONGEST_RUN = 8
_TEXT_MACRO = "address_as_text"


def export_flows(
    query: Query, time_range: TimeRange, *, as_stored: bool, text: bool, by: str = ""
) -> Statement:
    """The flows of a question. ``text``: of a kind of file that has no types, where instants are text too.

    With ``by`` the columns of folders, of the time of arrival, come last.
    """
    parameters = Parameters()
    ends = bounds(time_range, parameters)
    chosen = chosen_flows(query, ends, parameters, ["flows.*"])
    fields = [field for field in FIELDS if not (as_stored and field.is_derived)]
    shown = () if as_stored else lookups_of(parse(query.filter).term, FIELDS)
    kept = [f'"{field.name}"' if as_stored else column(field) for field in fields]
    values = [
        value if as_stored and not text else in_file(value, field.type, text=text)
        for field, value in zip(fields, kept, strict=True)
    ]
    selected = [f'{value} AS "{field.name}"' for field, value in zip(fields, values, strict=True)]
    columns = [Column(field.name, field.type, field.unit) for field in fields]
    if not as_stored:
        selected.append(f"{cut(*ends)} AS {IN_RANGE}")
        columns.append(Column(IN_RANGE, "uint64", "bytes"))
    selected += folders("received", by)
    sql = f"SELECT {', '.join(selected)} FROM {joined(f'({chosen})', shown)}"
    return Statement(sql, parameters.values, tuple(columns), shown)


def export_table(
    table: str, types: Mapping[str, str], instant: str, time_range: TimeRange, *, text: bool, by: str = ""
) -> Statement:
    """The rows of another table whose ``instant`` lies in a range; ``types`` are its SQL types by column."""
    parameters = Parameters()
    conditions = [
        f"epoch_ns({instant}) {sign} {parameters.add(end)}"
        for sign, end in ((">=", time_range.since), ("<", time_range.until))
        if end is not None
    ]
    values = {name: in_file(f'"{name}"', _type_of(type_), text=text) for name, type_ in types.items()}
    selected = [f'{value} AS "{name}"' for name, value in values.items()]
    selected += folders(instant, by)
    where = " AND ".join(conditions) or "TRUE"
    sql = f"SELECT {', '.join(selected)} FROM {table} WHERE {where}"
    return Statement(sql, parameters.values, ())


def _type_of(sql_type: str) -> str:
    if sql_type.startswith("STRUCT"):
        return "elements"
    return {"UUID": "address", "TIMESTAMPTZ_NS": "instant"}.get(sql_type, "")


def folders(instant: str, by: str) -> Iterator[str]:
    """The columns that become folders."""
    for name in PARTITIONS.get(by, ()):
        yield f"strftime({instant}, '{_HOUR[name]}') AS {name}"


def in_file(expression: str, type_: str, *, text: bool) -> str:
    """How a value of a type stands in a file."""
    match type_:
        case "address":
            return f"{_TEXT_MACRO}({expression})"
        case "mac":
            return f"rtrim(regexp_replace(lower(hex({expression})), '(..)', '\\1:', 'g'), ':')"
        case "instant" if text:
            return f"strftime(make_timestamp_ns(epoch_ns({expression})), '%Y-%m-%dT%H:%M:%S.%n') || 'Z'"
        case "elements":
            shown = "{'element': e.element, 'value': e.value, 'raw': lower(hex(e.raw))}"
            found = f"CASE WHEN {expression} IS NOT NULL THEN [{shown} FOR e IN {expression}] END"
            return f"CAST(to_json({found}) AS VARCHAR)" if text else found
        case _:
            return expression


def text_macro() -> str:
    """The statement that defines how an address is written: RFC 5952, mapped IPv4 with dots."""
    digits = "right(CAST(address AS VARCHAR), 8)"
    octets = [f"CAST('0x' || substr({digits}, {1 + 2 * place}, 2) AS INTEGER)" for place in range(4)]
    plain = "regexp_replace(replace(CAST(address AS VARCHAR), '-', ''), '(....)', '\\1:', 'g')"
    # Each group without the zeros before it; one of zeros alone keeps one.
    groups = f"regexp_replace(rtrim({plain}, ':'), '(^|:)0{{1,3}}', '\\1', 'g')"
    runs = " ".join(
        f"WHEN regexp_matches({groups}, '{_run(length)}')"
        f" THEN regexp_replace({groups}, '{_run(length)}', '::')"
        for length in range(_LONGEST_RUN, 1, -1)
    )
    mapped = "'00000000-0000-0000-0000-ffff00000000'::UUID AND '00000000-0000-0000-0000-ffffffffffff'::UUID"
    return (
        f"CREATE OR REPLACE TEMP MACRO {_TEXT_MACRO}(address) AS (CASE WHEN address IS NULL THEN NULL"
        f" WHEN address BETWEEN {mapped} THEN concat_ws('.', {', '.join(octets)})"
        f" ELSE CASE {runs} ELSE {groups} END END)"
    )


def _run(length: int) -> str:
    """So many groups of zeros, with what stands between them and the others."""
    return f"(^|:)0(:0){{{length - 1}}}(:|$)"
