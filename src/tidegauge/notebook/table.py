"""A table: an answer as Python programs like to have it."""

from __future__ import annotations

import io
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from tidegauge.analysis.answer import Answer

SHOWN_ROWS = 20


class Table:
    """The rows of an answer, and around them what the answer says of itself.

    A table is a sequence of rows, each a dict, and an Arrow stream: ``polars.DataFrame(table)``,
    ``pyarrow.table(table)`` and DuckDB take it as it is. In Arrow instants are timestamps in UTC with
    nanoseconds; in ``rows`` they are text, as in the HTTP API. ``answer`` has totals, the rest that has no
    row of its own, completeness, warnings and the absolute range.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows as plain dicts, ready for JSON."""
        return self.answer.data

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return [column["name"] for column in self.answer.columns]

    @property
    def totals(self) -> dict[str, int | None]:
        """What everything the question is about comes to."""
        return self.answer.totals

    @property
    def completeness(self) -> float:
        """The share of the records known to have been sent that the answer rests on, 0 to 1."""
        return float(self.answer.completeness.get("fraction", 1.0))

    def to_arrow(self) -> pa.Table:
        """A pyarrow Table. Needs ``pyarrow``, which tidegauge does not bring."""
        import pyarrow as pa  # noqa: PLC0415 (the caller's own, loaded when asked for)

        return pa.table(self)

    def to_pandas(self) -> pd.DataFrame:
        """A pandas DataFrame. Needs ``pandas`` and ``pyarrow``, which tidegauge does not bring."""
        frame: pd.DataFrame = self.to_arrow().to_pandas()
        return frame

    def to_polars(self) -> pl.DataFrame:
        """A polars DataFrame. Needs ``polars``, which tidegauge does not bring."""
        import polars as pl  # noqa: PLC0415 (the caller's own, loaded when asked for)

        return pl.DataFrame(self)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The Arrow PyCapsule protocol."""
        import nanoarrow  # noqa: PLC0415 (only needed for this protocol)

        stream: Any = nanoarrow.ArrayStream.from_readable(self._written)  # type: ignore[no-untyped-call]
        return stream.__arrow_c_stream__(requested_schema)

    @cached_property
    def _written(self) -> bytes:
        from tidegauge.store.engines.columnar import write_columnar  # noqa: PLC0415 (loads a database)

        types = {column["name"]: column["type"] for column in self.answer.columns}
        stream = io.BytesIO()
        write_columnar(self.rows, types, "arrow", stream)
        return stream.getvalue()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.rows[index]

    def __repr__(self) -> str:
        since, until = self.answer.since or "the beginning", self.answer.until or "the end"
        complete = f"{self.completeness:.1%} complete"
        return f"<Table of {len(self)} rows: {', '.join(self.columns)}; {since} to {until}, {complete}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the first rows, and how many there are."""
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        body = "".join(f"<tr>{self._cells(row)}</tr>" for row in self.rows[:SHOWN_ROWS])
        more = f" of {len(self)}" if len(self) > SHOWN_ROWS else ""
        caption = f"{min(len(self), SHOWN_ROWS)}{more} rows, {self.completeness:.1%} complete"
        head, body = f"<thead><tr>{head}</tr></thead>", f"<tbody>{body}</tbody>"
        return f"<table><caption>{caption}</caption>{head}{body}</table>"

    def _cells(self, row: dict[str, Any]) -> str:
        values = [row[name] for name in self.columns]
        return "".join(f"<td>{'' if value is None else escape(str(value))}</td>" for value in values)
