"""``/api/v1/clocks``: what we know of each exporter's clock."""

from __future__ import annotations

from tidegauge.analysis.clocks import clocks
from tidegauge.web.question import Question

CLOCKS = Question("clocks", "Every exporter's clock: its offset and how sure we are.", clocks)
