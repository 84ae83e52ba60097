"""Every vector of the time conformance set, each a test of its own name, and the runner that others use."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Terminal
from tests.conformance.time_vectors.run import (
    FOLDER,
    SOURCE_PORT,
    Vector,
    capture,
    instant,
    mistakes,
    payload,
    vectors,
)
from tests.surroundings import ROOT
from tidegauge._core import Decoder
from tidegauge.store.batch_rows import batch_rows

VECTORS = {vector["name"]: vector for vector in vectors()}
QUESTIONS = {"bucket": ("series", "--step", "60s", "--metrics", "bytes"), "clock": ("clocks",)}


@pytest.fixture
def terminal(capfd: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capfd)


def decoded(vector: Vector) -> list[dict[str, Any]]:
    decoder = Decoder()
    for datagram in vector["datagram"]:
        arrival = instant(datagram["arrival"])
        assert arrival is not None
        decoder.feed(payload(datagram), "192.0.2.1", SOURCE_PORT, arrival)
    columns = ("src_port", "start", "end")
    batches = [batch for batch in [*decoder.drain(), *decoder.close()] if batch.table == "flows"]
    return [dict(zip(columns, row, strict=True)) for batch in batches for row in batch_rows(batch, columns)]


@pytest.mark.parametrize("name", VECTORS)
def test_times_are_told_as_the_vector_says(name: str) -> None:
    assert mistakes(VECTORS[name], "flow", decoded(VECTORS[name])) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name, vector in VECTORS.items() for kind in QUESTIONS if kind in vector],
)
def test_questions_are_answered_as_the_vector_says(
    terminal: Terminal, tmp_path: Path, name: str, kind: str
) -> None:
    file, lake = tmp_path / "vector.pcapng", str(tmp_path / "lake")
    file.write_bytes(capture(VECTORS[name]))
    assert terminal("import", "--lake", lake, str(file)).code == 0
    rows = terminal(*QUESTIONS[kind], "--lake", lake, "--format", "ndjson").rows
    assert mistakes(VECTORS[name], kind, rows) == []


def test_each_item_of_the_list_has_a_vector() -> None:
    assert {vector["number"] for vector in VECTORS.values()} == set(range(1, 16))
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(VECTORS)
    page = (ROOT / "docs/reference/time-vectors.md").read_text()
    assert [vector["name"] for vector in vectors() if f"| `{vector['name']}` |" not in page] == []


def test_a_wrong_collector_fails(tmp_path: Path) -> None:
    """One that takes unsigned differences of uptimes is 49.7 days off, and the runner says so."""
    vector = VECTORS["netflow5-flow-across-the-wrap"]
    [right] = decoded(vector)
    wrong = right | {"start": right["start"] + 2**32 * 10**6}
    assert mistakes(vector, "flow", [wrong]) == [
        f"start of port 1 is {wrong['start']}, not {vector['flow'][0]['start']}, +4294967.296 s"
    ]
    told = tmp_path / "told.ndjson"
    told.write_text(json.dumps(wrong))
    run = run_set("--flows", f"sh -c 'cat {told}'", "netflow5-flow-across-the-wrap", "ipfix-seconds")
    assert run.returncode == 1
    assert "FAILED    1 netflow5-flow-across-the-wrap" in run.stdout


def test_the_runner_says_what_it_did_not_run() -> None:
    run = run_set("--has", "ipfix", "sflow5-uptime-only", "ipfix-late-record")
    assert run.returncode == 0
    assert "not run  15 sflow5-uptime-only" in run.stdout
    assert "needs sflow5" in run.stdout
    assert "not run: --series" in run.stdout
    assert run.stdout.endswith("0 ok, 0 FAILED, 2 not run\n")


def test_the_runner_runs_tidegauge() -> None:
    ours = ROOT / "tests/conformance/time_vectors/tidegauge.sh"
    run = run_set("--flows", f"{ours} flows", "netflow9-after-2106")
    assert run.stdout.endswith("1 ok, 0 FAILED, 0 not run\n"), run.stdout + run.stderr


def run_set(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(FOLDER / "run.py"), *arguments]
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={"PATH": path}
    )
