"""``/api/v1/time_status``: the collector's own clock, who judges it, and the NTP server that passes it on."""

from __future__ import annotations

from tidegauge.analysis.time_status import time_status
from tidegauge.web.question import Question

TIME_STATUS = Question(
    "time_status", "The collector's own clock, who judges it, and who passes it on.", time_status
)
