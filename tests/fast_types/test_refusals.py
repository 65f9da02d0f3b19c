"""What the fast types cannot do does not compile, and the message says what it is and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.fast_types.compare import FAST, compiler

pytestmark = pytest.mark.gxx

REFUSED = {
    "ap_int<129> x;": "128 bits",
    "ap_ufixed<200, 10> x;": "128 bits",
    "ap_int<100> a = 1, b = 1; auto c = a * b;": "128 bits",
    "ap_fixed<100, 90> a = 1; ap_fixed<100, 2> b = 1; auto c = a + b;": "128 bits",
    "ap_uint<80> a = 1; ap_uint<160> b = (a, a);": "128 bits",
    "ap_int<0> x;": "without bits",
    "ap_fixed<8, 4, AP_TRN, AP_WRAP, 2> x;": "saturation bits",
    "ap_ufixed<8, 4, AP_TRN, AP_WRAP_SM> x = ap_fixed<9, 6>(1);": "AP_WRAP_SM",
}


def messages(folder: Path, statements: str) -> str:
    source = folder / "refused.cpp"
    source.write_text(
        f'#include "ap_fixed.h"\n#include "ap_int.h"\nint main() {{ {statements} return 0; }}\n'
    )
    done = compiler(source, FAST, "-fsyntax-only")
    assert bool(done.returncode) == ("error:" in done.stderr)
    return done.stderr


@pytest.mark.parametrize("statements", REFUSED)
def test_refused_with_a_way_out(statements: str, tmp_path: Path) -> None:
    errors = re.findall(r"static assertion failed: (fast_types: .*)", messages(tmp_path, statements))
    assert errors, "nothing was refused"
    assert REFUSED[statements] in errors[0]
    assert "--types reference" in errors[0]


def test_the_widest_are_accepted(tmp_path: Path) -> None:
    widest = (
        "ap_int<128> a = 1; ap_uint<128> b = 1; ap_fixed<128, 64> c = a; ap_int<64> d = 1; auto e = d * d;"
    )
    assert messages(tmp_path, widest) == ""


def test_an_old_language_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "old.cpp"
    source.write_text('#include "ap_int.h"\n')
    assert "C++17 is needed" in compiler(source, FAST, "-fsyntax-only", "-std=c++11").stderr
