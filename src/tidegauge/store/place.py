"""Where a lake is when nobody says."""

from __future__ import annotations

import os
from pathlib import Path


def default_lake() -> Path:
    """``$TIDEGAUGE_LAKE``, else the lake of this user.

    Root's lives where system services keep theirs, everybody else's under ``$XDG_STATE_HOME``.
    """
    if named := os.environ.get("TIDEGAUGE_LAKE"):
        return Path(named)
    if os.geteuid() == 0:
        return Path("/var/lib/tidegauge")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "tidegauge"
