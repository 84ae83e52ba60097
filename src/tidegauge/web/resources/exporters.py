"""``/api/v1/exporters``: who sends us flows, and how well."""

from __future__ import annotations

from tidegauge.analysis.exporters import exporters
from tidegauge.web.question import Question

EXPORTERS = Question("exporters", "Every exporter: last seen, records, losses.", exporters)
