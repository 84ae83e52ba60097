"""Locks pin everything and name no address, so that they hold behind any mirror."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

PINNED = re.compile(r"^[a-z0-9-]+==\S+(?: ; [^\\]+)? \\\n    --hash=sha256:[0-9a-f]{64}", re.MULTILINE)


@pytest.mark.parametrize("name", ["runtime", "dev", "bootstrap"])
def test_python_locks_pin_and_hash_every_package(root: Path, name: str) -> None:
    text = (root / f"locks/{name}.txt").read_text()
    packages = PINNED.findall(text)
    lines = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(packages) == len(lines) > 0


def test_no_lock_names_an_address(root: Path) -> None:
    texts = {path.name: path.read_text() for path in (root / "locks").iterdir()}
    texts["package-lock.json"] = (root / "dashboard/package-lock.json").read_text()
    assert not [name for name, text in texts.items() if '"resolved"' in text or "--index-url" in text]
    assert not [name for name, text in texts.items() if name != "package-lock.json" and "://" in text]


def test_page_lock_has_a_digest_for_every_package(root: Path) -> None:
    packages = json.loads((root / "dashboard/package-lock.json").read_text())["packages"]
    bare = [name for name, package in packages.items() if name and "integrity" not in package]
    assert packages
    assert not bare
