from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance.messages import Field, flow_set, ipfix, template
from tests.numbered_flows import NOON, SECOND, datagrams, numbers_in
from tidegauge.cli.main import UNREACHABLE, USAGE, run
from tidegauge.store.lake import Lake


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "export"
    path.write_bytes(b"".join(datagrams(range(40), NOON - SECOND)))
    return path


def test_elements_are_named_as_the_lake_says(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    capture, lake = tmp_path / "export.ipfix", Lake.create(tmp_path / "lake")
    capture.write_bytes(ipfix(template(256, [Field(1, 2, enterprise=64500)]), flow_set(256, b"\0\7")))
    (lake.path / "elements.csv").write_text("enterprise,id,name,type\n64500,1,acmeRule,unsigned16\n")
    assert run(["import", str(capture), "--lake", str(lake.path)]) == 0
    assert run(["flows", "--lake", str(lake.path), "--format", "json"]) == 0
    [flow] = json.loads(capfd.readouterr().out)
    assert [(each["element"], each["value"]) for each in flow["other"]] == [("acmeRule", "7")]
    (lake.path / "elements.csv").write_text("enterprise,id,name,type\n0,4,acmeProtocol,unsigned8\n")
    assert run(["import", str(capture), "--lake", str(lake.path)]) == UNREACHABLE
    assert "line 2: 0:4 is protocolIdentifier and keeps its meaning" in capfd.readouterr().err


def test_a_capture_is_imported(tmp_path: Path, capture: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lake = tmp_path / "lake"
    assert run(["import", str(capture), "--exporter", "192.0.2.7", "--lake", str(lake)]) == 0
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "imported 40 flows and 0 option records from 2 datagrams" in printed.err
    assert "skipped" not in printed.err
    assert numbers_in(Lake.open(lake)) == list(range(40))
    assert run(["top", "exporter", "--lake", str(lake), "--format", "json"]) == 0
    [row] = json.loads(capfd.readouterr().out)
    assert (row["exporter"], row["flows"]) == ("192.0.2.7", 40)


def test_malformed_parts_are_told_and_no_failure(
    tmp_path: Path, capture: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    capture.write_bytes(capture.read_bytes()[:-20])
    assert run(["import", str(capture), "--lake", str(tmp_path / "lake")]) == 0
    printed = capfd.readouterr().err
    assert "imported 39 flows" in printed
    assert "skipped: 1 truncated_record" in printed


def test_nothing_recognised_fails(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("no flow at all")
    assert run(["import", str(path), "--lake", str(tmp_path / "lake")]) == UNREACHABLE
    assert f"no flow exports found in {path}" in capfd.readouterr().err


def test_one_stranger_among_captures_is_told(
    tmp_path: Path, capture: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("no flow at all")
    assert run(["import", str(capture), str(path), "--lake", str(tmp_path / "lake")]) == 0
    assert f"{path}: no flow exports found" in capfd.readouterr().err


def test_a_missing_file_makes_no_lake(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["import", str(tmp_path / "none"), "--lake", str(tmp_path / "lake")]) == UNREACHABLE
    assert str(tmp_path / "none") in capfd.readouterr().err
    assert not (tmp_path / "lake").exists()


def test_an_exporter_is_an_address(tmp_path: Path, capture: Path) -> None:
    assert run(["import", str(capture), "--exporter", "router", "--lake", str(tmp_path / "lake")]) == USAGE


def test_arrivals_can_be_moved_to_now(
    tmp_path: Path, capture: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lake = tmp_path / "lake"
    assert run(["import", str(capture), "--at", "now", "--lake", str(lake)]) == 0
    assert run(["ledger", "--since", "1h", "--lake", str(lake), "--format", "json"]) == 0
    assert sum(row["stored"] for row in json.loads(capfd.readouterr().out)) == 40
