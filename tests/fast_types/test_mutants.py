"""Damaged copies of the fast types do not pass for undamaged ones: the comparison sees every damage."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fast_types.compare import FAST, PLAIN, Executable, compile_program, differences
from tests.fast_types.programs import small

pytestmark = [pytest.mark.gxx, pytest.mark.xdist_group("fast_types_mutants")]


@dataclass(frozen=True)
class Mutant:
    """One replaced text in one header, and the functions of `cpp` that must notice."""

    file: str
    old: str
    new: str
    functions: tuple[str, ...]


MUTANTS = {
    "AP_RND rounds ties down": Mutant(
        "fast/convert.h",
        "return floor + ((x >> (d - 1)) & 1);",
        "return floor + (((x >> (d - 1)) & 1) && (x & ((T(1) << (d - 1)) - 1)));",
        ("convert",),
    ),
    "saturates one below the end": Mutant(
        "fast/convert.h",
        "return x > high ? highest<W, S, R>() : x < low ? lowest<W, S, R>() : kept;",
        "return x > high ? R(highest<W, S, R>() - 1) : x < low ? lowest<W, S, R>() : kept;",
        ("convert",),
    ),
    "AP_WRAP_SM without the deleted bit": Mutant(
        "fast/convert.h", "deleted != (kept < 0) ?", "(kept < 0) ?", ("convert",)
    ),
    "a sum without its carry": Mutant(
        "fast/arithmetic.h",
        "using sum_t = result_t<A, B, common<A, B>::integer + 1 + common<A, B>::fraction, common<A, B>::integer + 1,",
        "using sum_t = result_t<A, B, common<A, B>::integer + common<A, B>::fraction, common<A, B>::integer,",
        ("two_operands",),
    ),
    "everything is compared as unsigned": Mutant(
        "fast/arithmetic.h",
        "typedef std::conditional_t<as_unsigned, ",
        "typedef std::conditional_t<true, ",
        ("two_operands",),
    ),
    "a negative shift count shifts on": Mutant(
        "fast/integer.h",
        "return count < 0 ? moved_down<W, S>(x, -count)",
        "return count < 0 ? moved_up<W, S>(x, -count)",
        ("shifts",),
    ),
    "an unsigned number does not wrap": Mutant(
        "fast/native.h",
        "return static_cast<R>(static_cast<R>(x) & highest<W, false, R>());",
        "return static_cast<R>(x);",
        ("convert",),
    ),
    "to_int rounds towards minus infinity": Mutant(
        "fast/fixed.h",
        "convert<whole::width, I, S, AP_TRN_ZERO,",
        "convert<whole::width, I, S, AP_TRN,",
        ("to_c",),
    ),
    "a double is cut, not rounded": Mutant(
        "fast/real.h", "const T q = quantise<Q, 54, T>", "const T q = quantise<AP_TRN, 54, T>", ("from_real",)
    ),
    "a range one bit too short": Mutant(
        "fast/bits.h",
        "const uint128 mask = ones(high - low + 1);",
        "const uint128 mask = ones(high - low);",
        ("ranges",),
    ),
    "a stream forgets to start again": Mutant(
        "hls_stream.h", "end_ -= first_;", "end_ -= first_ / 2;", ("streams",)
    ),
    "a shift register that is read one too far": Mutant(
        "ap_shift_reg.h", "index : index - DEPTH]", "index : index - DEPTH + 1]", ("shift_register",)
    ),
}


class Bench:
    """Compiles a few operators with a folder of types. The undamaged types are known to equal the reference."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.expected: dict[tuple[str, ...], tuple[Executable, NDArray[np.uint64]]] = {}

    def run(
        self, types: Path, functions: tuple[str, ...], name: str
    ) -> tuple[Executable, NDArray[np.uint64]]:
        source = self.folder / f"{'_'.join(functions)}.cpp"
        source.write_text(small(*functions).source())
        executable = Executable(self.folder / name)
        compile_program(source, types, PLAIN, executable.path)
        return executable, executable.results()

    def undamaged(self, functions: tuple[str, ...]) -> tuple[Executable, NDArray[np.uint64]]:
        if functions not in self.expected:
            self.expected[functions] = self.run(FAST, functions, f"undamaged_{'_'.join(functions)}")
        return self.expected[functions]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("mutants"))


@pytest.mark.parametrize("name", MUTANTS)
def test_the_damage_is_found(name: str, bench: Bench, tmp_path: Path) -> None:
    mutant = MUTANTS[name]
    damaged = tmp_path / "fast_types"
    shutil.copytree(FAST, damaged)
    text = (damaged / mutant.file).read_text()
    assert text.count(mutant.old) == 1, f"{mutant.file} no longer contains this text once: {mutant.old}"
    (damaged / mutant.file).write_text(text.replace(mutant.old, mutant.new))
    whole, expected = bench.undamaged(mutant.functions)
    broken, got = bench.run(damaged, mutant.functions, "damaged")
    assert differences(whole, broken, expected, got), "no operator differs"
