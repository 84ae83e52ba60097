from __future__ import annotations

from tidegauge.lab.journal import Journal


def test_entries_come_by_time_and_once() -> None:
    journal = Journal()
    journal.note(30, "dnsmasq", "later")
    journal.note(10, "dnsmasq", "first")
    journal.note(10, "dnsmasq", "second of the moment")
    assert [(entry.moment, entry.text) for entry in journal.entries_until(20)] == [
        (10, "first"),
        (10, "second of the moment"),
    ]
    assert [entry.text for entry in journal.entries_until(30)] == ["later"]
    assert journal.entries_until(100) == []
