"""``/api/v1/ledger``: what was received, and what was lost on the way."""

from __future__ import annotations

from tidegauge.analysis.ledger import ledger
from tidegauge.web.question import Question

LEDGER = Question("ledger", "Counters by minute, exporter, observation domain and protocol version.", ledger)
