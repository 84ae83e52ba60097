from __future__ import annotations

import pytest

from tidegauge.clock.timerange import TimeRange
from tidegauge.flow.fields import FIELDS
from tidegauge.query.lookups import LOOKUPS, MOMENT
from tidegauge.query.named import NAMES, is_worth_naming, known, known_field, named_flows
from tidegauge.query.vocabulary import Pair, field_or_pair

FIELD = {field.name: field for field in FIELDS}


def test_a_name_stands_there_already_and_needs_no_lookup() -> None:
    user = known_field(FIELD["user"])
    assert (user.sql, user.resolved, user.lookups) == ('"known_user"', "", ())


def test_other_fields_are_as_they_are() -> None:
    for name in ("src_addr", "src_country", "duplicate"):
        assert known_field(FIELD[name]) is FIELD[name]


def test_words_mean_what_they_mean_over_flows() -> None:
    for word in ("host", "person", "SrcAddr", "port", "nonsense"):
        plain, found = field_or_pair(word), known(word)
        assert type(found) is type(plain)
        if isinstance(plain, Pair) and isinstance(found, Pair):
            assert (found.left.name, found.right.name) == (plain.left.name, plain.right.name)


@pytest.mark.parametrize(
    ("names", "is_worth"),
    [
        (["user"], True),
        (["user", "src_addr", "bytes_up"], True),
        (["src_addr"], False),  # nothing to name
        (["user", "vlan"], False),  # not kept
        (["user", "other"], False),
        (["user", "next_hop"], False),
        (["site", "src_country"], True),  # joined as to flows
    ],
)
def test_which_questions_are_better_asked_of_it(names: list[str], is_worth: bool) -> None:
    assert is_worth_naming(FIELD[name] for name in names) is is_worth


def test_what_is_worked_out_from_columns_that_are_not_kept_is_asked_of_flows() -> None:
    icmp = field_or_pair("icmp_type")
    assert icmp is not None
    assert not isinstance(icmp, Pair)
    assert not is_worth_naming([FIELD["user"], icmp])


def test_only_what_names_is_joined() -> None:
    sql, values = named_flows(TimeRange(5, None))
    assert [name for name in LOOKUPS if f" AS {name} ON " in sql] == list(NAMES)
    assert list(values.values()) == [5]


def test_what_several_joins_speak_of_is_worked_out_once() -> None:
    sql, _ = named_flows(TimeRange())
    assert [sql.count(text) for text in ("near_is_source(", "THEN flows.src_addr ELSE", MOMENT)] == [1, 1, 1]
