"""``/api/v1/top``: who or what carried most."""

from __future__ import annotations

from tidegauge.analysis.top import top
from tidegauge.web.question import Question

TOP = Question("top", "The largest groups by any field.", top)
