"""Evidence: the flows behind a finding, asked whether there is one among them that a filter matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegauge.query.lookups import joined, lookups_of
from tidegauge.query.parameters import Parameters
from tidegauge.query.parser import parse
from tidegauge.query.predicate import predicate
from tidegauge.query.statement import Statement
from tidegauge.query.syntax import conjunction

if TYPE_CHECKING:
    from tidegauge.analysis.finding import Finding
    from tidegauge.analysis.reading import Reading
    from tidegauge.query.syntax import Term


def shows(reading: Reading, finding: Finding, term: Term) -> bool:
    """Whether at least one of the flows behind a finding is matched."""
    parameters = Parameters()
    wanted = conjunction([parse(finding.evidence.filter).term, term])
    since, until = (parameters.add(end) for end in (finding.evidence.since, finding.evidence.until))
    lookups = lookups_of(wanted)
    began = "epoch_ns(coalesce(flows.start, flows.received))"
    sql = (
        f"SELECT 1 FROM {joined('flows', lookups)} WHERE {predicate(wanted, parameters)} "
        f"AND {began} >= {since} AND {began} < {until} LIMIT 1"
    )
    return bool(reading.tuples(Statement(sql, parameters.values, (), lookups)))
