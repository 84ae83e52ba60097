"""The programs of bench/, as soaks run them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests.surroundings import ROOT


def bench(program: str, *arguments: str) -> list[dict[str, Any]]:
    """Run a program of bench/ and return the rows of its table."""
    command = [sys.executable, str(ROOT / "bench" / program), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])["rows"]
    return rows
