"""Applications of a real NBAR2 table: the ids in a Cisco router's flows, by the names it gave them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import answer, tidegauge

pytestmark = pytest.mark.conformance

NBAR = "logstash-plugins__logstash-codec-netflow/spec/codecs/netflow9_test_cisco_nbar"


@pytest.mark.proves("E11", "E12")
def test_ids_are_called_what_the_router_calls_them(captures_path: Path, tmp_path: Path) -> None:
    """The table in the capture has ids of protocols only: that of a port has IANA's name, engine 5 none."""
    lake = str(tmp_path / "lake")
    parts = [f"{captures_path / NBAR}_{part}.dat" for part in ("opttpl260", "tpl262", "data262")]
    tidegauge("import", "--lake", lake, "--one-session", *parts)
    found = {row["application"]: row["flows"] for row in answer("top", "application", "--lake", lake)}
    assert found == {"5:38": 2, "icmp": 2, "ntp": 1}
