"""``/api/v1/billing``: what would have to be paid for."""

from __future__ import annotations

from tidegauge.analysis.billing import billing
from tidegauge.web.question import Question

BILLING = Question("billing", "A percentile of five-minute averages, by both merge rules.", billing)
