from __future__ import annotations

from collections.abc import Sequence

from tests.names.told import packed
from tidegauge.flow.binding import Binding, Kind
from tidegauge.names.changes import Changes

HOLD = 1000


def row(name: str, since: int, until: int | None, address: str = "192.0.2.1") -> Binding:
    return Binding(
        kind=Kind.MAC,
        address=packed(address),
        name=name,
        since=since,
        until=until,
        source="dhcp",
        confidence=80,
    )


def told(changes: Changes, table: Sequence[Binding], at: int, *, is_complete: bool = True) -> list[Binding]:
    return list(changes.of(table, at, is_complete=is_complete))


def test_what_was_said_before_is_left_out() -> None:
    changes = Changes()
    assert told(changes, [row("a", 10, 500), row("b", 10, None, "192.0.2.2")], 10) != []
    assert told(changes, [row("a", 20, 500), row("b", 20, None, "192.0.2.2")], 20) == []


def test_another_holder_and_a_renewed_lease_are_said() -> None:
    changes = Changes()
    told(changes, [row("a", 10, 500), row("b", 10, 500, "192.0.2.2")], 10)
    news = [row("c", 20, 500), row("b", 20, 900, "192.0.2.2")]
    assert told(changes, news, 20) == news


def test_an_end_that_is_always_as_far_off_is_said_again_after_half_its_time() -> None:
    changes = Changes()
    said = [at for at in range(0, 1200, 100) if told(changes, [row("a", at, at + HOLD)], at)]
    assert said == [0, 500, 1000]


def test_who_is_no_longer_in_the_table_holds_no_longer() -> None:
    changes = Changes()
    told(changes, [row("a", 10, 500), row("b", 10, 500, "192.0.2.2")], 10)
    assert told(changes, [row("b", 30, 500, "192.0.2.2")], 30) == [row("", 30, 30)]
    assert told(changes, [], 600) == [], "that lease was over anyway"
    assert told(changes, [row("a", 700, 900)], 700) == [row("a", 700, 900)]


def test_who_is_no_longer_seen_may_hold_all_the_same() -> None:
    changes = Changes()
    told(changes, [row("a", 10, 500)], 10)
    assert told(changes, [], 30, is_complete=False) == []


def test_rows_beyond_the_limit_are_passed_on_each_time() -> None:
    changes = Changes(most=1)
    table = [row("a", 10, 500), row("b", 10, 500, "192.0.2.2")]
    told(changes, table, 10)
    assert told(changes, table, 10) == table[1:]
