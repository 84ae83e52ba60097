"""``/api/v1/timeline``: everything one address did and was, in order."""

from __future__ import annotations

from tidegauge.analysis.timeline import timeline
from tidegauge.web.question import Question

TIMELINE = Question("timeline", "The life of one address in order.", timeline)
