from __future__ import annotations

import pytest

from tests.cli.running import Terminal


@pytest.mark.usefixtures("sample")
def test_one_row_a_bucket_and_group(terminal: Terminal) -> None:
    ran = terminal("series", "--by", "protocol", "--step", "1h", "--metrics", "flows", "tcp or udp")
    assert ran.rows == [
        {"time": "2026-01-01T12:00:00.000000000Z", "protocol": 6, "flows": 1, "is_partial": False},
        {"time": "2026-01-01T12:00:00.000000000Z", "protocol": 17, "flows": 1, "is_partial": False},
    ]


@pytest.mark.usefixtures("sample")
def test_days_begin_at_local_midnight(terminal: Terminal) -> None:
    ran = terminal("series", "--step", "1d", "--time-zone", "Asia/Tokyo", "--metrics", "flows")
    assert ran.rows == [{"time": "2025-12-31T15:00:00.000000000Z", "flows": 3, "is_partial": False}]


@pytest.mark.usefixtures("sample")
def test_empty_buckets_may_be_filled(terminal: Terminal) -> None:
    span = ("--since", "2026-01-01T12:00Z", "--until", "2026-01-01T12:03Z")
    ran = terminal("series", "--fill", "--metrics", "flows", *span)
    assert [row["flows"] for row in ran.rows] == [1, 2, 0]
