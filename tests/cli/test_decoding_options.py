from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from tidegauge.app.configuration import CollectTable
from tidegauge.cli.decoding_options import DecodingWords, decoding_options, decoding_settings
from tidegauge.receiving.decoding_settings import DecodingSettings

NAMES = [name.replace("_", "-") for name in DecodingSettings._fields]


def told(*arguments: str) -> DecodingSettings | str:
    found: list[DecodingSettings] = []

    @click.command()
    @decoding_options
    def command(**words: object) -> None:
        found.append(decoding_settings(DecodingWords(**words)))  # type: ignore[typeddict-item]

    result = CliRunner().invoke(command, arguments)
    return found[0] if found else result.output


def test_by_themselves_they_are_the_usual_ones_in_both_places() -> None:
    assert told() == DecodingSettings() == CollectTable(listen=()).decoding


def test_each_word_is_an_option_and_changes_something() -> None:
    for name in NAMES:
        value = {"template-scope": ["port"], "udp-withdrawals": ["ignore"], "read-v9-sets": []}.get(
            name, ["7"]
        )
        if name in ("template-lifetime", "parked-age"):
            value = ["7m"]
        settings = told(f"--{name}", *value)
        assert isinstance(settings, DecodingSettings), settings
        changed = [
            one
            for one in DecodingSettings._fields
            if getattr(settings, one) != getattr(DecodingSettings(), one)
        ]
        assert changed == [name.replace("-", "_")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--template-lifetime", "1800"], "'1800' is no duration"),
        (["--maximum-exporters", "20000"], "not in the range"),
        (["--template-scope", "domain"], "is not one of"),
    ],
)
def test_what_cannot_be_meant_is_told(arguments: list[str], said: str) -> None:
    assert said in str(told(*arguments))
