"""``/api/v1/sessions``: who was at what, and for how long."""

from __future__ import annotations

from tidegauge.analysis.sessions import sessions
from tidegauge.web.question import Question

SESSIONS = Question("sessions", "Who was at what: sessions, seconds, bytes.", sessions)
