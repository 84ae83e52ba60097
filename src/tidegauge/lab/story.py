"""The office story: what the IT manager should be able to read off the page, at times that never vary.

The rest of a day is drawn at random; these few things happen every day, to the byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.lab import activity
from tidegauge.lab.activity import GIGABYTE, HOUR, KILOBYTE, MEGABYTE, MINUTE, SECOND, Activity
from tidegauge.lab.people import (
    FILE_SERVER,
    GUARD_PHONE,
    MEETING_ROOM_LAPTOP,
    TABLET,
    VISITOR_PHONE,
    person,
)

if TYPE_CHECKING:
    from random import Random

STREAM_BYTES = 500 * MEGABYTE
STREAM_MINUTES = 30
MAILS = 10
MAIL_BYTES = 18 * KILOBYTE
DOWNLOAD_BYTES = 2 * GIGABYTE
BACKUP_BYTES = 12 * GIGABYTE
BACKUP_FILES = 9
WEBMAIL_SESSIONS = 4
WEBMAIL_BYTES = 3 * MEGABYTE

LOOK_FOR = (
    "John watches YouTube: half an hour, 500 MB",
    "Sarah hands over ten mails, one by one; Laura uses webmail, where nobody can count them",
    "Alex downloads 2 GB from Dropbox",
    "Elena's browser asks for names in secret: her sites stay unknown",
    "meeting-room-laptop scans the servers at 03:00, and again within seconds",
    "the clock of edge2 is five minutes fast",
)
"""What there is to find, in the words of whoever knows."""

# The live office opens here: John, Sarah and Alex are at it, the second scan is seconds away.
OPENING = 10 * HOUR + 35 * MINUTE


def story(midnight: int, random: Random) -> list[Activity]:
    """Return the fixed part of the day that starts at ``midnight``."""
    return [
        *_backup(midnight),
        *_scans(midnight),
        *_streaming(midnight),
        *_mails(midnight, random),
        *_webmail(midnight),
        *_download(midnight),
        *_second_hands(midnight),
    ]


def _backup(midnight: int) -> list[Activity]:
    """The file server's nightly copy to the cloud: an hour and a half at 18 Mbit/s, a connection a file."""
    seconds = 90 * 60 // BACKUP_FILES
    size = BACKUP_BYTES // BACKUP_FILES
    starts = [midnight + HOUR + number * seconds * SECOND for number in range(BACKUP_FILES)]
    return [
        activity.transfer("file-server", FILE_SERVER, "CloudBackup", start, seconds, up=size)
        for start in starts
    ]


def _scans(midnight: int) -> list[Activity]:
    laptop = MEETING_ROOM_LAPTOP
    return [
        activity.scan(laptop.name, laptop, midnight + 3 * HOUR, hosts=250, ports=12),
        activity.scan(laptop.name, laptop, midnight + OPENING + 3 * SECOND, hosts=60, ports=12),
    ]


def _streaming(midnight: int) -> list[Activity]:
    john = person("John")
    start = midnight + 10 * HOUR + 30 * MINUTE
    seconds = STREAM_MINUTES * 60
    return [activity.transfer("John", john.laptop, "YouTube", start, seconds, down=STREAM_BYTES)]


def _mails(midnight: int, random: Random) -> list[Activity]:
    """Sarah's mail program hands over ten mails, one a session: whoever counts sessions counts mails."""
    sarah = person("Sarah")
    start = midnight + 10 * HOUR + MINUTE
    return [
        activity.send_mail("Sarah", sarah.laptop, start + number * 6 * MINUTE, random, MAIL_BYTES)
        for number in range(MAILS)
    ]


def _webmail(midnight: int) -> list[Activity]:
    """Laura writes mail in the browser: how many, nobody can tell from outside."""
    laura = person("Laura")
    starts = [midnight + 10 * HOUR + 32 * MINUTE + number * 90 * MINUTE for number in range(WEBMAIL_SESSIONS)]
    return [
        activity.transfer("Laura", laura.laptop, "Webmail", start, 6 * 60, down=WEBMAIL_BYTES)
        for start in starts
    ]


def _download(midnight: int) -> list[Activity]:
    alex = person("Alex")
    start = midnight + OPENING - MINUTE
    return [activity.transfer("Alex", alex.laptop, "Dropbox", start, 6 * 60, down=DOWNLOAD_BYTES)]


def _second_hands(midnight: int) -> list[Activity]:
    """What goes on at addresses that have changed hands.

    Daniel takes his laptop to a customer at noon; Ravi's tablet, new here, has its address in the
    afternoon, and a visitor has the next. At night the guard's phone has that of the first to go home.
    """
    daniel = person("Daniel")
    return [
        activity.transfer("Daniel", daniel.laptop, "Dropbox", midnight + 11 * HOUR, 600, up=300 * MEGABYTE),
        activity.transfer("Ravi", TABLET, "Spotify", midnight + 15 * HOUR, 3600, down=90 * MEGABYTE),
        activity.transfer(
            VISITOR_PHONE.name,
            VISITOR_PHONE,
            "Instagram",
            midnight + 15 * HOUR + 20 * MINUTE,
            600,
            down=80 * MEGABYTE,
        ),
        activity.transfer(
            GUARD_PHONE.name, GUARD_PHONE, "Netflix", midnight + 21 * HOUR, 1800, down=150 * MEGABYTE
        ),
    ]
