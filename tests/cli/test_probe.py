from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tidegauge.cli.main import run
from tidegauge.cli.probe import summary
from tidegauge.metering.probe import Metered


@pytest.fixture
def packets(root: Path) -> str:
    return str(root / "tests/data/packets.pcap")


def test_one_line_says_what_was_metered_and_sent(packets: str, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector:
        collector.bind(("127.0.0.1", 0))
        target = f"ipfix+udp://127.0.0.1:{collector.getsockname()[1]}"
        assert run(["probe", "--read", packets, "--export", target, "--idle-timeout", "5"]) == 0
        assert collector.recv(65536)[:2] == b"\x00\x0a"
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("metered 528 packets (252301 bytes) into ")
    assert f"sent to {target} in " in err
    assert err.count("\n") == 1


def test_what_is_wrong_with_a_target_is_said(packets: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["probe", "--read", packets, "--export", "udp://127.0.0.1:2055"]) == 2
    assert "exports are written netflow5+udp://HOST:PORT" in capsys.readouterr().err


def test_a_capture_that_cannot_be_read_ends_with_4(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    readme = str(root / "README.md")
    assert run(["probe", "--read", readme, "--export", "ipfix+udp://127.0.0.1:4739"]) == 4
    assert f"{readme}: not a capture" in capsys.readouterr().err


def test_a_collector_that_is_not_there_ends_with_4(packets: str, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        target = f"ipfix+udp://127.0.0.1:{gone.getsockname()[1]}"
    assert run(["probe", "--read", packets, "--export", target]) == 4
    assert f"cannot export to {target}" in capsys.readouterr().err


def test_a_capture_without_ip_ends_with_4(
    root: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "empty.pcap"
    path.write_bytes((root / "tests/data/packets.pcap").read_bytes()[:24])
    assert run(["probe", "--read", str(path), "--export", "ipfix+udp://127.0.0.1:4739"]) == 4
    assert "holds no IP packets" in capsys.readouterr().err


def test_an_interface_or_a_file_is_needed_and_not_both(
    packets: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for given in ([], ["--read", packets, "--interface", "lo"]):
        assert run(["probe", *given, "--export", "ipfix+udp://127.0.0.1:4739"]) == 2
        assert "give either --interface NAME to listen, or --read FILE" in capsys.readouterr().err


def test_a_capture_becomes_answers_without_a_collector(
    packets: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = str(tmp_path / "lake")
    assert run(["probe", "--read", packets, "--lake", lake]) == 0
    assert f"sent to {lake} in " in capsys.readouterr().err
    assert run(["top", "src_addr", "--lake", lake, "--format", "json", "--limit", "0"]) == 0
    assert sum(row["packets"] for row in json.loads(capsys.readouterr().out)) == 528


def test_flows_have_to_go_somewhere(packets: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["probe", "--read", packets]) == 2
    assert "say where the flows go" in capsys.readouterr().err
    assert run(["probe", "--interface", "lo", "--lake", "here"]) == 2
    assert "--lake goes with --read" in capsys.readouterr().err


def test_an_interface_that_is_not_there_ends_with_4(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["probe", "--interface", "absent0", "--export", "ipfix+udp://127.0.0.1:4739"]) == 4
    assert "cannot listen at absent0: there is no interface absent0" in capsys.readouterr().err


def test_who_may_not_listen_is_told_the_capability_and_how_to_give_it() -> None:
    command = [sys.executable, "-m", "tidegauge", "probe", "--interface", "lo"]
    command += ["--export", "ipfix+udp://127.0.0.1:4739"]
    if os.geteuid() == 0:
        command = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw", *command]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 4
    assert "cannot listen at lo: user " in ended.stderr
    for remedy in ("CAP_NET_RAW", "sudo", "AmbientCapabilities", "setcap cap_net_raw+ep"):
        assert remedy in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_summary_says_what_the_kernel_dropped_and_whom_nobody_heard() -> None:
    counters = {"packets": 3, "bytes": 300, "flows": 2, "kernel_dropped": 7}
    line = summary(Metered(counters, datagrams=2, refusals=1), ["ipfix+udp://[::1]:4739"])
    assert "in 2 datagrams, 1 of them refused: nobody listened; the kernel dropped 7 frames" in line


def test_translations_are_not_in_a_capture(packets: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["probe", "--read", packets, "--nat", "--export", "ipfix+udp://127.0.0.1:4739"]) == 2
    assert "a capture does not tell what was translated" in capsys.readouterr().err


@pytest.mark.peers
def test_without_the_right_to_follow_translations_the_ways_to_it_are_named() -> None:
    poor = [
        "setpriv",
        "--bounding-set=-net_admin",
        sys.executable,
        "-m",
        "tidegauge",
        "probe",
        "--nat-events",
    ]
    done = subprocess.run(
        [*poor, "--export", "ipfix+udp://127.0.0.1:4739"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 4
    assert "cannot follow address translation" in done.stderr
    assert "AmbientCapabilities=CAP_NET_ADMIN" in done.stderr


def test_a_file_is_written_that_imports_as_what_was_metered(
    packets: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, lake = tmp_path / "flows.ipfix", str(tmp_path / "lake")
    assert run(["probe", "--read", packets, "--export", f"ipfix+file:{file}"]) == 0
    assert f"sent to ipfix+file:{file} in " in capsys.readouterr().err
    assert run(["import", str(file), "--lake", lake, "--exporter", "192.0.2.9"]) == 0
    assert run(["top", "exporter", "--lake", lake, "--format", "json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["exporter"], row["packets"], row["bytes"]) == ("192.0.2.9", 528, 252_301)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--export", "netflow9+udp://127.0.0.1:2055", "--biflow"], "--biflow needs IPFIX"),
        (["--export", "netflow5+udp://127.0.0.1:2055", "--observation-domain", "65536"], "below 65536"),
    ],
)
def test_what_a_protocol_cannot_say_is_a_usage_error(
    packets: str, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run(["probe", "--read", packets, *words]) == 2
    assert said in capsys.readouterr().err


def test_both_directions_are_one_record_where_that_is_wanted(
    packets: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = str(tmp_path / "lake")
    wanted = ["--lake", lake, "--biflow", "--observation-domain", "7"]
    file = f"ipfix+file:{tmp_path}/flows.ipfix"
    assert run(["probe", "--read", packets, *wanted, "--export", file]) == 0
    capsys.readouterr()
    assert run(["decode", str(tmp_path / "flows.ipfix")]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {record["observation_domain"] for record in records} == {7}
    elements = {element["element"] for record in records for element in record["elements"]}
    assert {"reverseOctetDeltaCount", "reversePacketDeltaCount", "biflowDirection"} <= elements
    assert run(["top", "exporter", "--lake", lake, "--format", "json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["packets"], row["bytes"]) == (528, 252_301)
