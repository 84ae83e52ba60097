"""Files of certificates and keys, as options name them."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from tidegauge.cli.pem_file import PEM_FILE


def test_a_file_that_is_there_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.touch()
    assert PEM_FILE.convert(str(file), None, None) == file


@pytest.mark.parametrize(("name", "what"), [(".", "is a directory"), ("absent.pem", "does not exist")])
def test_anything_else_is_refused_before_anything_starts(tmp_path: Path, name: str, what: str) -> None:
    with pytest.raises(click.BadParameter, match=what):
        PEM_FILE.convert(str(tmp_path / name), None, None)
