"""``/api/v1/matrix``: one field against another."""

from __future__ import annotations

from tidegauge.analysis.matrix import matrix
from tidegauge.web.question import Question

MATRIX = Question("matrix", "Two fields against each other, cell by cell.", matrix)
