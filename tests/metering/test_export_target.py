from __future__ import annotations

import pytest

from tidegauge.metering.export_target import target_from_text


@pytest.mark.parametrize(
    "text",
    [
        "ipfix+udp://127.0.0.1:4739",
        "ipfix+tcp://127.0.0.1:4739",
        "ipfix+tls://[::1]:4740",
        "ipfix+file:/tmp/flows.ipfix",
        "ipfix+file:flows.ipfix",
        "netflow5+udp://[::1]:2055",
        "netflow9+udp://collector:1",
    ],
)
def test_a_target_is_written_as_it_is_read(text: str) -> None:
    assert str(target_from_text(text)) == text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("127.0.0.1:2055", r"exports are written netflow5\+udp"),
        ("udp://127.0.0.1:2055", r"exports are written netflow5\+udp"),
        ("netflow7+udp://127.0.0.1:2055", "exports are written"),
        ("netflow9+tcp://127.0.0.1:4739", r"netflow9 does not travel so: write netflow9\+udp://"),
        ("ipfix+sctp://127.0.0.1:4739", r"write ipfix\+udp:// or ipfix\+tcp:// or ipfix\+tls://"),
        ("ipfix://127.0.0.1:4739", "ipfix does not travel so"),
        ("ipfix+file:", "the file to write is missing"),
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
        target_from_text(text)
    assert str(refusal.value).startswith(text)
