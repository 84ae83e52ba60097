from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tidegauge.cli.billing import command


@pytest.mark.usefixtures("sample")
def test_the_percentile_and_the_samples_it_was_taken_from() -> None:
    words = ["--by", "src_addr", "--since", "2026-01-01T12:00Z", "--until", "2026-01-01T12:05Z"]
    ran = CliRunner().invoke(command, [*words, "--percentile", "50", "tcp"], catch_exceptions=False)
    [row] = map(json.loads, ran.stdout.splitlines())
    assert (row["src_addr"], row["bytes_out"], row["percentile"], row["samples"]) == ("10.0.0.1", 10, 50.0, 1)
