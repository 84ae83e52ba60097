from __future__ import annotations

import struct
from uuid import UUID

import pytest

from tidegauge.store.counters_map import COUNTER_NAMES, LISTENER, CounterKey, read_counters_map

KEY = CounterKey(UUID("00000000-0000-0000-0000-ffffc0000201"), 9999, 7, "ipfix")


def counters_map(*slots: tuple[CounterKey, int, dict[str, int]], capacity: int = 8) -> bytes:
    """The file a receiver leaves, by the layout it is documented with."""
    width = len(COUNTER_NAMES)
    content = struct.pack("<8sIII44x", b"TGCOUNT1", width, capacity, len(slots))
    for key, minute, counters in slots:
        protocol = {"netflow5": 5, "netflow9": 9, "ipfix": 10, None: 0}[key.protocol_version]
        exporter = key.exporter.bytes if key.exporter else bytes(16)
        content += struct.pack(
            "<16sIHBxqQ", exporter, key.observation_domain or 0, key.port or 0, protocol, minute, 0
        )
        content += struct.pack(f"<{width}Q", *(counters.get(name, 0) for name in COUNTER_NAMES))
    return content + bytes((capacity - len(slots)) * (40 + 8 * width))


def test_slots_in_use_are_read() -> None:
    content = counters_map(
        (LISTENER, 60, {"lost_kernel": 3}), (KEY, 120, {"records": 30, "malformed_limit": 1})
    )
    listener, exporter = read_counters_map(content)
    assert (listener.key, listener.minute, listener.counters["lost_kernel"]) == (LISTENER, 60, 3)
    assert (exporter.key, exporter.minute) == (KEY, 120)
    assert {name: count for name, count in exporter.counters.items() if count} == {
        "records": 30,
        "malformed_limit": 1,
    }


def test_a_listener_that_heard_nothing_has_minute_zero() -> None:
    assert read_counters_map(counters_map((LISTENER, -(2**63), {})))[0].minute == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "header of 64 bytes"),
        (counters_map().replace(b"TGCOUNT1", b"TGCOUNT2"), "another release"),
        (struct.pack("<8sIII44x", b"TGCOUNT1", 3, 1, 0), "another release"),
        (counters_map((KEY, 0, {}), capacity=1)[:-1], "ends inside a slot"),
    ],
)
def test_what_is_no_map_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_counters_map(content)
