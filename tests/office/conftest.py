from __future__ import annotations

import pytest

from tests.office_day import OfficeDay, office_day


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory) -> OfficeDay:
    """One day of fifty people, as the lake has it and as it was."""
    return office_day(tmp_path_factory.mktemp("office"))
