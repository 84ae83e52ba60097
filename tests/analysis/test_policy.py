from __future__ import annotations

from tidegauge.analysis.policy import HOLDER_FIELDS, PolicyError, Ports
from tidegauge.query.error import QuestionError
from tidegauge.query.lookups import RELATIONS


def test_ports_left_out_are_all() -> None:
    assert (Ports(6).first, Ports(6).last) == (0, 65535)


def test_a_mistake_in_a_policy_is_the_askers_to_mend() -> None:
    assert issubclass(PolicyError, QuestionError)


def test_names_are_looked_up_in_columns_that_exist() -> None:
    columns = {column.split()[0] for column in RELATIONS["holders"].split(", ")}
    assert set(HOLDER_FIELDS.values()) <= columns
