"""``lake export``: a part of the lake as files for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegauge.analysis.reading import Reading
from tidegauge.query.error import QuestionError
from tidegauge.query.export import PARTITIONS, export_flows, export_table, text_macro
from tidegauge.store.engines.export_file import write_file, write_folder
from tidegauge.store.engines.tables import TABLES
from tidegauge.store.interface_samples import COUNTER_COLUMNS, samples_seen

if TYPE_CHECKING:
    from pathlib import Path

    from tidegauge.analysis.answer import Answer
    from tidegauge.query.question import Query
    from tidegauge.query.statement import Statement
    from tidegauge.store.lake import Lake

TABLE_NAMES = ("flows", "options", "sightings", "ledger", "counters")
TEXT_FORMATS = frozenset({"csv", "ndjson"})


class ExportOrder(NamedTuple):
    """What to write and where: a file at ``path``, or a folder with others for each day or hour ``by``."""

    path: Path
    format_name: str
    table: str = "flows"
    by: str = ""
    as_stored: bool = False


def export(lake: Lake, query: Query, order: ExportOrder, now: int) -> Answer:
    """Write the rows of a question; the answer has none, but says what they leave out.

    Raises QuestionError where the words do not go together, and OSError where the files cannot be written.
    """
    if order.table != "flows" and (query.filter or order.as_stored):
        raise QuestionError(f"a filter and --as-stored are for flows; {order.table} is exported as it is")
    with Reading(lake, query, now, ("direction",), of_any_time=order.as_stored) as reading:
        reading.engine.rows(text_macro())
        if order.table == "counters":
            with samples_seen(reading.engine, lake):
                _write(reading, order, _of_table(reading, order))
        elif order.table == "flows":
            statement = export_flows(
                reading.query,
                reading.time_range,
                as_stored=order.as_stored,
                text=order.format_name in TEXT_FORMATS,
                by=order.by,
            )
            _write(reading, order, statement)
        else:
            _write(reading, order, _of_table(reading, order))
        return reading.answer([], ())


def _of_table(reading: Reading, order: ExportOrder) -> Statement:
    types = COUNTER_COLUMNS if order.table == "counters" else TABLES[order.table]
    instant = "minute" if order.table == "ledger" else "received"
    is_text = order.format_name in TEXT_FORMATS
    return export_table(order.table, types, instant, reading.time_range, text=is_text, by=order.by)


def _write(reading: Reading, order: ExportOrder, statement: Statement) -> None:
    reading.prepare(statement)
    engine, sql, values = reading.engine, statement.sql, statement.values
    if order.by:
        write_folder(engine, sql, values, order.path, order.format_name, PARTITIONS[order.by])
    else:
        write_file(engine, sql, values, order.path, order.format_name)
