from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.app.followed_names import FollowedNames, followed_names
from tidegauge.receiving.listen_address import ListenAddress
from tidegauge.store.errors import LakeUnreadableError


def test_nothing_is_followed_unless_somebody_says_so(tmp_path: Path) -> None:
    assert not followed_names(tmp_path)
    (tmp_path / "follow.toml").write_text("")
    assert not followed_names(tmp_path)


def test_paths_are_taken_from_the_folder_on(tmp_path: Path) -> None:
    (tmp_path / "follow.toml").write_text(
        'files = ["/var/log/dns.log", "leases"]\ndnstap = ["tap"]\nsyslog = ["udp://[::1]:514"]\n'
    )
    found = followed_names(tmp_path)
    assert found == FollowedNames(
        files=("/var/log/dns.log", str(tmp_path / "leases")),
        dnstap=(str(tmp_path / "tap"),),
        syslog=("udp://[::1]:514",),
    )
    assert found.syslog_addresses == [ListenAddress("::1", 514)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('file = "x"', "unknown field `file`"),
        ('files = "x"', "Expected `array`"),
        ('time_zone = "Mars"', "unknown time zone 'Mars'"),
        ('syslog = ["udp://localhost:514"]', "the host is an IP address"),
        ("files = [", "follow.toml"),
    ],
)
def test_a_mistake_is_told_with_its_file(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "follow.toml").write_text(text)
    with pytest.raises(LakeUnreadableError) as error:
        followed_names(tmp_path)
    assert said in str(error.value)
    assert "follow.toml" in str(error.value)
