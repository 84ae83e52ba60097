from __future__ import annotations

import pytest

from tidegauge.names.mac import is_randomised, mac_from_duid, mac_from_text


@pytest.mark.parametrize("text", ["00:1b:44:11:3a:b7", "00-1B-44-11-3A-B7", "001b.4411.3ab7", "001B44113AB7"])
def test_every_spelling_becomes_one(text: str) -> None:
    assert mac_from_text(text) == "00:1b:44:11:3a:b7"


@pytest.mark.parametrize(
    "text", ["", "00:1b:44:11:3a", "00:1b:44:11:3a:b7:00", "06-00:11:22:33:44:55", "zz:1b:44:11:3a:b7"]
)
def test_other_text_is_none(text: str) -> None:
    assert mac_from_text(text) is None


@pytest.mark.parametrize(
    ("duid", "mac"),
    [
        ("00:01:00:01:32:97:3f:d9:00:1b:44:11:3a:02", "00:1b:44:11:3a:02"),
        ("00:03:00:01:00:1b:44:11:3a:02", "00:1b:44:11:3a:02"),
        ("00:02:00:00:ab:11:00:1b:44:11:3a:02:aa:bb", None),
        ("00:01:00:01:32:97:3f:d9:00:1b:44:11:3a", None),
        ("*", None),
    ],
    ids=["with time", "without", "vendor's number", "too short", "none"],
)
def test_the_card_inside_an_identifier(duid: str, mac: str | None) -> None:
    assert mac_from_duid(duid) == mac


@pytest.mark.parametrize(("first", "is_random"), [("02", True), ("da", True), ("00", False), ("f4", False)])
def test_made_up_addresses_are_told_by_a_bit(first: str, is_random: bool) -> None:
    assert is_randomised(f"{first}:00:00:00:00:01") is is_random
