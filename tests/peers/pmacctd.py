"""pmacctd, which samples a capture for sFlow."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

from tests.peers.softflowd import PACKETS, received
from tests.surroundings import find_peer


def sample(folder: Path, packets: Path = PACKETS) -> list[bytes]:
    """Let it look at every packet of a capture, and return the datagrams it sends.

    How it ends is no matter: where the plugin is done before the program that started it, that program
    ends with 1.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(1.0)
        lines = [
            "daemonize: false", f"pcap_savefile: {packets}", "plugins: sfprobe", "sampling_rate: 1",
            f"sfprobe_receiver: 127.0.0.1:{listener.getsockname()[1]}", "sfprobe_agentip: 192.0.2.33",
        ]  # fmt: skip
        configuration = folder / "pmacctd.conf"
        configuration.write_text("".join(f"{line}\n" for line in lines))
        command = [find_peer("pmacctd"), "-f", str(configuration)]
        subprocess.run(command, capture_output=True, check=False, timeout=60)
        return received(listener)
