"""The `tidegauge` command as a user runs it: a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


def tidegauge(*arguments: str) -> str:
    """Run a command to its end and return what it prints."""
    command = [sys.executable, "-m", "tidegauge", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def answer(*arguments: str) -> list[dict[str, Any]]:
    """Every row a question gives."""
    rows: list[dict[str, Any]] = json.loads(tidegauge(*arguments, "--limit", "0", "--format", "json"))
    return rows
