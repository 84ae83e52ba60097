from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.test_collector import element_names
from tests.conformance.messages import Field, flow_set, ipfix, template
from tests.kept_datagrams import keep
from tests.numbered_flows import NOON, datagrams, ledger_sum, numbers_in
from tidegauge.app.raw_decoding import Redecoding, decode_again
from tidegauge.clock.timerange import TimeRange
from tidegauge.exporters.element_file import ToldElement
from tidegauge.store.errors import LakeError
from tidegauge.store.lake import Lake


def test_what_two_listeners_kept_becomes_a_lake_of_its_own(lake: Lake, tmp_path: Path) -> None:
    folders = {
        keep(lake, datagrams(range(40))),
        keep(lake, [*datagrams(range(40, 60)), b"\0\x63 no version"]),
    }
    again = tmp_path / "again"
    told = dict(decode_again(Redecoding(lake, TimeRange()), again, NOON))
    assert set(told) == folders
    made = Lake.open(again)
    assert numbers_in(made) == list(range(60))
    assert ledger_sum(made, "stored") == 60
    assert sum(summary.counters["malformed_unknown_version"] for summary in told.values()) == 1
    assert numbers_in(lake) == [], "what was there stays as it was"


def test_a_flow_comes_into_no_lake_twice(lake: Lake, tmp_path: Path) -> None:
    keep(lake, datagrams(range(3)))
    order = Redecoding(lake, TimeRange())
    list(decode_again(order, tmp_path / "again", NOON))
    for into in (tmp_path / "again", lake.path):
        with pytest.raises(LakeError, match="is there already"):
            list(decode_again(order, into, NOON))


def test_of_a_time_without_datagrams_no_lake_is_made(lake: Lake, tmp_path: Path) -> None:
    keep(lake, datagrams(range(3)))
    with pytest.raises(LakeError, match="no datagrams of that time are kept"):
        list(decode_again(Redecoding(lake, TimeRange(until=1)), tmp_path / "again", NOON))
    assert not (tmp_path / "again").exists()


def test_late_templates_and_new_elements_are_heeded(lake: Lake, tmp_path: Path) -> None:
    fields = [Field(1, 4), Field(7, 1, enterprise=64500)]
    record = flow_set(300, (5).to_bytes(4, "big") + b"x")
    keep(lake, [ipfix(record), ipfix(record), ipfix(template(300, fields))])
    rule = ToldElement(64500, 7, "acmeRule", "string")
    [(_, summary)] = decode_again(Redecoding(lake, TimeRange(), [rule]), tmp_path / "again", NOON)
    assert (summary.counters["records"], summary.counters["lost_no_template"]) == (2, 0)
    assert element_names(Lake.open(tmp_path / "again")) == {"acmeRule"}
