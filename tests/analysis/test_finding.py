from __future__ import annotations

import msgspec

from tidegauge.analysis.finding import Evidence, Finding, Severity, fingerprint

FINDING = Finding(
    fingerprint=fingerprint("scan", "10.0.0.7"),
    detector="scan",
    title="Possible scan",
    severity=Severity.HIGH,
    sentence="10.0.0.7 tried 200 ports.",
    first_seen=1_767_268_800_000_000_000,
    last_seen=1_767_268_801_000_000_000,
    count=200,
    actor="10.0.0.7",
    targets=("10.0.0.5",),
    evidence=Evidence(filter="src_addr = 10.0.0.7", since=0, until=1),
    confidence=0.9,
    technique="T1046",
)


def test_severities_rank_from_low_to_high() -> None:
    assert sorted(Severity, key=lambda severity: severity.rank) == [
        Severity.LOW,
        Severity.MEDIUM,
        Severity.HIGH,
    ]


def test_the_parts_of_a_fingerprint_cannot_run_into_each_other() -> None:
    assert fingerprint("a", "bc") != fingerprint("ab", "c")


def test_the_id_tells_when_it_began_and_not_how_long_it_went_on() -> None:
    later = msgspec.structs.replace(FINDING, last_seen=FINDING.last_seen + 1, count=201)
    again = msgspec.structs.replace(FINDING, first_seen=FINDING.first_seen + 3_600_000_000_000)
    assert later.id == FINDING.id
    assert again.id != FINDING.id
    assert again.fingerprint == FINDING.fingerprint
