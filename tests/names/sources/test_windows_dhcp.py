from __future__ import annotations

from io import BytesIO
from zoneinfo import ZoneInfo

from tests.names.told import DATA, WRITTEN, read, told
from tidegauge.names.source import Provenance
from tidegauge.names.sources.windows_dhcp import WindowsDhcp

SOURCE = WindowsDhcp()
LOG = (DATA / "DhcpSrvLog-Mon.log").read_bytes()


def test_given_renewed_released_and_given_again() -> None:
    bindings, refused = read(SOURCE, LOG)
    assert [(row.name, row.since) for row in told(bindings) if row.kind == "mac"] == [
        ("00:1b:44:11:3a:01", "08:14:22"),
        ("00:1b:44:11:3a:01", "12:14:22"),
        ("", "17:30:00"),
        ("00:1b:44:11:3a:02", "17:31:00"),
    ]
    assert next(row.name for row in told(bindings) if row.kind == "machine") == "john-laptop.office.example"
    assert not refused


def test_times_are_local() -> None:
    provenance = Provenance(WRITTEN, ZoneInfo("Europe/Berlin"))
    first = told(SOURCE.bindings(BytesIO(LOG), provenance))[0]
    assert first.since == "07:14:22"


def test_a_date_that_does_not_exist_is_counted() -> None:
    bindings, refused = read(SOURCE, b"10,13/40/26,08:14:22,Assign,192.168.10.57,pc,001B44113A01\n")
    assert (bindings, refused) == ([], {"no time or address": 1})
