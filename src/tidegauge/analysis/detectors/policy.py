"""Not allowed: what the network did although ``policy.toml`` says that it must not.

A knock that nobody answers is no violation, it is what the rule is for; the scan detector tells of those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegauge.analysis.finding import Evidence, Finding, Severity, fingerprint
from tidegauge.analysis.judgement import NO_RULE, judge
from tidegauge.analysis.policy import Action
from tidegauge.analysis.policy_file import read_policy
from tidegauge.analysis.wording import amount_words, count_words
from tidegauge.flow.addresses import text_from_address
from tidegauge.query.named_numbers import PROTOCOLS

if TYPE_CHECKING:
    from tidegauge.analysis.activity import Activity
    from tidegauge.analysis.policy import Policy, Rule

SHOWN_TARGETS = 5
_TCP = 6
_NAMES = {number: name.upper() for name, number in PROTOCOLS.items()}

# Reached means answered: over TCP by a client that went on with an ACK, else by anything that came back.
_SQL = f"""
WITH denied AS (
  SELECT * FROM judged WHERE list_contains($rules, rule)
), reached AS (
  SELECT rule, phase, client, server, protocol, port FROM denied
  GROUP BY ALL
  HAVING CASE WHEN protocol = {_TCP} THEN sum(flows_up) > sum(knocks)
              ELSE sum(flows_up) > 0 AND sum(flows_down) > 0 END
)
SELECT rule, CAST(client AS BLOB), protocol, port, sum(flows_up) AS flows, sum(bytes_up + bytes_down),
  list_sort(list(DISTINCT CAST(server AS BLOB))), min(first_seen), max(last_seen)
FROM denied SEMI JOIN reached USING (rule, phase, client, server, protocol, port)
GROUP BY rule, phase, client, protocol, port
ORDER BY rule, flows DESC, 2, protocol, port, 8"""


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """How violations are told."""

    most_targets: int = 400
    """Hosts that the filter behind a finding names one by one; of more it shows the port at all hosts."""


@dataclass(frozen=True, slots=True)
class _Violation:
    """What one source reached at one port although a rule says no."""

    rule: int
    client: bytes
    protocol: int
    port: int
    flows: int
    amount: float
    targets: list[bytes]
    first_seen: int
    last_seen: int

    @property
    def actor(self) -> str:
        return text_from_address(self.client)

    @property
    def door(self) -> str:
        name = _NAMES.get(self.protocol, f"protocol {self.protocol}")
        return f"{name} port {self.port}" if self.port else name

    def sentence(self, why: str) -> str:
        first = text_from_address(self.targets[0])
        where = first if len(self.targets) == 1 else count_words(len(self.targets), "address", "addresses")
        amount = f"{count_words(self.flows, 'flow', 'flows')}, {amount_words(self.amount)}"
        told = f"{self.actor} reached {self.door} of {where} ({amount})."
        return f"{told} {why}" if why else told

    def filter(self, most_targets: int) -> str:
        clauses = [f"src_addr = {self.actor}", f"protocol = {self.protocol}"]
        if self.port:
            clauses.append(f"dst_port = {self.port}")
        named = [text_from_address(target) for target in self.targets]
        if len(named) == 1:
            clauses.append(f"dst_addr = {named[0]}")
        elif len(named) <= most_targets:
            clauses.append(f"dst_addr in [{', '.join(named)}]")
        return " and ".join(clauses)


class PolicyViolation:
    """Somebody reached what a rule of the lake's policy denies."""

    name = "policy"
    title = "Not allowed"
    technique = ""
    unseen = (
        "What the rules do not name, attempts that were not answered, and whether a connection between two "
        "high ports began at the other end."
    )

    def __init__(self, settings: PolicySettings | None = None) -> None:
        self.settings = settings or PolicySettings()

    def find(self, activity: Activity) -> list[Finding]:
        """Violations by rule, source and port. Raises PolicyError for a policy that cannot be read."""
        policy = read_policy(activity.folder)
        if policy is None:
            return []
        denying = [n for n, rule in enumerate(policy.rules, start=1) if rule.action is Action.DENY]
        denying += [NO_RULE] if policy.default is Action.DENY else []
        judge(policy, activity)
        violations = [_Violation(*row) for row in activity.rows(_SQL, {"rules": denying})]
        return [self._finding(violation, _rule(policy, violation)) for violation in violations]

    def _finding(self, violation: _Violation, rule: Rule | None) -> Finding:
        name = rule.name if rule else "No rule allows it"
        return Finding(
            fingerprint=fingerprint(
                self.name, name, violation.actor, str(violation.protocol), str(violation.port)
            ),
            detector=self.name,
            title=f"{self.title}: {name}",
            severity=rule.severity if rule else Severity.MEDIUM,
            sentence=violation.sentence(rule.why if rule else ""),
            first_seen=violation.first_seen,
            last_seen=violation.last_seen,
            count=violation.flows,
            actor=violation.actor,
            targets=tuple(map(text_from_address, violation.targets[:SHOWN_TARGETS])),
            evidence=Evidence(
                filter=violation.filter(self.settings.most_targets),
                since=violation.first_seen,
                until=violation.last_seen + 1,
            ),
            confidence=0.9,
            technique=self.technique,
        )


def _rule(policy: Policy, violation: _Violation) -> Rule | None:
    return None if violation.rule == NO_RULE else policy.rules[violation.rule - 1]
