from __future__ import annotations

from pathlib import Path

import pytest

from tidegauge.app.secret_file import secret_in


def test_a_secret_is_what_stands_on_its_line(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("sesame\n")
    file.chmod(0o640)
    assert secret_in(file) == "sesame"


def test_what_everybody_may_read_is_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("sesame\n")
    file.chmod(0o644)
    with pytest.raises(ValueError, match=f"chmod o= {file}") as caught:
        secret_in(file)
    assert "sesame" not in str(caught.value)
    with pytest.raises(ValueError, match="No such file"):
        secret_in(tmp_path / "none")
