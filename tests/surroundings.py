"""What the machine offers to a test beyond Python: real programs, a browser, the wheel, the captures.

Each function says why its surroundings are missing, in words, or "" where they are there.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
PEERS = (
    "softflowd", "fprobe", "nfcapd", "nfdump", "snmpd", "tcpdump", "tshark", "ip", "nmap", "hping3", "curl",
    "dnsmasq", "dig", "nft", "conntrack", "ipfixDump", "strace", "faketime",
)  # fmt: skip
UNPACKED_PEERS = ("chrony", "ntpsec", "unbound", "pmacct", "openvswitch-common", "openvswitch-switch")


def captures() -> Path:
    """Return the folder of shared captures, which may not exist."""
    return Path(os.environ.get("TIDEGAUGE_CAPTURES", ROOT.parent / "shared" / "captures"))


def is_ci() -> bool:
    """Whether nothing may be left out."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def missing_peers() -> str:
    absent = [name for name in PEERS if shutil.which(name) is None]
    absent += [name for name in UNPACKED_PEERS if not (ROOT / ".peers" / name).is_dir()]
    if absent:
        return f"no {', '.join(absent)}; run scripts/install-peers as root on Debian"
    return "" if os.geteuid() == 0 else "they need root"


def missing_browser() -> str:
    return "" if shutil.which("chromium") else "no chromium; run scripts/install-peers as root on Debian"


def missing_wheel() -> str:
    return "" if any((ROOT / "dist").glob("*.whl")) else "no wheel in dist/; run make wheel"


def missing_captures() -> str:
    path = captures()
    return "" if (path / "ORACLE.csv").is_file() else f"no ORACLE.csv in {path}; set TIDEGAUGE_CAPTURES"


def find_peer(name: str) -> str:
    """Path of a real program: installed, or unpacked under .peers."""
    unpacked = (ROOT / ".peers").glob(f"*/usr/*bin/{name}")
    path = shutil.which(name) or next(map(str, unpacked), None)
    if path is None:
        raise FileNotFoundError(f"no {name}; run scripts/install-peers as root on Debian")
    return path


MISSING = {
    "peers": missing_peers,
    "browser": missing_browser,
    "packaging": missing_wheel,
    "conformance": missing_captures,
}
