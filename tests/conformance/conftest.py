"""Tests that take ``case`` run once for every row of the oracle."""

from __future__ import annotations

import pytest

from tests.conformance.oracle import CASES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES, ids=[f"{case.scope}:{case.name}" for case in CASES])
