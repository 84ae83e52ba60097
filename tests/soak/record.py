"""Results of soaks, kept in the repository: one JSON file each, with when and on what it was."""

from __future__ import annotations

import json
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def record(name: str, figures: dict[str, Any]) -> None:
    """Write the result of a soak in place of its last one."""
    content = {
        "soak": name,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "versions": {
            "tidegauge": version("tidegauge"),
            "python": platform.python_version(),
            "kernel": platform.release().partition("-")[0],
        },
        **figures,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")
