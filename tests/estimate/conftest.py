"""The published points and the estimator's errors on them, measured once."""

from __future__ import annotations

import pytest

from benchmarks.estimator.errors import Assessed, assess
from benchmarks.estimator.fit import POINTS
from benchmarks.estimator.fitting import fit
from benchmarks.estimator.published import Point, load
from hwgen.estimate.model import Model


@pytest.fixture(scope="session")
def points() -> list[Point]:
    found, left = load(POINTS)
    assert left == {}
    return found


@pytest.fixture(scope="session")
def fits(points: list[Point]) -> tuple[Model, dict[str, Model]]:
    return fit(points)


@pytest.fixture(scope="session")
def rows(points: list[Point], fits: tuple[Model, dict[str, Model]]) -> list[Assessed]:
    return assess(points, fits[1])
