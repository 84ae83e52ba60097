from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from tidegauge.app.configuration import CollectTable
from tidegauge.cli.keep_options import KeepWords, keep_options, retention_of
from tidegauge.store.manifest import Retention

DAY = 86_400 * 10**9


def told(*arguments: str) -> Retention | str:
    found: list[Retention] = []

    @click.command()
    @keep_options
    def command(**words: object) -> None:
        found.append(retention_of(KeepWords(**words)))  # type: ignore[typeddict-item]

    result = CliRunner().invoke(command, arguments)
    return found[0] if found else result.output


def test_by_themselves_all_is_kept_in_both_places() -> None:
    assert told() == Retention() == CollectTable(listen=()).retention


def test_each_word_means_the_same_in_both_places() -> None:
    found = told("--keep", "90d", "--keep-bytes", "200GB", "--keep-rollups", "2w", "--keep-ledger", "52w")
    assert found == Retention(flows=90 * DAY, bytes=200 * 10**9, rollups=14 * DAY, ledger=364 * DAY)
    table = CollectTable(listen=(), keep="90d", keep_bytes="200GB", keep_rollups="2w", keep_ledger="52w")
    assert found == table.retention


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--keep", "90"], "is no duration"), (["--keep-bytes", "200"], "a number and a unit, as in 200GB")],
)
def test_what_cannot_be_meant(arguments: list[str], said: str) -> None:
    assert said in str(told(*arguments))
