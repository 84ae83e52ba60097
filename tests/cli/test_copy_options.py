from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Terminal
from tidegauge.cli.main import USAGE


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--forward", "192.0.2.7"], "is written udp://HOST:PORT"),
        (["--forward", "udp://127.0.0.1:2055"], "forward to itself"),
        (["--keep-raw", "long"], "long"),
        (["--keep-raw", "1d", "--keep-raw-bytes", "10"], "is no size"),
        (["--forward-source", "somebody"], "is not one of"),
    ],
)
def test_what_cannot_be_meant_is_told(
    words: list[str], said: str, terminal: Terminal, tmp_path: Path
) -> None:
    ran = terminal("collect", "--listen", "udp://0.0.0.0:2055", "--lake", str(tmp_path / "lake"), *words)
    assert ran.code == USAGE
    assert said in ran.err
    assert not (tmp_path / "lake").exists()
