from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tidegauge.cli.options import lake_option


@click.command()
@lake_option
def where(lake: Path) -> None:
    click.echo(lake)


def test_the_lake_is_the_one_named_last_in_rank(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIDEGAUGE_LAKE", str(tmp_path / "environment"))
    assert CliRunner().invoke(where).output.strip() == str(tmp_path / "environment")
    named = CliRunner().invoke(where, ["--lake", str(tmp_path / "option")])
    assert named.output.strip() == str(tmp_path / "option")
