from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.analysis.test_finding import FINDING
from tests.sample_lake import NOON, SECOND, Row, make_lake
from tidegauge.analysis import alerts as alerts_module
from tidegauge.analysis.activity import OVERLAP, Activity
from tidegauge.analysis.alerts import alerts
from tidegauge.analysis.detectors.policy import PolicyViolation
from tidegauge.analysis.detectors.scan import Scan
from tidegauge.analysis.finding import Finding, Severity
from tidegauge.analysis.flows import flows
from tidegauge.analysis.mute import Mute
from tidegauge.analysis.mute_file import add_mute
from tidegauge.flow.addresses import address_from_text
from tidegauge.flow.binding import Binding, Kind
from tidegauge.query.error import FilterError
from tidegauge.query.question import Query
from tidegauge.store.bindings import append
from tidegauge.store.engines.stock import Stock
from tidegauge.store.errors import LakeUnreadableError
from tidegauge.store.lake import Lake

NOW = NOON + 3600 * SECOND


def probe(second: float, source: str, target: str, port: int) -> Row:
    instant = NOON + int(second * SECOND)
    addresses = {"src_addr": source, "dst_addr": target, "src_port": 40000, "dst_port": port}
    return {
        "start": instant,
        "end": instant,
        "protocol": 6,
        "tcp_flags": 2,
        "packets": 1,
        "bytes": 60,
        **addresses,
    }


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    inside = [probe(port / 10, "10.0.0.66", "10.0.0.5", port) for port in range(1, 131)]
    outside = [probe(1000 + n / 10, "198.51.100.9", f"10.0.1.{n}", 445) for n in range(1, 91)]
    later = {**probe(3500, "10.0.0.66", "10.0.0.5", 443), "src_port": 4321}
    return make_lake(tmp_path_factory.mktemp("alerts") / "lake", [*inside, *outside, later])


def test_the_most_severe_comes_first(lake: Lake) -> None:
    answer = alerts(lake, Query(), NOW)
    assert [(row["severity"], row["actor"], row["count"]) for row in answer.data] == [
        ("high", "10.0.0.66", 130),
        ("low", "198.51.100.9", 90),
    ]
    assert answer.totals == {"alerts": 2, "muted": 0}
    assert [column["name"] for column in answer.columns] == list(answer.data[0])


def test_the_evidence_is_exactly_the_flows_behind_it(lake: Lake) -> None:
    for row in alerts(lake, Query(), NOW).data:
        evidence = Query(filter=row["filter"], since=row["since"], until=row["until"], top=0)
        assert flows(lake, evidence, NOW).totals["flows"] == row["count"]


def test_a_range_keeps_what_happened_in_it(lake: Lake) -> None:
    assert [row["actor"] for row in alerts(lake, Query(since="2026-01-01T12:10:00Z"), NOW).data] == [
        "198.51.100.9"
    ]


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("dst_port = 445", ["198.51.100.9"]),
        ("host 10.0.0.5", ["10.0.0.66"]),
        ("src net 192.0.2.0/24", []),
        ("src port 4321", []),
        ("proto tcp", ["10.0.0.66", "198.51.100.9"]),
    ],
)
def test_a_filter_keeps_findings_with_a_flow_it_matches(lake: Lake, text: str, actors: list[str]) -> None:
    assert [row["actor"] for row in alerts(lake, Query(filter=text), NOW).data] == actors


def test_order_and_limit_are_the_readers(lake: Lake) -> None:
    answer = alerts(lake, Query(order="count:asc", top=1), NOW)
    assert [row["actor"] for row in answer.data] == ["198.51.100.9"]
    assert answer.totals == {"alerts": 2, "muted": 0}


def test_a_filter_that_cannot_be_read_is_told(lake: Lake) -> None:
    with pytest.raises(FilterError):
        alerts(lake, Query(filter="prtocol 6"), NOW)


def test_what_is_muted_is_counted_and_shown_when_asked_for(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [probe(n / 10, "10.0.0.66", "10.0.0.5", n) for n in range(1, 131)])
    mute = Mute(detector="scan", about="10.0.0.66")
    add_mute(lake, mute, {})
    answer = alerts(lake, Query(), NOW, [Scan()])
    assert (answer.data, answer.totals) == ([], {"alerts": 0, "muted": 1})
    (row,) = alerts(lake, Query(muted=True), NOW, [Scan()]).data
    assert (row["actor"], row["muted_by"]) == ("10.0.0.66", mute.id)


def test_a_mistake_among_the_mutes_hides_nothing(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [probe(n / 10, "10.0.0.66", "10.0.0.5", n) for n in range(1, 131)])
    (lake.path / "mutes.toml").write_text('[[mute]]\ndetecter = "scan"')
    answer = alerts(lake, Query(), NOW, [Scan()])
    assert answer.totals == {"alerts": 1, "muted": 0}
    assert answer.warnings == [
        f"nothing is muted: {lake.path}/mutes.toml: Object contains unknown field `detecter` - at `$.mute[0]`"
    ]


def test_an_empty_lake_has_none(tmp_path: Path) -> None:
    assert alerts(Lake.create(tmp_path / "lake"), Query(), NOW).data == []


class Failing:
    """A detector of somebody else's that does not work, and fails in the way it is told to."""

    name, title, technique, unseen = "failing", "Failing", "", ""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def find(self, activity: Activity) -> Iterator[Finding]:  # noqa: ARG002 (a detector's signature)
        yield FINDING
        raise self.error


def test_a_detector_that_fails_is_a_warning_and_the_others_are_heard(lake: Lake) -> None:
    answer = alerts(lake, Query(), NOW, [Failing(KeyError("x")), Scan()])
    assert answer.warnings == ["the detector failing failed: KeyError: 'x'"]
    assert {row["detector"] for row in answer.data} == {"scan"}


def test_a_lake_that_cannot_be_read_is_not_the_detectors_fault(lake: Lake) -> None:
    with pytest.raises(LakeUnreadableError):
        alerts(lake, Query(), NOW, [Failing(LakeUnreadableError("damaged"))])


def test_a_mistake_in_the_policy_is_a_warning(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [probe(0, "10.0.0.1", "10.0.0.2", 80)])
    (lake.path / "policy.toml").write_text("rules = []")
    answer = alerts(lake, Query(), NOW, [PolicyViolation()])
    assert answer.warnings == [f"{lake.path}/policy.toml: 'rules' means nothing here; did you mean rule?"]


def test_an_actor_is_named_after_who_held_the_address(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", [probe(n / 10, "10.0.0.66", "10.0.0.5", n) for n in range(1, 131)])
    address = address_from_text("10.0.0.66").to_bytes(16, "big")
    since, until = NOON - 60 * SECOND, NOON + 3600 * SECOND
    binding = Binding(
        kind=Kind.PERSON, address=address, name="John", since=since, until=until, source="test", confidence=90
    )
    append(lake, [binding], now=NOON)
    (row,) = alerts(lake, Query(), NOW, [Scan()]).data
    assert (row["actor"], row["actor_name"]) == ("10.0.0.66", "John")
    assert [row["actor_name"] for row in alerts(lake, Query(filter="src_user John"), NOW, [Scan()]).data] == [
        "John"
    ]
    assert alerts(lake, Query(filter="src_user Sarah"), NOW, [Scan()]).data == []


def test_a_scan_over_the_border_of_two_stretches_is_found_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    midnight = 12 * 3600
    probes = [probe(midnight - 60 + n, "10.0.0.66", "10.0.0.5", n) for n in range(1, 121)]
    lake = make_lake(tmp_path / "lake", probes)
    cut = NOON + midnight * SECOND
    monkeypatch.setattr(alerts_module, "stretches", lambda *_: [(NOON, cut), (cut, cut + 3600 * SECOND)])
    assert [row["count"] for row in alerts(lake, Query(), NOW, [Scan()]).data] == [120]


def test_what_was_over_before_a_stretch_belongs_to_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = OVERLAP // SECOND
    probes = [probe(begin - 200 + n / 2, "10.0.0.66", "10.0.0.5", n) for n in range(1, 121)]
    lake = make_lake(tmp_path / "lake", probes)
    cut = NOON + begin * SECOND
    monkeypatch.setattr(alerts_module, "stretches", lambda *_: [(NOON - OVERLAP, cut), (cut, cut + OVERLAP)])
    assert [row["count"] for row in alerts(lake, Query(), NOW, [Scan()]).data] == [120]


def test_a_row_says_all_that_a_finding_does() -> None:
    told = set(alerts_module._row(FINDING, None)) - {"id", "filter", "since", "until", "muted_by"}
    assert told == {field.name for field in msgspec.structs.fields(Finding)} - {"evidence"}


class Echo:
    """A detector that always finds the same, under a name of its own."""

    title, technique, unseen = "Echo", "", ""

    def __init__(self, name: str, yields_to: tuple[str, ...] = (), **changes: object) -> None:
        self.name, self.yields_to = name, yields_to
        self.finding = msgspec.structs.replace(FINDING, detector=name, **changes)

    def find(self, activity: Activity) -> list[Finding]:  # noqa: ARG002 (a detector's signature)
        return [self.finding]


def test_a_server_tells_for_a_while_what_it_found(lake: Lake) -> None:
    stock, found = Stock(), Echo("new")
    shared = Lake.open(lake.path, stock)
    assert [row["detector"] for row in alerts(shared, Query(), NOW, [found]).data] == ["new"]
    found.finding = msgspec.structs.replace(found.finding, severity=Severity.LOW)
    for later, severity in ((0, FINDING.severity), (3600 * SECOND, Severity.LOW)):
        [row] = alerts(shared, Query(), NOW + later, [found]).data
        assert row["severity"] == severity.value


def test_a_new_policy_shows_at_once(lake: Lake) -> None:
    shared, found = Lake.open(lake.path, Stock()), Echo("new")
    assert alerts(shared, Query(), NOW, [found]).data
    found.finding = msgspec.structs.replace(found.finding, title="Now forbidden")
    (lake.path / "policy.toml").write_text("# nothing yet\n")
    assert [row["title"] for row in alerts(shared, Query(), NOW, [found]).data] == ["Now forbidden"]


@pytest.mark.parametrize(
    ("better", "told"),
    [
        (Echo("better"), ["better"]),
        (Echo("better", actor="10.0.0.8"), ["better", "worse"]),
        (
            Echo("better", first_seen=FINDING.last_seen + 1, last_seen=FINDING.last_seen + 2),
            ["better", "worse"],
        ),
        (Echo("other"), ["other", "worse"]),
    ],
)
def test_the_same_is_not_told_twice(lake: Lake, better: Echo, told: list[str]) -> None:
    answer = alerts(lake, Query(), NOW, [Echo("worse", yields_to=("better",)), better])
    assert sorted(row["detector"] for row in answer.data) == told
