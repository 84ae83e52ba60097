from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from tidegauge.cli.time_sources import time_source_options
from tidegauge.ntp.server_address import ServerAddress


@click.command()
@time_source_options
def command(time_sources: tuple[ServerAddress, ...], trusted: object) -> None:
    click.echo(f"{' '.join(map(str, time_sources))} {trusted}")


def test_sources_are_read_in_order() -> None:
    arguments = ["--time-source", "192.0.2.1", "--time-source", "nts://time.example.org:4461"]
    result = CliRunner().invoke(command, arguments)
    assert result.output == "ntp://192.0.2.1 nts://time.example.org:4461 None\n"


@pytest.mark.parametrize("text", ["host:port", "http://host", ""])
def test_what_is_no_server_is_a_usage_error(text: str) -> None:
    result = CliRunner().invoke(command, ["--time-source", text])
    assert (result.exit_code, "Error" in result.output) == (2, True)


def test_certificates_have_to_exist() -> None:
    assert CliRunner().invoke(command, ["--trusted", "/nowhere.pem"]).exit_code == 2
