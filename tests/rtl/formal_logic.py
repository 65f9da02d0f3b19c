"""Proves assertions about logic without registers, of many modules at once: `prove` of formal.py for what needs no time.

A pipeline whose registers all have an enable may be looked at as well: each of them becomes a wire. That says what the
pipeline computes, not when.

    verdict = prove_logic([*sources, wrapper], "formal_leader_node", {"COUNT": 3}, folder)
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from hwgen.eda import yosys
from hwgen.errors import ToolFailed
from tests.rtl.formal import Verdict, find_abc, read_formal, run_abc

_WIRES = """(* techmap_celltype = "$dffe" *)
module register_with_an_enable (CLK, EN, D, Q);
    parameter WIDTH = 1;
    parameter CLK_POLARITY = 1;
    parameter EN_POLARITY = 1;
    input CLK, EN;
    input [WIDTH-1:0] D;
    output [WIDTH-1:0] Q;
    assign Q = D;
endmodule
"""
# Two gates a bit from the lowest bit up: a tenth of what Yosys's fast adders make of a comparison.
_COMPARISONS = """(* techmap_celltype = "$gt $lt $ge $le" *)
module comparison (A, B, Y);
    parameter A_SIGNED = 0;
    parameter B_SIGNED = 0;
    parameter A_WIDTH = 1;
    parameter B_WIDTH = 1;
    parameter Y_WIDTH = 1;
    parameter _TECHMAP_CELLTYPE_ = "";
    localparam WIDTH = A_WIDTH > B_WIDTH ? A_WIDTH : B_WIDTH;
    localparam SWAP = _TECHMAP_CELLTYPE_ == "$lt" || _TECHMAP_CELLTYPE_ == "$ge";
    localparam NOT = _TECHMAP_CELLTYPE_ == "$le" || _TECHMAP_CELLTYPE_ == "$ge";
    input [A_WIDTH-1:0] A;
    input [B_WIDTH-1:0] B;
    output [Y_WIDTH-1:0] Y;
    wire _TECHMAP_FAIL_ = A_SIGNED || B_SIGNED;
    wire [WIDTH-1:0] a = A, b = B;
    wire [WIDTH-1:0] x = SWAP ? b : a, y = SWAP ? a : b;
    wire [WIDTH:0] above;
    assign above[0] = 0;
    genvar i;
    generate
        for (i = 0; i < WIDTH; i = i + 1) assign above[i+1] = (x[i] ^ y[i]) ? x[i] : above[i];
    endgenerate
    assign Y = above[WIDTH] ^ NOT;
endmodule
"""


def _graph(
    files: Sequence[Path], top: str, parameters: Mapping[str, int], defines: Mapping[str, str], folder: Path
) -> list[str]:
    (folder / "wires.v").write_text(_WIRES)
    (folder / "comparisons.v").write_text(_COMPARISONS)
    lines = [
        *read_formal(files, top, parameters, defines),
        "proc", "flatten", "opt", "opt_dff", "techmap -map wires.v", "wreduce", "peepopt", "opt_clean",
        "techmap -map comparisons.v", "memory_nordff", "memory_map", "chformal -lower", "setundef -undriven -anyseq", "opt",
        "techmap", "setundef -anyseq", "opt_expr", "opt_clean", "dffunmap", "simplemap", "opt_clean",
        "aigmap", "write_aiger -I -B -zinit -ywmap graph.json graph.aig",
    ]  # fmt: skip
    yosys.run_script(lines, folder)
    found = json.loads((folder / "graph.json").read_text())
    if found["latch_count"]:
        raise ToolFailed(top, "registers without an enable are left", log_tail="")
    return [".".join(entry) for entry in found["asserts"]]


def _left(graph: Path) -> list[int]:
    """Places of the outputs of an AIGER file that are not the constant 0."""
    head, *lines = graph.read_bytes().split(b"\n")
    latches, outputs = map(int, head.split()[3:5])
    return [place for place, line in enumerate(lines[latches : latches + outputs]) if int(line) != 0]


def prove_logic(
    files: Sequence[Path],
    top: str,
    parameters: Mapping[str, int],
    folder: Path,
    *,
    defines: Mapping[str, str] | None = None,
    seconds: int = 120,
) -> Verdict:
    """Proves every assertion of a module and of all in it, for all values of its inputs.

    Args:
        files: sources, the top module's included.
        top: module with the assertions; it may assume nothing.
        parameters: of the top module.
        folder: for the files in between.
        defines: macros.
        seconds: allowed for abc.
    Raises:
        ToolMissing: no Yosys or no abc.
        ToolFailed: the sources do not read, registers are left, there is nothing to prove, or time was up.
    """
    abc = find_abc()
    names = _graph(files, top, parameters, defines or {}, folder)
    if not names:
        raise ToolFailed(top, "holds no assertion", log_tail="")
    start = time.monotonic()
    # Nodes that are equal are merged, from the inputs on; what is proven is then the constant 0.
    script = "read_aiger graph.aig; strash; &get -n; &fraig -x; &put; write_aiger -s rest.aig"
    output = run_abc(abc, script, folder, seconds)
    failed = ""
    for place in _left(folder / "rest.aig"):
        # Merging gives up early on what is hard; here it has all the time there is.
        output = run_abc(abc, f"read_aiger graph.aig; strash; cone -O {place}; iprove", folder, seconds)
        if "UNSATISFIABLE" not in output:
            if "SATISFIABLE" not in output:
                raise ToolFailed(
                    f"yosys-abc, {top}", f"no answer within {seconds} s", log_tail=output[-2000:]
                )
            failed = names[place].replace("\\", "")
            break
    spent = round(time.monotonic() - start, 2)
    return Verdict(not failed, "combinational", 0, failed, len(names), spent)
