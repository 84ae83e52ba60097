from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import Terminal
from tests.flow_sender import send
from tests.numbered_flows import numbers_in
from tidegauge.cli.main import UNREACHABLE
from tidegauge.ntp.client import query
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.store.lake import Lake

CONFIGURATION = """\
lake = "lake"
[collect]
listen = ["udp://127.0.0.1:0"]
[serve]
http = "127.0.0.1:0"
[time.serve]
listen = "udp://127.0.0.1:0"
local_stratum = 7
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_runs_everything_until_a_signal_and_loses_nothing(tmp_path: Path, number: signal.Signals) -> None:
    file = tmp_path / "tidegauge.toml"
    file.write_text(CONFIGURATION)
    command = [sys.executable, "-m", "tidegauge", "run", "--config", str(file)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            told: dict[str, str] = {}
            while len(told) < 3 and (line := process.stderr.readline()):
                if line.startswith("listening "):
                    told[line.split()[1].partition("://")[0]] = line.split()[1]
            send(ListenAddress.parse(told["udp"]), range(60))
            assert query("127.0.0.1", int(told["ntp"].rpartition(":")[2])).stratum == 7
            process.send_signal(number)
            assert process.wait(20) == 0
        finally:
            process.kill()
    assert numbers_in(Lake.open(tmp_path / "lake")) == list(range(60))


def test_without_a_configuration_one_is_shown(terminal: Terminal, tmp_path: Path) -> None:
    ran = terminal("run", "--config", str(tmp_path / "none.toml"))
    assert ran.code == UNREACHABLE
    assert "[collect]" in ran.err
