"""``/api/v1/exchanges``: what exporters told of packets of ours."""

from __future__ import annotations

from tidegauge.analysis.exchanges import exchanges
from tidegauge.web.question import Question

EXCHANGES = Question(
    "exchanges", "What exporters told of our own packets, and what that says of their clocks.", exchanges
)
