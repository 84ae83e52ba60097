"""The office's dnsmasq at ``edge1``: lends addresses, knows the sites, and keeps logs of both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tidegauge.lab.wired.network import GATEWAY, LAN, WIRE
from tidegauge.lab.wired.sites import SITES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tidegauge.lab.wired.namespaces import Place

FIRST, LAST = "192.168.10.11", "192.168.10.99"
STOP_SECONDS = 5.0


@contextmanager
def resolver(router: Place, log: Path, leases: Path) -> Iterator[None]:
    """Answer the laptops, who ask nobody else; log every question, and keep the table of leases."""
    command = [
        *router.command(shutil.which("dnsmasq") or "dnsmasq"),
        "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root",
        f"--interface={LAN}", f"--listen-address={GATEWAY}", "--bind-interfaces", "--pid-file",
        "--log-queries=extra", f"--log-facility={log}",
        "--no-ping", f"--dhcp-range={FIRST},{LAST},1h", "--dhcp-sequential-ip", f"--dhcp-leasefile={leases}",
        *(f"--address=/{site.name}/{site.address}" for site in SITES),
        # Whoever asks for what a site has not is told so.
        *(f"--local=/{site.name}/" for site in SITES),
    ]  # fmt: skip
    # Its log has no time zone: it is kept in UTC.
    environment = {**os.environ, "TZ": "UTC"}
    with subprocess.Popen(command, start_new_session=True, env=environment) as dnsmasq:
        try:
            yield
        finally:
            dnsmasq.terminate()
            dnsmasq.wait(STOP_SECONDS)


def join(laptop: Place, host_name: str) -> str:
    """Have a laptop lease an address, which is returned, and its programs ask the resolver told with it.

    Raises RuntimeError where nobody lends one.
    """
    command = [sys.executable, "-m", "tidegauge.lab.wired.lease", WIRE, host_name]
    told = json.loads(laptop.run(*command))
    laptop.put("resolv.conf", f"nameserver {told['resolver']}\noptions timeout:1 attempts:5\n")
    return str(told["address"])
