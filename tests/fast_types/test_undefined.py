"""The fast types do nothing that C++ leaves undefined: sanitizers see nothing, optimisation changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwgen.simulation.types import TYPES
from tests.fast_types.compare import FAST, PLAIN, Executable, compile_program, differences
from tests.fast_types.programs import small

pytestmark = pytest.mark.gxx

SANITIZED = ("-O0", "-fsanitize=undefined,address", "-fno-sanitize-recover=all")


def test_nothing_undefined(tmp_path: Path) -> None:
    source = tmp_path / "small.cpp"
    source.write_text(small().source())
    plain = Executable(tmp_path / "plain")
    compile_program(source, FAST, PLAIN, plain.path)
    expected = plain.results()
    assert len(expected) > 10_000
    for name, flags in {"sanitized": SANITIZED, "as_simulated": TYPES["fast"].flags}.items():
        other = Executable(tmp_path / name)
        compile_program(source, FAST, flags, other.path)
        assert not differences(plain, other, expected, other.results()), name
