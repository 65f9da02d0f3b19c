"""Every operator returns the same bits in the same format with either set of types."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fast_types.compare import compare
from tests.fast_types.programs import PROGRAMS

pytestmark = pytest.mark.gxx


@pytest.mark.parametrize("name", PROGRAMS)
def test_fast_types_equal_the_reference(name: str, tmp_path: Path) -> None:
    outcome = compare(PROGRAMS[name](), tmp_path)
    assert not outcome.differences, str(outcome)
    assert outcome.compared > 10_000
