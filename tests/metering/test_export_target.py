from __future__ import annotations

import pytest

from tidegauge.metering.export_target import ExportTarget


@pytest.mark.parametrize(
    "text", ["ipfix+udp://127.0.0.1:4739", "netflow5+udp://[::1]:2055", "netflow9+udp://collector:1"]
)
def test_a_target_is_written_as_it_is_read(text: str) -> None:
    assert str(ExportTarget.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("127.0.0.1:2055", r"exports are written netflow5\+udp"),
        ("udp://127.0.0.1:2055", r"exports are written netflow5\+udp"),
        ("netflow7+udp://127.0.0.1:2055", "exports are written"),
        ("ipfix+tcp://127.0.0.1:4739", r"only udp is spoken: write ipfix\+udp://"),
        ("ipfix://127.0.0.1:4739", "only udp is spoken"),
        ("ipfix+udp://127.0.0.1", "host and port are needed"),
        ("ipfix+udp://127.0.0.1:0", "host and port are needed"),
        ("ipfix+udp://:4739", "host and port are needed"),
        ("ipfix+udp://127.0.0.1:70000", "out of range"),
        ("ipfix+udp://[::1:4739", "Invalid IPv6"),
        ("ipfix+udp://127.0.0.1:4739/flows", "nothing may follow"),
        ("ipfix+udp://me@127.0.0.1:4739", "nothing may follow"),
    ],
)
def test_anything_else_is_refused_with_its_reason(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as refusal:
        ExportTarget.parse(text)
    assert str(refusal.value).startswith(text)
