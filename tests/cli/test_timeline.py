from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tidegauge.cli.timeline import command

pytestmark = pytest.mark.usefixtures("sample")


def texts(*words: str) -> list[str]:
    ran = CliRunner().invoke(command, list(words), catch_exceptions=False)
    return [json.loads(line)["text"] for line in ran.stdout.splitlines()]


def test_the_life_of_an_address() -> None:
    first, second = texts("10.0.0.1")
    assert first.startswith("10.0.0.1:50000 to 198.51.100.1:443 by tcp")
    assert second.startswith("10.0.0.3 to 10.0.0.1 by icmp")


def test_a_filter_picks_among_its_flows() -> None:
    assert len(texts("10.0.0.1", "icmp", "or", "udp")) == 1


def test_kinds_are_picked() -> None:
    assert texts("10.0.0.1", "--having", "kind = dns") == []
    assert len(texts("10.0.0.1", "--having", "not kind = dns")) == len(texts("10.0.0.1"))
