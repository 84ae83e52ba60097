"""The office story: what the IT manager should be able to read off the page, at times that never vary.

The rest of a day is drawn at random; these few things happen every day, to the byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.lab import activity
from tidegauge.lab.activity import GIGABYTE, HOUR, KILOBYTE, MEGABYTE, MINUTE, SECOND, Activity
from tidegauge.lab.people import FILE_SERVER, MEETING_ROOM_LAPTOP, person

if TYPE_CHECKING:
    from random import Random

STREAM_BYTES = 500 * MEGABYTE
STREAM_MINUTES = 30
MAILS = 10
MAIL_BYTES = 18 * KILOBYTE
DOWNLOAD_BYTES = 2 * GIGABYTE
BACKUP_BYTES = 12 * GIGABYTE

# The live office opens here: John, Sarah and Alex are at it, the second scan is seconds away.
OPENING = 10 * HOUR + 35 * MINUTE


def story(midnight: int, random: Random) -> list[Activity]:
    """Return the fixed part of the day that starts at ``midnight``."""
    return [
        *_backup(midnight),
        *_scans(midnight),
        *_streaming(midnight),
        *_mails(midnight, random),
        *_download(midnight),
    ]


def _backup(midnight: int) -> list[Activity]:
    """The file server's nightly copy to the cloud: an hour and a half at 18 Mbit/s."""
    start = midnight + HOUR
    seconds = 90 * 60
    return [activity.transfer("file-server", FILE_SERVER, "CloudBackup", start, seconds, up=BACKUP_BYTES)]


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
    sarah = person("Sarah")
    start = midnight + 10 * HOUR + 3 * MINUTE
    return [
        activity.send_mail("Sarah", sarah.laptop, start + number * 5 * MINUTE, random, MAIL_BYTES)
        for number in range(MAILS)
    ]


def _download(midnight: int) -> list[Activity]:
    alex = person("Alex")
    start = midnight + OPENING - MINUTE
    return [activity.transfer("Alex", alex.laptop, "Dropbox", start, 6 * 60, down=DOWNLOAD_BYTES)]
