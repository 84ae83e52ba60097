from tidegauge.flow.fields import FIELDS


def test_a_field_is_stored_or_derived() -> None:
    by_name = {field.name: field for field in FIELDS}
    assert not by_name["bytes"].is_derived
    assert by_name["duration"].is_derived


def test_a_derived_field_is_not_filled_from_the_wire() -> None:
    assert [field.name for field in FIELDS if field.is_derived and field.elements] == []


def test_no_word_means_two_fields() -> None:
    words = [word for field in FIELDS for word in (field.name, *field.words)]
    assert len(words) == len(set(words))
