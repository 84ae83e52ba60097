from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from tidegauge.lab.activity import DAY, HOUR, MINUTE, Activity
from tidegauge.lab.dhcp import LEASE
from tidegauge.lab.story import OPENING, story
from tidegauge.lab.truth import SESSION_GAP

MIDNIGHT = 20_000 * DAY


def told(who: str, service: str) -> list[Activity]:
    return [
        activity
        for activity in story(MIDNIGHT, Random(1))
        if (activity.who, activity.service.name) == (who, service)
    ]


@pytest.mark.parametrize(
    ("who", "service", "times", "total_bytes", "minutes"),
    [
        ("John", "YouTube", 1, 500_000_000, 30),
        ("Alex", "Dropbox", 1, 2_000_000_000, 6),
        ("file-server", "CloudBackup", 9, 11_999_999_997, 90),
        ("Laura", "Webmail", 4, 12_000_000, 24),
    ],
)
def test_amounts_are_round(who: str, service: str, times: int, total_bytes: int, minutes: int) -> None:
    activities = told(who, service)
    assert len(activities) == times
    assert sum(activity.bytes_up + activity.bytes_down for activity in activities) == total_bytes
    assert sum(activity.end - activity.start for activity in activities) == minutes * MINUTE


def test_sarah_sends_ten_small_mails() -> None:
    mails = told("Sarah", "Gmail-SMTP")
    assert [mail.bytes_up for mail in mails] == [18_000] * 10


def test_mails_can_be_told_apart_as_sessions() -> None:
    mails = told("Sarah", "Gmail-SMTP")
    assert all(later.start - earlier.end >= SESSION_GAP for earlier, later in pairwise(mails))


def test_a_tablet_is_used_after_a_laptop_has_left() -> None:
    (before,) = told("Daniel", "Dropbox")
    (after,) = told("Ravi", "Spotify")
    assert before.end < MIDNIGHT + 12 * HOUR < after.start - LEASE


def test_somebody_scans_at_three_in_the_night() -> None:
    night, _ = told("meeting-room-laptop", "ServerRoom")
    assert night.start == MIDNIGHT + 3 * HOUR
    assert night.connections == 3000


def test_the_page_opens_in_the_middle_of_it() -> None:
    opening = MIDNIGHT + OPENING
    for who, service in (("John", "YouTube"), ("Alex", "Dropbox")):
        (activity,) = told(who, service)
        assert activity.start < opening < activity.end
    assert told("Sarah", "Gmail-SMTP")[-1].start > opening
    _, daytime = told("meeting-room-laptop", "ServerRoom")
    assert opening < daytime.start < opening + MINUTE
