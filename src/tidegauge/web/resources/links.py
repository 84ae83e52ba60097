"""``/api/v1/links``: how full, how fast and how clean links are."""

from __future__ import annotations

from tidegauge.analysis.links import links
from tidegauge.web.question import Question

LINKS = Question("links", "Interfaces: rates, utilisation, round trips.", links)
