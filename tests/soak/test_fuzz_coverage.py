"""How much of the code that reads strangers' bytes the kept inputs of the fuzz targets reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.coverage import lines_run_by
from tests.soak.record import record

# All of the core that reads what strangers wrote, and what tells of it as it goes.
PARSERS = (
    "capture/", "conntrack/", "decoder/", "dissection/", "export_file.rs", "inspection/", "ntp/",
    "packet/", "templates/", "wire/",
)  # fmt: skip
LEAST_PERCENT = 95

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]


def test_kept_inputs_reach_the_parsers(tmp_path: Path) -> None:
    ran = lines_run_by("replay", tmp_path)
    files = {name: ran[name] for name in sorted(ran) if name.startswith(PARSERS)}
    assert {part for part in PARSERS if not any(name.startswith(part) for name in files)} == set()
    lines = sum(one.lines for one in files.values())
    covered = sum(one.covered for one in files.values())
    told = {name: {"lines": one.lines, "covered": one.covered} for name, one in files.items()}
    percent = round(100 * covered / lines, 2)
    record("fuzz-coverage", {"lines": lines, "covered": covered, "percent": percent, "files": told})
    missed = {name: one.missed for name, one in files.items() if one.missed}
    assert percent >= LEAST_PERCENT, missed
