from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Terminal
from tidegauge.cli.main import USAGE


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--receivers", "0"], "0 is not in the range 1<=x<=64"),
        (["--receivers", "65"], "65 is not in the range 1<=x<=64"),
        (["--receive-buffer", "2000"], "2000 is not in the range"),
    ],
)
def test_what_cannot_be_meant_is_told(
    words: list[str], said: str, terminal: Terminal, tmp_path: Path
) -> None:
    ran = terminal("collect", "--listen", "udp://0.0.0.0:2055", "--lake", str(tmp_path / "lake"), *words)
    assert ran.code == USAGE
    assert said in ran.err
    assert not (tmp_path / "lake").exists()
