"""Rights that the kernel asks for before it shows us what passes this machine."""

from __future__ import annotations

import getpass
import os
import sys


def missing_capability(name: str) -> str:
    """Say which right is missing, and the ways to give it.

    >>> "sudo setcap cap_net_raw+ep /" in missing_capability("CAP_NET_RAW")
    True
    """
    python = os.path.realpath(sys.executable)
    return (
        f"user {getpass.getuser()} lacks the capability {name}. Run this command with sudo; or as a"
        f" systemd service with AmbientCapabilities={name}; or give it to everything that this Python"
        f" runs: sudo setcap {name.lower()}+ep {python}"
    )
