from __future__ import annotations

import pytest

from tests.names.told import DATA, Told, read, told
from tidegauge.names.sources.windows_dns import NO_ADDRESS, WindowsDns

SOURCE = WindowsDns()
LOG = (DATA / "windows-dns.log").read_bytes()


def test_answers_sent_to_clients_with_their_times_to_live() -> None:
    bindings, refused = read(SOURCE, LOG)
    assert told(bindings) == [
        Told("site", "162.125.66.18", "www.dropbox.com", "18:18:00", "20:18:00", "192.168.10.90")
    ]
    assert refused == {NO_ADDRESS: 1}


def packet(date: str, half: str = "") -> bytes:
    return (
        f"{date}{half} 0C1C PACKET  00000005D8F8BC40 UDP Snd 10.0.0.5        0747 R Q [8081   DR  NOERROR] A"
        "      (1)a(7)example(0)\r\n    ANSWER SECTION:\r\n      TTL    60\r\n      DATA   192.0.2.1\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("content", "since"),
    [
        (packet("11/23/2026 6:18:00", " PM"), "18:18:00"),
        (packet("11/23/2026 12:05:00", " AM"), "00:05:00"),
        (packet("23/11/2026 18:18:00"), "18:18:00"),
        (packet("23.11.2026 18:18:00"), "18:18:00"),
        (packet("2026/11/23 18:18:00"), "18:18:00"),
    ],
    ids=["American", "midnight", "British", "German", "Japanese"],
)
def test_dates_as_countries_write_them(content: bytes, since: str) -> None:
    [row] = told(read(SOURCE, content)[0])
    assert (row.since, row.name) == (since, "a.example")


def test_of_day_and_month_the_later_date_that_is_not_to_come() -> None:
    # Written on 23 November: 10/11 is the 10th of November and not the 11th of October.
    [binding] = read(SOURCE, packet("10/11/2026 18:18:00"))[0]
    [other] = read(SOURCE, packet("10/12/2026 18:18:00"))[0]
    assert binding.since // 86_400_000_000_000 == 20767  # 2026-11-10
    assert other.since // 86_400_000_000_000 == 20738  # 2026-10-12


def test_a_date_that_does_not_exist_is_counted() -> None:
    assert read(SOURCE, packet("31/31/2026 18:18:00")) == ([], {"no time or client": 1})
