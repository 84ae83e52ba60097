"""Log lines: a static lowercase text, and the facts of the moment as fields behind it.

A text that never changes can be counted and searched for; the facts stay machine-readable.
"""

from __future__ import annotations

import logging
import sys
import time
from itertools import chain
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = "tidegauge"


class Log:
    """Writes log lines under one module's name.

    >>> Log("tidegauge.store").info("compacted", rows=3)
    """

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, text: str, **facts: object) -> None:
        """Say what only somebody who looks for a fault wants to know."""
        self._write(logging.DEBUG, text, facts)

    def info(self, text: str, **facts: object) -> None:
        """Say what went as it should."""
        self._write(logging.INFO, text, facts)

    def warning(self, text: str, **facts: object) -> None:
        """Say what somebody should look at, though work goes on."""
        self._write(logging.WARNING, text, facts)

    def error(self, text: str, error: BaseException | None = None, **facts: object) -> None:
        """Say what failed; ``error`` brings its traceback along, unless the machine refused something."""
        reasons = _reasons(error) if error else []
        if reasons:
            self._write(logging.ERROR, text, {**facts, "reason": "; ".join(reasons)})
        else:
            self._write(logging.ERROR, text, facts, error)

    def _write(
        self, level: int, text: str, facts: Mapping[str, object], error: BaseException | None = None
    ) -> None:
        # stacklevel 3: the line belongs to whoever called info(), not to this file.
        self._logger.log(level, text, extra={"facts": facts}, exc_info=error, stacklevel=3)


class LineFormatter(logging.Formatter):
    """One line a record: instant, level, text, then ``name=value`` for each fact."""

    def converter(self, seconds: float | None) -> time.struct_time:
        """Tell time in UTC, wherever the machine stands."""
        return time.gmtime(seconds)

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        """Lay the record out; a traceback follows on lines of its own."""
        facts: Mapping[str, object] = getattr(record, "facts", {})
        words = [self.formatTime(record), record.levelname.lower(), record.getMessage()]
        words += [f"{name}={_value(value)}" for name, value in facts.items()]
        line = " ".join(words)
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def write_to(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send this program's log lines to a stream, stderr unless told; a second call replaces the first."""
    target = logging.StreamHandler(stream or sys.stderr)
    target.setFormatter(LineFormatter())
    root = logging.getLogger(ROOT)
    root.handlers = [target]
    root.setLevel(level)
    root.propagate = False


def _reasons(error: BaseException) -> list[str]:
    """What the machine refused, each once; nothing where something else went wrong as well."""
    if isinstance(error, BaseExceptionGroup):
        parts = [_reasons(each) for each in error.exceptions]
        return list(dict.fromkeys(chain.from_iterable(parts))) if all(parts) else []
    return [str(error)] if isinstance(error, OSError) else []


def _value(value: object) -> str:
    """Quote what would break the line apart."""
    text = str(value)
    return repr(text) if not text or any(c.isspace() or c in "=\"'" for c in text) else text
