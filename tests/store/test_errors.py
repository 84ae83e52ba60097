from __future__ import annotations

import pytest

from tidegauge.cli.main import UNREACHABLE, run
from tidegauge.store import errors


def test_a_lake_error_ends_a_command_with_its_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["top", "src_addr", "--lake", "/nowhere/at/all"]) == UNREACHABLE
    assert "there is no lake at /nowhere/at/all" in capfd.readouterr().err


@pytest.mark.parametrize(
    "kind",
    [
        errors.LakeMissingError,
        errors.LakeFormatError,
        errors.LakeUnreadableError,
        errors.QuestionTooLargeError,
        errors.NoSpaceError,
    ],
)
def test_every_error_is_a_lake_error(kind: type[Exception]) -> None:
    assert issubclass(kind, errors.LakeError)
