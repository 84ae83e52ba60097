"""An answer: rows, what they mean, what they leave out, and how complete they are."""

from __future__ import annotations

from typing import Any

import msgspec


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What every question gives back, in the shape the HTTP API sends.

    ``data`` holds one dict a row, ready for JSON: addresses as text, times ISO 8601 with nine digits.
    ``other`` is what the rows left out come to, None where nothing is left out or the rows overlap.
    ``completeness`` has ``fraction`` (of the flow records known to have been sent), ``lost_records``
    and ``reasons``. ``clock`` says between which seconds the clocks lie that told the times,
    ``offset_low`` and ``offset_high``, which of them are ``off``, and whether times take part in the
    answer, so that it ``matters``. ``since`` and ``until`` are
    absolute; where the question left a side open, the first start or last end among the flows, or
    None without flows. ``filter`` is in canonical form. ``next`` is the cursor to ask with for the
    next page, None where there is none.
    """

    data: list[dict[str, Any]]
    columns: list[dict[str, str]]
    totals: dict[str, Any] = msgspec.field(default_factory=dict)
    other: dict[str, Any] | None = None
    completeness: dict[str, Any] = msgspec.field(default_factory=dict)
    clock: dict[str, Any] = msgspec.field(default_factory=dict)
    warnings: list[str] = msgspec.field(default_factory=list)
    stats: dict[str, int | float] = msgspec.field(default_factory=dict)
    since: str | None = None
    until: str | None = None
    filter: str = "any"
    next: str | None = None
