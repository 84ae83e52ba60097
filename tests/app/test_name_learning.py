from __future__ import annotations

import pytest

from tests.app.test_file_follower import NOW
from tidegauge.app.followed_names import FollowedNames
from tidegauge.app.name_following import NameFollowing
from tidegauge.app.name_learning import names_followed
from tidegauge.store.lake import Lake

WANTED = FollowedNames(files=("dns.log",), syslog=("udp://127.0.0.1:0",))


def test_where_names_are_received_is_told(lake: Lake) -> None:
    with names_followed(lake, WANTED, lambda: NOW) as places:
        assert [place.rpartition(":")[0] for place in places] == ["syslog://127.0.0.1"]


def test_what_matters_more_goes_on_where_names_cannot_be_followed(
    lake: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    first = NameFollowing(lake, WANTED, lambda: NOW)
    first.start()
    with names_followed(lake, WANTED, lambda: NOW) as places:
        assert places == []
        assert [record.message for record in caplog.records] == ["names are not followed"]
    first.stop()


def test_nobody_is_kept_from_following_by_who_wants_nothing(lake: Lake) -> None:
    with names_followed(lake, FollowedNames(), lambda: NOW) as places:
        assert places == []
        other = NameFollowing(lake, WANTED, lambda: NOW)
        other.start()
        other.stop()
