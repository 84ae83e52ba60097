"""``/api/v1/overview``: the whole lake at a glance."""

from __future__ import annotations

from tidegauge.analysis.overview import overview
from tidegauge.web.question import Question

OVERVIEW = Question("overview", "The rate of traffic arriving, and what the lake spans.", overview)
