"""``/api/v1/conversations``: who talked with whom, both directions in one row."""

from __future__ import annotations

from tidegauge.analysis.conversations import conversations
from tidegauge.web.question import Question

CONVERSATIONS = Question("conversations", "Pairs of ends, both directions in one row.", conversations)
