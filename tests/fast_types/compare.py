"""Compiles one program with both sets of types, runs both, and names what differs."""

from __future__ import annotations

import importlib.util
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwgen.material import material
from tests.fast_types.programs import Program

SOURCES = Path(__file__).resolve().parent / "cpp"
FAST = material("sim") / "csim" / "fast_types"

PLAIN = ("-O0",)  # these programs compile for much longer than they run

_RECORD = 3  # words: format of the result, its low and its high bits
_NAMED = 400  # at most so many differing records are put into words


def reference() -> Path:
    """The open types that hls4ml writes into every project, found without importing it."""
    spec = importlib.util.find_spec("hls4ml")
    assert spec is not None and spec.origin is not None, "hls4ml is not installed"
    return Path(spec.origin).parent / "templates" / "vivado" / "ap_types"


def compile_program(source: Path, types: Path, flags: tuple[str, ...], output: Path) -> None:
    """Raises with the compiler's first errors."""
    done = compiler(source, types, *flags, "-o", str(output))
    if done.returncode:
        errors = [
            line for line in done.stderr.splitlines() if "error" in line or "required from here" in line
        ]
        raise AssertionError("\n".join([f"{source.name} does not compile with {types}:", *errors[:20]]))


def compiler(source: Path, types: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    # NDEBUG silences the reference, which reports every & of different widths.
    command = ["g++", "-std=c++17", "-w", "-DNDEBUG", f"-I{types}", f"-I{SOURCES}", *flags, str(source)]
    return subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)


@dataclass(frozen=True)
class Difference:
    """One operator on one pair of types; the first operands for which the results differ."""

    types: str
    operator: str
    operands: str
    reference: str
    fast: str

    def __str__(self) -> str:
        return f"{self.types}: `{self.operator}` for {self.operands}: reference {self.reference}, fast {self.fast}"


class Executable:
    """A compiled program with the operands that its seed and count of random values draw."""

    def __init__(self, path: Path, seed: int = 1, randoms: int = 40) -> None:
        self.path, self.seed, self.randoms = path, seed, randoms

    def _run(self, *arguments: str) -> str:
        command = [str(self.path), arguments[0], str(self.seed), str(self.randoms), *arguments[1:]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, f"{self.path} ended with {done.returncode}: {done.stderr[-2000:]}"
        return done.stdout

    def results(self) -> NDArray[np.uint64]:
        output = self.path.with_suffix(".bin")
        self._run(str(output))
        records = np.fromfile(output, dtype="<u8").reshape(-1, _RECORD)
        output.unlink()
        return records

    def in_words(self, records: list[int]) -> list[list[str]]:
        """Types, operator, operands and result of some records."""
        lines = self._run("-", *map(str, records)).splitlines()
        return [line.split("\t")[1:] for line in lines if line.count("\t") == 4]


def differences(
    one: Executable, other: Executable, expected: NDArray[np.uint64], got: NDArray[np.uint64]
) -> list[Difference]:
    """Each differing operator once."""
    assert len(expected) == len(got), (
        f"{len(expected)} results with the reference types, {len(got)} with the fast ones"
    )
    rows = np.flatnonzero((expected != got).any(axis=1))
    if not len(rows):
        return []
    step = -(-len(rows) // _NAMED)
    chosen = [int(row) for row in rows[::step]]
    named: dict[tuple[str, str], Difference] = {}
    for first, second in zip(one.in_words(chosen), other.in_words(chosen), strict=True):
        types, operator, operands, result = first
        named.setdefault((types, operator), Difference(types, operator, operands, result, second[3]))
    return list(named.values())


@dataclass(frozen=True)
class Outcome:
    compared: int
    differences: list[Difference]

    def __str__(self) -> str:
        return "\n".join([f"{len(self.differences)} operators differ:", *map(str, self.differences)])


def compare(
    program: Program, folder: Path, seed: int = 1, randoms: int = 40, fast_flags: tuple[str, ...] = PLAIN
) -> Outcome:
    """Both sides of one program."""
    source = folder / f"{program.name}.cpp"
    source.write_text(program.source())
    whole = Executable(folder / f"{program.name}_reference", seed, randoms)
    fast = Executable(folder / f"{program.name}_fast", seed, randoms)
    compile_program(source, reference(), PLAIN, whole.path)
    compile_program(source, FAST, fast_flags, fast.path)
    expected, got = whole.results(), fast.results()
    return Outcome(len(expected), differences(whole, fast, expected, got))
