"""Running a command in this process, as ``main`` would."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from tidegauge.cli.main import run


class Ran(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of ndjson."""
        return [json.loads(line) for line in self.out.splitlines()]


class Terminal:
    """Runs commands and catches what they print."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: str) -> Ran:
        code = run(arguments)
        return Ran(code, *self._capture.readouterr())
