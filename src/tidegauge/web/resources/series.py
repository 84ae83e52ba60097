"""``/api/v1/series``: how traffic went over time."""

from __future__ import annotations

from tidegauge.analysis.series import series
from tidegauge.web.question import Question

SERIES = Question("series", "Traffic over time, split by any field.", series)
