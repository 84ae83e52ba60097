"""Words are written once: what is generated equals what is committed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "generator", ["schema/generate.py", "scripts/commands.py", "scripts/conformance.py", "scripts/figures.py"]
)
def test_generated_files_have_not_drifted(root: Path, generator: str) -> None:
    command = [sys.executable, generator, "--check"]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_requirement_of_the_protocols_has_a_proof(root: Path) -> None:
    rows = (root / "docs/reference/conformance.md").read_text().splitlines()
    unproved = [row for row in rows if row.startswith("| ") and row.endswith("| — |")]
    assert not unproved, "mark the test that proves it with pytest.mark.proves"
