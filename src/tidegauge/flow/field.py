"""What a field of the flow record is: its name, type, unit and meaning."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One field, as every language, file and page names it.

    ``sql`` is empty for a stored column; for a derived field it is the DuckDB expression over
    stored columns that computes it. ``words`` are further names the filter language accepts.
    ``lookups`` name the relations a question must join before ``sql`` can be computed. A stored
    column may have ``resolved``: what questions take in its place, which is what the exporter said
    where it said something, and what a lookup knows otherwise.
    """

    name: str
    type: str
    sql_type: str
    unit: str
    meaning: str
    elements: tuple[str, ...]
    words: tuple[str, ...]
    sql: str
    resolved: str = ""
    lookups: tuple[str, ...] = ()

    @property
    def is_derived(self) -> bool:
        """Whether the field is computed when asked for instead of stored."""
        return bool(self.sql)
