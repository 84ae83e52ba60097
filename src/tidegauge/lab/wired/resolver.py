"""The office's resolver, a dnsmasq at ``edge1``: knows the sites and keeps a log of who asked for which."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tidegauge.lab.wired.network import FILES, GATEWAY, LAN, MAIL, VIDEO, WEB
from tidegauge.lab.wired.person import FILE_SITE, MAIL_SITE, VIDEO_SITE, WEB_SITE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tidegauge.lab.wired.namespaces import Place

SITES = {VIDEO_SITE: VIDEO, WEB_SITE: WEB, MAIL_SITE: MAIL, FILE_SITE: FILES}
STOP_SECONDS = 5.0


@contextmanager
def resolver(router: Place, laptops: Sequence[Place], log: Path) -> Iterator[None]:
    """Answer the laptops, who ask nobody else, and log every question."""
    command = [
        *router.command(shutil.which("dnsmasq") or "dnsmasq"),
        "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root",
        f"--interface={LAN}", f"--listen-address={GATEWAY}", "--bind-interfaces", "--pid-file",
        "--log-queries=extra", f"--log-facility={log}",
        *(f"--address=/{site}/{address}" for site, address in SITES.items()),
    ]  # fmt: skip
    for laptop in laptops:
        laptop.put("resolv.conf", f"nameserver {GATEWAY}\noptions timeout:1 attempts:5\n")
    # Its log has no time zone: it is kept in UTC.
    environment = {**os.environ, "TZ": "UTC"}
    with subprocess.Popen(command, start_new_session=True, env=environment) as dnsmasq:
        try:
            yield
        finally:
            dnsmasq.terminate()
            dnsmasq.wait(STOP_SECONDS)
