"""The wheel runs where there is Python and nothing else: no cargo, no node, no source tree."""

from __future__ import annotations

import json
import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.peers.softflowd import PACKETS, recorded
from tests.peers.totals import packets_by_source
from tests.surroundings import ROOT

pytestmark = pytest.mark.packaging


@pytest.fixture(scope="module")
def wheel() -> Path:
    (path,) = (ROOT / "dist").glob("*.whl")
    return path


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds the wheel and its locked dependencies."""
    environment = tmp_path_factory.mktemp("bare") / "venv"
    uv = os.environ.get("UV", "uv")
    subprocess.run([uv, "venv", "--quiet", "--python", "3.11", str(environment)], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", str(environment)]
    subprocess.run([*install, "--require-hashes", "-r", str(ROOT / "locks/runtime.txt")], check=True)
    subprocess.run([*install, "--no-deps", "--no-index", str(wheel)], check=True)
    return environment / "bin"


def tidegauge(bare: Path, *arguments: str) -> str:
    """Run the installed command with a PATH that holds nothing but its own environment."""
    result = subprocess.run(
        [str(bare / "tidegauge"), *arguments],
        env={"PATH": str(bare), "HOME": str(bare.parent)},
        cwd=bare,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return result.stdout


def test_wheel_serves_every_python_from_3_11(wheel: Path) -> None:
    assert "-cp311-abi3-" in wheel.name


def test_wheel_holds_the_page_and_no_build_material(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "tidegauge/web/static/index.html" in names
    assert "tidegauge/py.typed" in names
    material = (".rs", ".tsx", "Cargo.toml", "pyproject.toml", "package.json")
    assert not [name for name in names if name.endswith(material) or "node_modules" in name]


def test_wheel_holds_the_tables_and_reports_that_come_along(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"tidegauge/names/services.toml", "tidegauge/names/ports.csv"} <= names
    assert "tidegauge/analysis/reports/shipped/weekly.toml" in names


def test_version_is_the_one_of_the_workspace(bare: Path) -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "rust/Cargo.toml").read_text(), re.MULTILINE)
    assert version
    assert version[1] in tidegauge(bare, "--version")


def test_installed_command_imports_and_answers(bare: Path, tmp_path: Path) -> None:
    lake = str(tmp_path / "lake")
    tidegauge(bare, "import", "--lake", lake, str(recorded("ipfix")))
    rows = json.loads(tidegauge(bare, "top", "src_addr", "--lake", lake, "--limit", "0", "--format", "json"))
    assert {row["src_addr"]: (row["bytes"], row["packets"]) for row in rows} == packets_by_source(PACKETS)
