"""``/api/v1/alerts``: what looks wrong."""

from __future__ import annotations

from tidegauge.analysis.alerts import alerts
from tidegauge.web.question import Question

ALERTS = Question("alerts", "Findings of the detectors, worst first.", alerts)
