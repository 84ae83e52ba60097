from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.cli.main import USAGE, run


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["tls://127.0.0.1:0"], "tls://127.0.0.1:0 needs a certificate and its key"),
        (["tcp://127.0.0.1:0", "--maximum-connections", "0"], "--maximum-connections"),
        (["tcp://127.0.0.1:0", "--connection-idle", "0"], "--connection-idle"),
        (["tcp://127.0.0.1:0", "--tls-key", "absent.pem"], "absent.pem"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run(["collect", "--lake", str(tmp_path), "--listen", *words]) == USAGE
    assert said in capsys.readouterr().err
