"""Fixtures of the report's tests."""

from __future__ import annotations

import pytest

from tests.report.cases import CASES, Case, made


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    """Each kind of network a recipe may describe."""
    return made(request.param)


@pytest.fixture
def plain() -> Case:
    """Three stages, no abstention."""
    return made("three stages")
