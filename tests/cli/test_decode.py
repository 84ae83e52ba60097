from __future__ import annotations

import json
from pathlib import Path
from threading import Thread

import pytest

from tests.conformance.messages import Field, flow_set, ipfix, template
from tests.flow_sender import send
from tests.numbered_flows import datagrams
from tests.ports import free_port
from tidegauge.cli.main import UNREACHABLE, USAGE, run
from tidegauge.receiving.listen_address import ListenAddress


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "export"
    path.write_bytes(b"".join(datagrams(range(40))))
    return path


def test_a_record_a_line(capture: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["decode", str(capture)]) == 0
    records = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert len(records) == 40
    assert {"element": "octetDeltaCount", "value": "39", "raw": "00000027"} in records[39]["elements"]


def test_one_list(capture: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(["decode", str(capture)])
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert run(["decode", str(capture), "--format", "json"]) == 0
    assert json.loads(capfd.readouterr().out) == lines


def test_malformed_parts_are_told_and_no_failure(capture: Path, capfd: pytest.CaptureFixture[str]) -> None:
    capture.write_bytes(capture.read_bytes()[:-20])
    assert run(["decode", str(capture)]) == 0
    printed = capfd.readouterr()
    assert len(printed.out.splitlines()) == 39
    assert printed.err == "skipped: 1 truncated_record\n"


def test_nothing_recognised_fails(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("no flow at all")
    assert run(["decode", str(path), "--format", "json"]) == UNREACHABLE
    printed = capfd.readouterr()
    assert json.loads(printed.out) == []
    assert f"no flow exports found in {path}" in printed.err


def test_a_missing_file_fails(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["decode", str(tmp_path / "none")]) == UNREACHABLE
    assert "none cannot be read" in capfd.readouterr().err


def test_elements_are_named_as_a_file_says(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    capture, listed = tmp_path / "export.ipfix", tmp_path / "elements.csv"
    capture.write_bytes(ipfix(template(256, [Field(1, 2, enterprise=64500)]), flow_set(256, b"\0\7")))
    listed.write_text("enterprise,id,name,type\n64500,1,acmeRule,unsigned16\n")
    for options, named in (
        ([], {"element": "64500:1", "value": None, "raw": "0007"}),
        (["--elements", str(listed)], {"element": "acmeRule", "value": "7", "raw": "0007"}),
    ):
        assert run(["decode", str(capture), *options]) == 0
        assert json.loads(capfd.readouterr().out)["elements"] == [named]
    listed.write_text("enterprise,id,name,type\n64500,1,acmeRule,unsigned17\n")
    assert run(["decode", str(capture), "--elements", str(listed)]) == UNREACHABLE
    assert f"{listed}: line 2: there is no type 'unsigned17'; perhaps unsigned16" in capfd.readouterr().err


def test_messages_on_the_wire(capture: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["decode", "--wire", str(capture)]) == 0
    messages = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [len(message["records"]) for message in messages] == [30, 10]
    octets = messages[0]["records"][7]["elements"][6]
    assert octets == {
        "offset": 24 + 7 * 48 + 20,
        "length": 4,
        "id": 1,
        "name": "octetDeltaCount",
        "value": "7",
    }
    assert run(["decode", "--wire", "--raw", "--format", "json", str(capture)]) == 0
    [message, _] = json.loads(capfd.readouterr().out)
    assert message["records"][7]["elements"][6] == octets | {"raw": "00000007"}


def test_every_byte_of_a_message_has_its_place(capture: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(["decode", "--wire", str(capture)])
    message = json.loads(capfd.readouterr().out.splitlines()[0])
    spans = [*message["header"], *(each for record in message["records"] for each in record["elements"])]
    ends = [span["offset"] + span["length"] for span in spans]
    assert [0, *ends[:-1]] == [span["offset"] for span in spans]
    assert ends[-1] == message["length"]


def test_lines_for_people(capture: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["decode", "--wire", "--format", "text", str(capture)]) == 0
    printed = capfd.readouterr().out.splitlines()
    assert printed[0].startswith("message 1: netflow5, 1464 bytes, from :: port 0, at an unknown time")
    assert "  @20       1  engineType = 0" in printed


def test_what_arrives_is_shown_live(capfd: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    watching = Thread(
        target=run, args=(["decode", "--wire", "--listen", f"udp://127.0.0.1:{port}", "--count", "2"],)
    )
    watching.start()
    while watching.is_alive():
        send(ListenAddress("127.0.0.1", port), [1])
        watching.join(0.05)
    printed = capfd.readouterr()
    assert len(printed.out.splitlines()) == 2
    assert printed.err == f"listening udp://127.0.0.1:{port}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name files to decode"),
        (["--wire"], "name files to decode"),
        (["--listen", "udp://127.0.0.1:1"], "they need --wire"),
        (["--format", "text", "file"], "they need --wire"),
        (["--wire", "--listen", "tcp://127.0.0.1:1"], "listeners are written udp://HOST:PORT"),
        (["--wire", "--listen", "udp://127.0.0.1:1", "file"], "name files to decode"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    arguments: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["decode", *arguments]) == USAGE
    assert said in capfd.readouterr().err
