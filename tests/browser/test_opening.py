"""The opening: what is answered before anybody opens a page is what the page then asks."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.small_office import NOW
from tests.browser.visit import PATIENCE_MILLISECONDS, Visit
from tidegauge.store.lake import Lake
from tidegauge.web.application import QUESTIONS, create_application
from tidegauge.web.kept_answers import KeptAnswers
from tidegauge.web.opening import opening, opening_about
from tidegauge.web.server import Server

pytestmark = pytest.mark.browser

OTHER_PAGES = {"o": 7, "u": 3, "l": 1, "c": 2, "f": 1}
"""By the keys that lead there after the page of a person, how many questions the page adds."""


def test_pages_open_with_the_questions_that_are_answered_before(
    shared_window: BrowserContext, tmp_path: Path
) -> None:
    application = create_application(Lake.create(tmp_path / "lake").path, clock=lambda: NOW)
    answers: KeptAnswers = application.state.answers
    answering = {question.name: question.answer for question in QUESTIONS}
    about_john = {each.asked(answering) for each in opening_about("John", "UTC")}
    expected = about_john | {each.asked(answering) for each in opening("UTC")}
    server = Server(application, "127.0.0.1", 0)
    server.start()
    try:
        with Visit(shared_window, server.address) as visit:
            page = visit.open("/users/John")
            number = len(about_john) + 2  # each page tells of exporters and clocks
            for key, more in OTHER_PAGES.items():
                page.keyboard.type(f"g{key}")
                number += more
                deadline = time.monotonic() + PATIENCE_MILLISECONDS / 1000
                while len(answers.wanted(time.monotonic())) < number and time.monotonic() < deadline:
                    page.wait_for_timeout(20)
    finally:
        server.stop()
    assert set(answers.wanted(time.monotonic())) == expected
