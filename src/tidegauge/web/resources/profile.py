"""``/api/v1/profile``: everything about one person, machine or address."""

from __future__ import annotations

from tidegauge.analysis.profile import profile
from tidegauge.web.question import Question

PROFILE = Question("profile", "Names, services, sites, peers, ports and hours of one subject.", profile)
