"""pmacctd's nfprobe plugin, a real meter and exporter, run over a capture file as our page configures it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.peers.recipes import recipe
from tests.peers.softflowd import PACKETS, VERSIONS
from tests.surroundings import find_peer

ENGINE = {"netflow5": "1:7", "netflow9": "7", "ipfix": "7"}


def export(protocol_version: str, port: int, folder: Path, *settings: str) -> None:
    """Let pmacctd meter the packets of a capture and export them to a port of loopback.

    It waits two seconds for its plugin, reads the file, and sends every flow as it ends. How it ends is
    no matter: where the plugin is done before the program that started it, that program ends with 1.
    """
    changes = {
        "daemonize: true": "daemonize: false",
        "pcap_interface: eth0": f"pcap_savefile: {PACKETS}",
        "192.0.2.50:2055": f"127.0.0.1:{port}",
        "nfprobe_version: 10": f"nfprobe_version: {VERSIONS[protocol_version]}",
        "nfprobe_engine: 7": f"nfprobe_engine: {ENGINE[protocol_version]}",
    }
    configuration = folder / "pmacctd.conf"
    lines = [recipe("linux", "plugins: nfprobe", changes), *settings]
    configuration.write_text("\n".join([*lines, ""]))
    command = [find_peer("pmacctd"), "-f", str(configuration)]
    subprocess.run(command, capture_output=True, check=False, timeout=30)
