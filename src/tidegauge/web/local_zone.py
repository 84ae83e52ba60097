"""The local zone: by which name of the IANA database this machine tells people the time."""

from __future__ import annotations

import os
from pathlib import Path

from tidegauge.clock.instant_text import zone_from_name

_LINK = Path("/etc/localtime")
_FOLDER = "zoneinfo/"


def local_zone(link: Path = _LINK) -> str:
    """What ``TZ`` names, else what the system's ``link`` leads to; UTC where neither is a zone."""
    named = os.environ.get("TZ", "").removeprefix(":") or str(link.resolve()).rpartition(_FOLDER)[2]
    try:
        zone_from_name(named)
    except ValueError:
        return "UTC"
    return "UTC" if named == "Etc/UTC" else named  # browsers say it so
