"""hwgen_control in Verilator, driven line by line from Python; see sim/rtl/control_bench.cpp."""

from __future__ import annotations

import subprocess
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from hwgen.eda import verilator
from hwgen.material import material
from hwgen.rtl.control import ControlShape, control_files
from hwgen.rtl.control.files import SOURCES

INPUTS = "0123456789abcdef" * 4


def write_files(shape: ControlShape, folder: Path) -> dict[str, bytes]:
    """Writes the block of a shape into a folder."""
    files = control_files(shape, "small", INPUTS)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return files


def driver_of(files: Mapping[str, bytes]) -> Any:
    """The generated driver as a module."""
    module = types.ModuleType("hwgen_control")
    exec(compile(files["driver/hwgen_control.py"], "hwgen_control.py", "exec"), module.__dict__)
    return module


def build(shape: ControlShape, folder: Path) -> Path:
    """Compiles the bench; the block's files lie in `folder` already."""
    return verilator.build(
        [folder / name for name in SOURCES],
        "hwgen_control",
        [material("sim") / "rtl" / "control_bench.cpp"],
        folder / "build",
        compiler_flags=[
            f"-DSTAGES={shape.stages}",
            f"-DGATES={shape.gates}",
            f"-DPOLICY_BITS={shape.policy_bits}",
        ],
    )


class Bench:
    """A running simulation; also the bus of the driver."""

    def __init__(self, executable: Path) -> None:
        self._process = subprocess.Popen(
            [str(executable)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def __enter__(self) -> Self:
        self("reset 3")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def __call__(self, command: str) -> str:
        """One command, its answer."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer and not answer.startswith("failed"), f"{command}: {answer}"
        return answer.strip()

    def numbers(self, command: str) -> list[int]:
        return [int(part) for part in self(command).split()]

    def number(self, command: str) -> int:
        (value,) = self.numbers(command)
        return value

    def read(self, offset: int) -> int:
        return self.number(f"r {offset:x}")

    def write(self, offset: int, value: int, strobes: int = 15) -> None:
        self(f"w {offset:x} {value:x} {strobes:x}")

    def set(self, **inputs: int) -> None:
        for name, value in inputs.items():
            self(f"set {name} {value}")

    def enter(self) -> tuple[int, int]:
        """One sample enters; its bank and policy."""
        given = self.number("get enter_bank"), self.number("get enter_policy")
        self.set(enter_valid=1, enter_ready=1)
        self("step 1")
        self.set(enter_valid=0, enter_ready=0)
        return given

    def leave(self, bank: int, stage: int = 0, abstain: int = 0) -> None:
        """A result is taken."""
        self.set(leave_valid=1, leave_bank=bank, leave_exit=stage, leave_abstain=abstain)
        self("step 1")
        self.set(leave_valid=0)

    def look(self, bank: int, policy: int, gate: int) -> tuple[int, int]:
        """(threshold, enable) that a gate reads."""
        threshold, enable = self.numbers(f"look {bank} {policy} {gate}")
        return threshold, enable
