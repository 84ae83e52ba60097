from __future__ import annotations

from tests.names.told import DATA, Told, read, told
from tidegauge.names.sources.radius_detail import RadiusDetail

SOURCE = RadiusDetail()
FILE = (DATA / "radius-detail").read_bytes()


def test_a_session_from_start_to_stop_and_the_next_person() -> None:
    bindings, refused = read(SOURCE, FILE)
    people = [
        (row.name, row.since, row.until)
        for row in told(bindings)
        if row.kind == "person" and row.address == "192.168.10.50"
    ]
    assert people == [
        ("jdoe", "18:41:52", "18:41:52"),  # good for a day
        ("jdoe", "18:41:52", "18:41:53"),  # the same, heard of again
        ("jdoe", "18:41:52", "18:41:54"),
        ("", "18:41:54", "18:41:54"),
        (r"OFFICE\\sarah", "18:41:55", "18:41:55"),
    ]
    assert bindings[0].until == bindings[0].since + 86_400 * 10**9
    assert not refused


def test_a_session_names_its_card_and_its_ipv6_address_too() -> None:
    rows = told(read(SOURCE, FILE)[0])
    assert rows[1] == Told("mac", "192.168.10.50", "00:1b:44:11:3a:01", "18:41:52", "18:41:52")
    assert [row.name for row in rows if row.address == "fd10:0:10::50"] == ["jdoe", "00:1b:44:11:3a:01"]


def test_a_record_that_was_held_up_counts_from_when_it_happened() -> None:
    record = b'x\n\tUser-Name = "a"\n\tAcct-Status-Type = Start\n\tFramed-IP-Address = 10.0.0.1\n'
    record += b"\tAcct-Delay-Time = 12\n\tTimestamp = 1795459312\n"
    assert told(read(SOURCE, record)[0])[0].since == "18:41:40"


def test_records_without_time_or_address_are_counted() -> None:
    record = (
        b"x\n\tAcct-Status-Type = Start\n\tFramed-IP-Address = 10.0.0.1\n\tTimestamp = 99999999999999\n\n"
    )
    record += b"x\n\tAcct-Status-Type = Stop\n\tTimestamp = 1795459312\n\n"
    record += b"x\n\tAcct-Status-Type = Accounting-On\n\tTimestamp = 1795459312\n"
    assert read(SOURCE, record) == ([], {"no time or address": 2})
