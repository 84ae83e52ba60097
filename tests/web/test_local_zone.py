from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.web.local_zone import local_zone


@pytest.mark.parametrize(
    ("told", "leads_to", "zone"),
    [
        ("", "usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"),
        ("", "usr/share/zoneinfo/Etc/UTC", "UTC"),
        ("", "somewhere/else", "UTC"),
        (":Asia/Kathmandu", "usr/share/zoneinfo/Europe/Berlin", "Asia/Kathmandu"),
        ("CET-1CEST", "usr/share/zoneinfo/Europe/Berlin", "UTC"),
    ],
)
def test_the_zone_of_this_machine_has_a_name(
    told: str, leads_to: str, zone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", told)
    link = tmp_path / "localtime"
    link.symlink_to(tmp_path / leads_to)
    assert local_zone(link) == zone
