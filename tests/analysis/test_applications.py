from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.test_interfaces import told
from tests.sample_lake import NOON, SECOND, Row, add_segment, make_lake
from tidegauge.analysis.top import top
from tidegauge.query.question import Query
from tidegauge.store.lake import Lake

ROUTER = "192.0.2.1"
HOUR = 3600 * SECOND


def flow(application: str | None, at: int = NOON, protocol: int = 6, exporter: str = ROUTER) -> Row:
    return {
        "received": at, "start": at, "end": at, "exporter": exporter, "application": application,
        "protocol": protocol, "bytes": 1, "packets": 1, "src_addr": "10.0.0.1", "dst_addr": "10.0.0.2",
    }  # fmt: skip


def entry(identity: str, name: str, received: int = NOON) -> Row:
    return told({"applicationId": identity}, received, applicationName=name)


def by(lake: Lake, field: str = "application", words: str = "") -> dict[object, int]:
    answer = top(lake, Query(by=(field,), metrics=("flows",), filter=words), NOON + 10 * HOUR)
    return {row[field]: row["flows"] for row in answer.data}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    flows = [
        flow("13:512"), flow("13:512", NOON + 3 * HOUR), flow("13:512", exporter="192.0.2.2"),
        flow("3:443"), flow("3:443", protocol=17), flow("1:47", protocol=47),
        flow("6:9"), flow("skype"), flow(None),
    ]  # fmt: skip
    return make_lake(tmp_path / "lake", flows)


@pytest.mark.proves("E12")
def test_an_id_is_called_what_its_own_exporter_called_it_then(lake: Lake) -> None:
    renamed = entry("13:512", "zoom-meetings", NOON + 2 * HOUR)
    add_segment(lake, "options", [entry("13:512", "zoom", NOON + HOUR), renamed])
    assert by(lake) == {
        "zoom": 1, "zoom-meetings": 1, "13:512": 1, "https": 2, "gre": 1, "6:9": 1, "skype": 1, None: 1,
    }  # fmt: skip
    assert by(lake, words="application zoom-meetings") == {"zoom-meetings": 1}


@pytest.mark.proves("E12")
def test_a_table_sent_again_and_again_multiplies_nothing(lake: Lake) -> None:
    add_segment(
        lake, "options", [entry("13:512", "zoom", NOON + minute * 60 * SECOND) for minute in range(90)]
    )
    assert by(lake)["zoom"] == 2


def test_the_exporters_word_goes_before_the_registrys_and_a_description_serves_too(lake: Lake) -> None:
    described = told(
        {"system": "1"}, applicationId="6:9", applicationName="", applicationDescription="Intranet"
    )
    add_segment(lake, "options", [entry("3:443", "web"), described])
    found = by(lake)
    assert (found["web"], found["Intranet"], "https" in found) == (2, 1, False)


def test_kinds_of_applications_come_in_a_table_of_their_own(lake: Lake) -> None:
    kind = told({"applicationId": "13:512"}, applicationCategoryName="voice-and-video")
    add_segment(lake, "options", [entry("13:512", "zoom"), kind])
    assert by(lake, "application_category") == {"voice-and-video": 2, None: 7}
    assert by(lake)["zoom"] == 2
