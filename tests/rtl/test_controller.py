"""The controller's blocks and whole controllers around toy cores, simulated under random stalls and resets; lint."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from hwgen.eda import verilator
from hwgen.eda.run import run_tool
from hwgen.errors import ToolMissing
from hwgen.material import material
from tests.rtl.proofs import CONTROLLER, RTL

BENCHES = material("sim") / "rtl"
SEEDS = range(1, 6)

pytestmark = pytest.mark.verilator


@pytest.fixture(scope="module", autouse=True)
def _verilator() -> None:
    try:
        verilator.find()
    except ToolMissing as missing:
        pytest.skip(str(missing))


def _run(bench: str, parameters: Mapping[str, int], arguments: tuple[int, ...], folder: Path) -> None:
    """Builds one bench and runs it with every seed."""
    simulation = verilator.build(
        [
            *(RTL / f"{name}.sv" for name in CONTROLLER),
            BENCHES / "toy_core.sv",
            BENCHES / "controller" / f"{bench}.sv",
        ],
        bench,
        [BENCHES / "controller" / f"{bench}.cpp"],
        folder,
        parameters=parameters,
        compiler_flags=["-std=c++17"],
        includes=[BENCHES / "controller"],
        optimise="-O0",
        flags=["--x-initial", "unique"],
    )
    for seed in SEEDS:
        command = [str(simulation), *map(str, arguments), str(seed)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert result.returncode == 0, f"seed {seed}: {result.stdout}{result.stderr}"
        assert "\nok " in f"\n{result.stdout}", result.stdout


@pytest.mark.parametrize(
    ("depth", "slots", "beats", "exits", "out_depth"), [(1, 1, 1, 1, 1), (3, 3, 2, 3, 2), (4, 8, 1, 4, 5)]
)
def test_blocks(depth: int, slots: int, beats: int, exits: int, out_depth: int, tmp_path: Path) -> None:
    parameters = {"DEPTH": depth, "SLOTS": slots, "BEATS": beats, "EXITS": exits, "OUT_DEPTH": out_depth}
    _run("blocks", parameters, (depth, slots, beats, exits, out_depth), tmp_path)


@pytest.mark.parametrize(
    ("stages", "beats", "gating", "wake", "hysteresis"),
    [(1, 1, 1, 1, 0), (2, 1, 1, 2, 2), (2, 1, 0, 0, 0), (4, 1, 2, 0, 1), (4, 3, 1, 0, 3)],
)
def test_controller(stages: int, beats: int, gating: int, wake: int, hysteresis: int, tmp_path: Path) -> None:
    parameters = {
        "STAGES": stages, "FEATURE_BEATS": beats, "GATING": gating, "WAKE": wake, "HYSTERESIS": hysteresis,
    }  # fmt: skip
    _run("pipeline", parameters, (stages, beats, gating), tmp_path)


@pytest.mark.parametrize("number", range(1, 6))
def test_lint(number: int) -> None:
    """All warnings but one are on: a module is called hwgen_fifo, its file fifo.sv, as all files here are."""
    values: dict[str, dict[str, int]] = {
        "fifo": {"DEPTH": number, "WIDTH": number},
        "clock_gate": {"MODE": number % 2},
        "feature_buffer": {"SLOTS": number, "BEATS": 6 - number, "BITS": number},
        "stage_shell": {
            "IN_BEATS": number, "IN_FLIGHT": 6 - number, "GATING": number % 3, "WAKE": number - 1,
            "HYSTERESIS": 5 - number, "HAS_BUFFER": number % 2,
        },
        "exit_router": {"LAST": number % 2, "EXIT": number - 1, "EXIT_BITS": 3},
        "result_merge": {"EXITS": number, "EXIT_DEPTH": 6 - number, "OUT_DEPTH": number},
        "reorder": {"DEPTH": number, "SEQ_BITS": 3},
        "watchdog": {"UNITS": number, "LIMIT": number},
        "entrance_beat": {"BEATS": number + 1, "PARITY": number % 2},
    }  # fmt: skip
    tool = verilator.find()
    for name in CONTROLLER:
        files = [RTL / "fifo.sv", RTL / "clock_gate.sv"]
        files += [] if RTL / f"{name}.sv" in files else [RTL / f"{name}.sv"]
        given = [f"-G{key}={value}" for key, value in values[name].items()]
        command: list[str | Path] = [
            tool.program, "--lint-only", "-Wall", "-Wno-DECLFILENAME", "--top-module", f"hwgen_{name}", *given, *files,
        ]  # fmt: skip
        run_tool(f"lint of {name}", command, RTL, tool.environment)
