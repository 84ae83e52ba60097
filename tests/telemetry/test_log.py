from __future__ import annotations

import io
import logging
import re
import time
from collections.abc import Iterator

import pytest

from tidegauge.telemetry.log import Log, write_to

LINES = Log("tidegauge.tests")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logger = logging.getLogger("tidegauge")
    before = logger.handlers, logger.level, logger.propagate
    write_to(stream)
    yield stream
    logger.handlers, logger.level, logger.propagate = before


def test_a_line_has_instant_level_text_and_facts(stream: io.StringIO) -> None:
    LINES.info("compacted", sets=3, writer="collect-1")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info compacted sets=3 writer=collect-1\n", stream.getvalue()
    )


@pytest.mark.parametrize(
    ("value", "text"), [("a b", "'a b'"), ("", "''"), ("x=1", "'x=1'"), ("two\nlines", r"'two\nlines'")]
)
def test_a_fact_never_breaks_the_line(stream: io.StringIO, value: str, text: str) -> None:
    LINES.warning("odd", value=value)
    assert stream.getvalue().endswith(f"warning odd value={text}\n")


def test_an_error_brings_its_traceback(stream: io.StringIO) -> None:
    with pytest.raises(ValueError, match="bad") as caught:
        int("bad")
    LINES.error("failed", caught.value, step=1)
    first, *rest = stream.getvalue().splitlines()
    assert first.endswith("error failed step=1")
    assert rest[-1].startswith("ValueError: invalid literal")


def test_details_are_left_out_unless_asked_for(stream: io.StringIO) -> None:
    LINES.debug("detail")
    assert stream.getvalue() == ""


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("tokyo")
def test_instants_are_utc(stream: io.StringIO) -> None:
    formatter = logging.getLogger("tidegauge").handlers[0].formatter
    assert formatter is not None
    record = logging.makeLogRecord({"created": 0.0, "msecs": 0.0, "msg": "old"})
    assert formatter.format(record).startswith("1970-01-01T00:00:00.000Z")
    assert stream.getvalue() == ""
