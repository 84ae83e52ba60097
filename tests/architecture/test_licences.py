"""What we build on may be shipped under Apache-2.0."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
}


def is_allowed(expression: str) -> bool:
    """Whether one of the alternatives of an SPDX expression asks only for what we allow."""
    alternatives = re.split(r" OR |/", expression.replace("(", "").replace(")", ""))
    return any(all(part.strip() in ALLOWED for part in one.split(" AND ")) for one in alternatives)


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [("MIT OR GPL-3.0", True), ("MIT AND GPL-3.0", False), ("MIT/Apache-2.0", True), ("", False)],
)
def test_expressions_are_understood(expression: str, verdict: bool) -> None:
    assert is_allowed(expression) is verdict


def test_crates_are_free(root: Path) -> None:
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    command += ["--filter-platform", "x86_64-unknown-linux-gnu"]
    result = subprocess.run(command, cwd=root / "rust", capture_output=True, text=True, check=True)
    packages = json.loads(result.stdout)["packages"]
    refused = {package["name"] for package in packages if not is_allowed(package["license"] or "")}
    assert packages
    assert not refused


def test_what_the_page_ships_is_free(root: Path) -> None:
    packages = json.loads((root / "dashboard/package-lock.json").read_text())["packages"]
    shipped = {name: package for name, package in packages.items() if name and not package.get("dev")}
    refused = [name for name, package in shipped.items() if not is_allowed(package.get("license", ""))]
    assert shipped
    assert not refused
