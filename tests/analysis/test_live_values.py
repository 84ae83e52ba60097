from __future__ import annotations

from pathlib import Path

import pytest

from tests.sample_lake import NOON, SECOND, make_lake
from tidegauge.analysis.live_values import LOOKED_BACK, live_values
from tidegauge.flow.fields import FIELDS
from tidegauge.query.completion import LiveValues
from tidegauge.store.lake import Lake

FIELD = {field.name: field for field in FIELDS}
FLOWS = [
    {
        "start": NOON,
        "end": NOON,
        "bytes": size,
        "packets": 1,
        "src_addr": source,
        "dst_port": port,
        "user": user,
    }
    for size, source, port, user in (
        (100, "10.0.0.1", 443, "John"),
        (900, "10.0.0.2", 53, "Sarah"),
        (10, "192.0.2.1", 443, 'O\'Hara \\ "Jo"'),
    )
] + [
    {"start": NOON - 2 * LOOKED_BACK, "end": NOON - 2 * LOOKED_BACK, "bytes": 5, "packets": 1, "user": "Joan"}
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return make_lake(tmp_path_factory.mktemp("live") / "lake", FLOWS)


@pytest.fixture
def values(lake: Lake) -> LiveValues:
    return live_values(lake, NOON + SECOND)


def test_the_most_bytes_come_first(values: LiveValues) -> None:
    assert list(values(FIELD["src_addr"], "", 2)) == ["10.0.0.2", "10.0.0.1"]


def test_values_contain_what_was_typed(values: LiveValues) -> None:
    assert list(values(FIELD["user"], "jo", 9)) == ["John", 'O\'Hara \\ "Jo"']
    assert list(values(FIELD["dst_port"], "44", 9)) == ["443"]


def test_text_that_is_hard_to_quote_is_found(values: LiveValues) -> None:
    assert list(values(FIELD["user"], '\\ "J', 9)) == ['O\'Hara \\ "Jo"']


@pytest.mark.parametrize("name", ["bytes", "start", "duration", "other", "tcp_flags"])
def test_what_is_counted_is_not_listed(values: LiveValues, name: str) -> None:
    assert list(values(FIELD[name], "", 9)) == []


def test_a_clock_that_runs_ahead_does_not_hide_the_present(tmp_path: Path) -> None:
    ahead = [{"start": NOON + 9 * LOOKED_BACK, "end": NOON + 9 * LOOKED_BACK, "bytes": 1, "packets": 1}]
    lake = make_lake(tmp_path / "lake", [*FLOWS, *ahead])
    assert "John" in live_values(lake, NOON + SECOND)(FIELD["user"], "", 9)


def test_no_flows_have_no_values(tmp_path: Path) -> None:
    assert list(live_values(make_lake(tmp_path / "lake"), NOON)(FIELD["user"], "", 9)) == []


def test_a_damaged_lake_has_none_to_offer(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", FLOWS)
    for path in lake.path.rglob("*.parquet"):
        path.write_bytes(b"damaged")
    assert list(live_values(lake, NOON)(FIELD["user"], "", 9)) == []
