"""The web application: every resource in its place."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount, Route

from tidegauge.web.answers_file import AnswersFile
from tidegauge.web.foresight import Foresight
from tidegauge.web.gate import Gate
from tidegauge.web.kept_answers import KeptAnswers
from tidegauge.web.local_zone import local_zone
from tidegauge.web.opening import opening
from tidegauge.web.page import page_routes
from tidegauge.web.problem import PROBLEM_REPLIES
from tidegauge.web.pulse import Pulse
from tidegauge.web.reader import Reader
from tidegauge.web.resources.alerts import ALERTS
from tidegauge.web.resources.billing import BILLING
from tidegauge.web.resources.clocks import CLOCKS
from tidegauge.web.resources.conversations import CONVERSATIONS
from tidegauge.web.resources.exchanges import EXCHANGES
from tidegauge.web.resources.exporters import EXPORTERS
from tidegauge.web.resources.fields import fields
from tidegauge.web.resources.filter import FILTER_ROUTES
from tidegauge.web.resources.flows import FLOWS
from tidegauge.web.resources.health import health
from tidegauge.web.resources.ledger import LEDGER
from tidegauge.web.resources.links import LINKS
from tidegauge.web.resources.matrix import MATRIX
from tidegauge.web.resources.metrics import metrics
from tidegauge.web.resources.mutes import MUTE_ROUTES
from tidegauge.web.resources.openapi import openapi_route
from tidegauge.web.resources.overview import OVERVIEW
from tidegauge.web.resources.pins import PIN_ROUTE
from tidegauge.web.resources.profile import PROFILE
from tidegauge.web.resources.reports import REPORT_ROUTES
from tidegauge.web.resources.series import SERIES
from tidegauge.web.resources.sessions import SESSIONS
from tidegauge.web.resources.stream import stream
from tidegauge.web.resources.time_devices import TIME_DEVICES
from tidegauge.web.resources.time_status import TIME_STATUS
from tidegauge.web.resources.timeline import TIMELINE
from tidegauge.web.resources.top import TOP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

QUESTIONS = (
    TOP, SERIES, FLOWS, SESSIONS, PROFILE, CONVERSATIONS, MATRIX, LINKS, BILLING, TIMELINE,
    EXPORTERS, CLOCKS, EXCHANGES, TIME_STATUS, TIME_DEVICES, LEDGER, ALERTS, OVERVIEW,
)  # fmt: skip
SMALLEST_COMPRESSED_BYTES = 1024


def create_application(
    lake_path: Path,
    token: str | None = None,
    stopping: asyncio.Event | None = None,
    *,
    clock: Callable[[], int] = time.time_ns,
    foresees: bool = False,
) -> Starlette:
    """The HTTP API and the page over one lake, which need not exist yet.

    Without a token only requests that name this machine are answered. Setting ``stopping``, from the event
    loop that serves, ends the open streams; ``Server`` does so. ``clock`` gives nanoseconds since 1970.
    One that ``foresees`` looks at the last day before anybody asks, so that its first page is no slower.
    """
    reader, answering = Reader(lake_path, clock), {each.name: each.answer for each in QUESTIONS}
    answers = KeptAnswers(AnswersFile(lake_path), answering)
    foresight = Foresight(reader, answers, [each.asked(answering) for each in opening(local_zone())])
    api = [
        *(route for question in QUESTIONS for route in question.routes()),
        *FILTER_ROUTES,
        *REPORT_ROUTES,
        PIN_ROUTE,
        *MUTE_ROUTES,
        Route("/fields", fields),
        Route("/stream", stream),
        openapi_route(QUESTIONS),
    ]
    application = Starlette(
        routes=[
            Mount("/api/v1", routes=api),
            Route("/metrics", metrics),
            Route("/health", health),
            *page_routes(),
        ],
        middleware=[
            Middleware(Gate, token=token),
            Middleware(GZipMiddleware, minimum_size=SMALLEST_COMPRESSED_BYTES),
        ],
        exception_handlers=PROBLEM_REPLIES,
        lifespan=lambda _: _life(reader, foresight, watches=foresees),
    )
    application.state.reader = reader
    application.state.answers = answers
    application.state.foresight = foresight
    application.state.pulse = Pulse(reader)
    application.state.stopping = stopping or asyncio.Event()
    return application


@asynccontextmanager
async def _life(reader: Reader, foresight: Foresight, *, watches: bool) -> AsyncIterator[None]:
    try:
        async with foresight.at_work(watches=watches):
            yield
    finally:
        await reader.stop()
