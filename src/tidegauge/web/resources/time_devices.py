"""``/api/v1/time_devices``: which device takes the time from whom, and who is in sync."""

from __future__ import annotations

from tidegauge.analysis.time_devices import time_devices
from tidegauge.web.question import Question

TIME_DEVICES = Question(
    "time_devices", "Who takes the time from whom, who from nobody, and who is in sync.", time_devices
)
