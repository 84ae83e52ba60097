from __future__ import annotations

from tests.names.told import DATA, read
from tidegauge.names.sources.unbound_log import NO_ADDRESS, UnboundLog

SOURCE = UnboundLog()


def test_it_names_no_address_and_says_what_would() -> None:
    assert read(SOURCE, (DATA / "unbound.log").read_bytes()) == ([], {NO_ADDRESS: 7})
    assert "dnstap" in NO_ADDRESS


def test_logs_through_syslog_are_recognised() -> None:
    assert SOURCE.recognises(
        b"Nov 23 18:17:59 router unbound[12:0]: info: 10.0.0.5 a.example. A IN NOERROR 0.1 0 44\n"
    )
    assert not SOURCE.recognises(b"Nov 23 18:17:59 router named[12]: info: something\n")
