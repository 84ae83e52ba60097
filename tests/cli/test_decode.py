from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance.messages import Field, flow_set, ipfix, template
from tests.numbered_flows import datagrams
from tidegauge.cli.main import UNREACHABLE, run


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
