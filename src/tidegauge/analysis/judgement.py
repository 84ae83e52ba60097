"""Judgement: which rule of a policy each contact falls under, as SQL over the relation ``contacts``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.analysis.contacts import SLOT
from tidegauge.analysis.policy import HOLDER_FIELDS, Place
from tidegauge.flow.addresses import Network, uuid_text
from tidegauge.query.parameters import Parameters
from tidegauge.query.syntax import And, Match, Not, Or, Term

if TYPE_CHECKING:
    from tidegauge.analysis.activity import Activity
    from tidegauge.analysis.policy import Policy, Ports, Rule
    from tidegauge.query.parameters import ParameterValue

NO_RULE = 0
"""The rule of contacts that no rule fits; the first rule of the file is 1."""

_PORTED = "(6, 17, 33, 132, 136)"


def judge(policy: Policy, activity: Activity) -> None:
    """Make the relation ``judged``: ``contacts`` with ``rule`` and ``phase``.

    A phase is a time in which no rule begins or ceases to hold, so that what falls under one rule in one
    phase is not interrupted by what another rule says at another hour.
    """
    _make_clock(policy, activity)
    if any(_speaks_of_holders(end) for rule in policy.rules for end in (*rule.sources, *rule.targets)):
        activity.look_up("src_holder")
    parameters = Parameters()
    cases = [
        f"WHEN {_condition(rule, number, parameters)} THEN {number}"
        for number, rule in enumerate(policy.rules, start=1)
    ]
    rule = f"CASE {' '.join(cases)} ELSE {NO_RULE} END" if cases else str(NO_RULE)
    activity.rows(
        f"CREATE OR REPLACE TEMP TABLE judged AS "
        f"SELECT contacts.*, phase, {rule} AS rule FROM contacts JOIN rule_clock USING (slot)",
        parameters.values,
    )


def _make_clock(policy: Policy, activity: Activity) -> None:
    """Make ``rule_clock``: for each slot its phase, and the rules with hours that hold then.

    Computed here and not by the database, which knows no time zones.
    """
    hours = {number: rule.hours for number, rule in enumerate(policy.rules, start=1) if rule.hours}
    slots = [slot for (slot,) in activity.rows("SELECT DISTINCT slot FROM contacts ORDER BY slot")]
    holding: list[list[int]] = []
    phases: list[int] = []
    for slot in slots:
        now = [number for number, told in hours.items() if told.contain(slot * SLOT, policy.zone)]
        phases.append(phases[-1] + (now != holding[-1]) if phases else 0)
        holding.append(now)
    activity.rows(
        "CREATE OR REPLACE TEMP TABLE rule_clock AS SELECT unnest(CAST($slots AS INTEGER[])) AS slot, "
        "unnest(CAST($phases AS INTEGER[])) AS phase, unnest(CAST($holding AS INTEGER[][])) AS holding",
        {"slots": slots, "phases": phases, "holding": holding},
    )


def _condition(rule: Rule, number: int, parameters: Parameters) -> str:
    """When a contact falls under a rule, as far as the rule alone says."""
    conditions = [_ends(rule.sources, "client", parameters), _ends(rule.targets, "server", parameters)]
    if rule.ports:
        conditions.append(" OR ".join(_ports(ports, parameters) for ports in rule.ports))
    if rule.hours:
        conditions.append(f"list_contains(holding, {number})")
    return " AND ".join(f"({condition})" for condition in conditions)


def _ends(ends: tuple[Place | Term, ...], column: str, parameters: Parameters) -> str:
    return " OR ".join(_end(end, column, parameters) for end in ends)


def _end(end: Place | Term, column: str, parameters: Parameters) -> str:
    if end is Place.ANY:
        return "TRUE"
    if end is Place.HOME:
        return f"is_home({column})"
    if end is Place.OUTSIDE:
        return f"NOT is_home({column})"
    if isinstance(end, Not):
        return f"NOT ({_end(end.term, column, parameters)})"
    if isinstance(end, And | Or):
        word = " AND " if isinstance(end, And) else " OR "
        return "(" + word.join(_end(inner, column, parameters) for inner in end.terms) + ")"
    if isinstance(end, Match):
        return "(" + " OR ".join(_match(end, value, column, parameters) for value in end.values) + ")"
    return "TRUE"


def _match(match: Match, value: object, column: str, parameters: Parameters) -> str:
    if isinstance(value, Network):
        first, last = (parameters.add(uuid_text(end)) for end in (value.first, value.last))
        return f"{column} BETWEEN CAST({first} AS UUID) AND CAST({last} AS UUID)"
    named = HOLDER_FIELDS.get(match.field)
    if named is None or not isinstance(value, str):
        return "FALSE"
    return (
        f"EXISTS (SELECT 1 FROM holders WHERE holders.address = contacts.{column} "
        f"AND lower(holders.{named}) = lower({_text(value, parameters)}) "
        "AND holders.since <= contacts.first_seen AND contacts.first_seen < holders.until)"
    )


def _text(value: ParameterValue, parameters: Parameters) -> str:
    return f"CAST({parameters.add(value)} AS VARCHAR)"


def _ports(ports: Ports, parameters: Parameters) -> str:
    protocol = f"IN {_PORTED}" if ports.protocol is None else f"= {parameters.add(ports.protocol)}"
    first, last = parameters.add(ports.first), parameters.add(ports.last)
    return f"protocol {protocol} AND port BETWEEN {first} AND {last}"


def _speaks_of_holders(end: Place | Term) -> bool:
    if isinstance(end, Match):
        return end.field in HOLDER_FIELDS
    if isinstance(end, Not):
        return _speaks_of_holders(end.term)
    return isinstance(end, And | Or) and any(_speaks_of_holders(inner) for inner in end.terms)
