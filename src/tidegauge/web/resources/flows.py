"""``/api/v1/flows``: the flow records themselves."""

from __future__ import annotations

from tidegauge.analysis.flows import flows
from tidegauge.web.question import Question

FLOWS = Question("flows", "Flow records that match.", flows)
