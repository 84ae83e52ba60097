"""net-snmp's agent, as routers and servers run it, with a community and two users."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port
from tests.surroundings import find_peer
from tidegauge.exporters.agent import AuthProtocol, PrivacyProtocol

COMMUNITY = "letmein"
AUTH_PASSWORD, PRIVACY_PASSWORD = "authenticate me", "keep it private"
USERS: dict[str, tuple[AuthProtocol, PrivacyProtocol]] = {
    "watcher": ("sha256", "aes128"),
    "veteran": ("sha1", "des"),
}
_WORDS = {"sha256": "SHA-256", "sha1": "SHA", "aes128": "AES", "des": "DES"}
PORT = 16161
START_SECONDS = 15.0


@contextmanager
def snmpd(folder: Path, place: Sequence[str] = ()) -> Iterator[int]:
    """Run the agent on loopback until the block ends, and yield its port; ``place`` is where to run it."""
    folder.mkdir()
    port = PORT if place else free_port()
    users = [
        f'createUser {name} {_WORDS[auth]} "{AUTH_PASSWORD}" {_WORDS[privacy]} "{PRIVACY_PASSWORD}"\n'
        f"rouser {name} authPriv\n"
        for name, (auth, privacy) in USERS.items()
    ]
    configuration = folder / "snmpd.conf"
    configuration.write_text(f"agentAddress udp:127.0.0.1:{port}\nrocommunity {COMMUNITY}\n{''.join(users)}")
    command = [*place, find_peer("snmpd"), "-f", "-Lo", "-C", "-c", str(configuration), "-r"]
    command += ["-p", str(folder / "pid"), f"--persistentDir={folder / 'state'}"]
    log = (folder / "log").open("w")
    with log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while "NET-SNMP version" not in (folder / "log").read_text():
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < deadline, "snmpd did not start"
                time.sleep(0.05)
            yield port
        finally:
            process.kill()
