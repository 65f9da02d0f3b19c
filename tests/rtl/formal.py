"""Proves assertions of SystemVerilog modules with what the Python package `pyosys` holds: Yosys and its abc.

Yosys turns the module into an and-inverter graph whose bad states are the assertions and whose constraints
are the assumptions; abc proves that no bad state can be reached (`pdr`: unbounded, it finds the invariant
itself) or that none is within so many cycles (`bmc3`). Registers start with any value unless they have an
initial one: what holds, holds after a reset from any state. Inputs are free in every cycle.

    verdict = prove([*sources, wrapper], "formal_fifo", {"DEPTH": 3}, folder)
    assert verdict.holds, verdict
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hwgen.eda import yosys
from hwgen.errors import ToolFailed, ToolMissing


@dataclass(frozen=True)
class Verdict:
    """What a proof came to.

    Args:
        holds: no assertion can fail.
        method: "pdr" (unbounded), "bmc" (up to `depth`) or "combinational" (formal_logic.py).
        depth: of a failure: cycles until it; of a proof by pdr: frames it took; of bmc: the bound.
        assertion: the first that fails, by its hierarchical label; empty if all hold.
        assertions: how many there were.
        seconds: of abc alone.
    """

    holds: bool
    method: str
    depth: int
    assertion: str
    assertions: int
    seconds: float


def find_abc() -> Path:
    """abc as Yosys ships it.

    Raises:
        ToolMissing: neither in the Python package `pyosys` nor on PATH.
    """
    spec = importlib.util.find_spec("pyosys")
    if spec is not None and spec.submodule_search_locations:
        packaged = Path(spec.submodule_search_locations[0]) / "yosys-abc"
        if packaged.is_file():
            return packaged
    found = shutil.which("yosys-abc")
    if found is None:
        raise ToolMissing("yosys-abc", "not found", "install it with `pip install pyosys`")
    return Path(found)


def read_formal(
    files: Sequence[Path], top: str, parameters: Mapping[str, int], defines: Mapping[str, str]
) -> list[str]:
    """The Yosys commands that read a module with its assertions."""
    reading = yosys.read_commands(files, top, parameters, {"FORMAL": "1", **defines})
    return [line.replace("read_verilog -sv", "read_verilog -sv -formal") for line in reading]


def _graph(
    files: Sequence[Path],
    top: str,
    parameters: Mapping[str, int],
    defines: Mapping[str, str],
    folder: Path,
    edges: bool,
) -> list[str]:
    """Writes graph.aig; returns the names of its assertions in the order of its bad states."""
    reading = read_formal(files, top, parameters, defines)
    # With edges, each step is an edge of any clock, not a cycle of the one clock: for latches and clock gates.
    clocks = ["clk2fflogic"] if edges else ["async2sync"]
    lines = [
        *reading, "proc", "flatten", "opt", "memory_nordff", "memory_map", "chformal -lower", *clocks,
        "dffunmap", "setundef -undriven -anyseq", "opt_clean", "techmap",
        "setundef -anyseq", "opt_clean", "dffunmap", "simplemap", "aigmap", "opt_clean",
        "write_aiger -I -B -zinit -ywmap graph.json graph.aig",
    ]  # fmt: skip
    yosys.run_script(lines, folder)
    return [".".join(entry) for entry in json.loads((folder / "graph.json").read_text())["asserts"]]


def run_abc(abc: Path, script: str, folder: Path, seconds: int) -> str:
    """What abc says to a script."""
    command = [str(abc), "-q", script]
    result = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=seconds + 60
    )
    return result.stdout


def prove(
    files: Sequence[Path],
    top: str,
    parameters: Mapping[str, int] | None,
    folder: Path,
    *,
    defines: Mapping[str, str] | None = None,
    depth: int | None = None,
    edges: bool = False,
    seconds: int = 300,
) -> Verdict:
    """Proves every assertion of a module and of all in it, under its assumptions.

    Args:
        files: sources, the top module's included.
        top: module with the assertions; its inputs are free, its clock is `clk`.
        parameters: of the top module.
        folder: for the files in between.
        defines: macros.
        depth: None for an unbounded proof, else the number of cycles looked at.
        edges: latches and derived clocks are allowed; each step is half a cycle or less.
        seconds: allowed for abc.
    Raises:
        ToolMissing: no Yosys or no abc.
        ToolFailed: the sources do not read, there is nothing to prove, or time was up.
    """
    abc = find_abc()
    names = _graph(files, top, parameters or {}, defines or {}, folder, edges)
    if not names:
        raise ToolFailed(top, "holds no assertion", log_tail="")
    engine = f"pdr -f -T {seconds}" if depth is None else f"bmc3 -T {seconds} -F {depth}"
    # Merging equal registers first halves the work. Where it leaves nothing, pdr has nothing to say, and what
    # is left is a network without registers, which is what iprove takes.
    script = f"read_aiger graph.aig; fold; strash; scorr; dc2; {engine}"
    start = time.monotonic()
    output = run_abc(abc, script, folder, seconds)
    if depth is None and "All outputs solved" in output and "was asserted" not in output:
        output = run_abc(
            abc, "read_aiger graph.aig; fold; strash; scorr; dc2; orpos; iprove", folder, seconds
        )
    spent = round(time.monotonic() - start, 2)
    method = "pdr" if depth is None else "bmc"
    failed = re.search(r"Output (\d+) of miter .* was asserted in frame (\d+)", output)
    if failed:
        name = names[int(failed[1])].replace("\\", "")
        return Verdict(False, method, int(failed[2]), name, len(names), spent)
    proven = re.search(r"Property proved|^UNSATISFIABLE", output, re.MULTILINE)
    searched = re.search(r"No output asserted in (\d+) frames", output)
    if proven and depth is None:
        return Verdict(True, method, 0, "", len(names), spent)
    if searched and depth is not None and int(searched[1]) >= depth:
        return Verdict(True, method, depth, "", len(names), spent)
    raise ToolFailed(f"yosys-abc, {top}", f"no answer within {seconds} s", log_tail=output[-2000:])
