"""Switching activity: dumps counted by hand, registers counted with NumPy, SAIF read back, nets told apart."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwgen.eda import verilator
from hwgen.errors import CheckFailed, ToolFailed, ToolMissing
from hwgen.material import material
from hwgen.simulation.rtl.activity import activity, against, block_of
from hwgen.simulation.rtl.bench import Bench, Run, Settings
from hwgen.simulation.rtl.nets import list_nets
from tests.rtl import toy

DUMP = """$timescale 1ps $end
$scope module TOP $end
 $var wire 1 ! clk $end
 $scope module top $end
  $var wire 1 ! clk $end
  $var wire 4 " bus [3:0] $end
  $var wire 1 % late $end
  $scope module u_in $end
   $var wire 1 ! clk $end
   $var wire 4 " data [3:0] $end
   $var wire 2 # state [2:1] $end
   $var wire 2 & again [1:0] $end
   $var wire 8 ' mem[0] [7:0] $end
  $upscope $end
 $upscope $end
$upscope $end
$enddefinitions $end
#0
0!
b0000 "
b00 #
b00 &
bx %
b0 '
#10
1!
b1 "
b11 #
b11 &
1%
#15
b1010 "
#20
0!
b01 #
b01 &
x%
b10000001 '
#30
1!
0%
"""
# clk 3; bus 0000 0001 1010: 1 + 3; state 00 11 01: 2 + 1; late x 1 x 0: none; mem 2; again as state
NETS = """c top.clk
o top.bus
o top.late
a top.u_in.clk
a top.u_in.data
r top.u_in.state
a top.u_in.again
r top.u_in.mem
"""


@pytest.fixture(scope="module")
def count(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("toggles")
    sim = material("sim")
    flags = ["-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{sim / 'csim'}"]
    subprocess.run(
        ["g++", *flags, str(sim / "rtl" / "toggles.cpp"), "-o", str(folder / "toggles")], check=True
    )

    def run(dump: str, nets: str | None = None, depth: int = 99) -> dict[str, Any]:
        (folder / "dump.vcd").write_text(dump)
        words = [f"vcd={folder / 'dump.vcd'}", f"depth={depth}"]
        if nets is not None:
            (folder / "nets.txt").write_text(nets)
            words.append(f"nets={folder / 'nets.txt'}")
        subprocess.run([str(folder / "toggles"), *words, str(folder / "out")], check=True)
        found: dict[str, Any] = json.loads((folder / "out.toggles").read_text())
        found["saif"] = (folder / "out.saif").read_text()
        return found

    return run


def _sums(found: dict[str, Any]) -> dict[tuple[str, str], int]:
    return {(group["scope"], group["kind"]): group["toggles"] for group in found["groups"]}


def parse_saif(text: str) -> list[Any]:
    """The nested lists of a SAIF file."""
    stack: list[list[Any]] = [[]]
    for token in re.findall(r'"[^"]*"|[()]|[^\s()]+', text):
        if token == "(":
            stack.append([])
        elif token == ")":
            last = stack.pop()
            stack[-1].append(last)
        else:
            stack[-1].append(token)
    assert len(stack) == 1
    (whole,) = stack[0]
    return whole


def saif_nets(instance: list[Any], path: str = "") -> dict[str, dict[str, int]]:
    """Path of every bit -> its entries."""
    here = f"{path}{instance[1]}"
    found: dict[str, dict[str, int]] = {}
    for part in instance[2:]:
        if part[0] == "INSTANCE":
            found |= saif_nets(part, f"{here}/")
        elif part[0] == "NET":
            for name, *entries in part[1:]:
                found[f"{here}/{name}"] = {key: int(value) for key, value in entries}
    return found


@pytest.mark.gxx
def test_a_dump_counted_by_hand(count: Any) -> None:
    found = count(DUMP, NETS)
    assert _sums(found) == {
        ("top", "clock"): 3,
        ("top", "other"): 4,
        ("top.u_in", "register"): 3 + 2,
        ("top.u_in", "other"): 0,
    }
    assert found["duration"] == 30
    assert found["unlisted"] == 0


@pytest.mark.gxx
def test_without_a_list_copies_count_where_they_are_named_first(count: Any) -> None:
    found = count(DUMP)
    assert _sums(found) == {("top", "other"): 7, ("top.u_in", "other"): 3 + 3 + 2}
    assert found["unlisted"] == 8  # every name below TOP, aliases included
    assert _sums(count(DUMP, depth=0)) == {("top", "other"): 15}


@pytest.mark.gxx
def test_members_of_a_structure_are_of_its_kind(count: Any) -> None:
    dump = """$scope module top $end
$scope module state $end
$var wire 1 ! busy $end
$var wire 2 " words[1] [1:0] $end
$upscope $end
$upscope $end
$enddefinitions $end
#0
0!
b0 "
#1
1!
b11 "
"""
    found = count(dump, "r top.state\n")
    assert _sums(found) == {("top.state", "register"): 3}
    assert found["unlisted"] == 0


@pytest.mark.gxx
def test_the_saif_file_says_the_same_bit_by_bit(count: Any) -> None:
    whole = parse_saif(count(DUMP, NETS)["saif"])
    assert whole[0] == "SAIFILE"
    head = {part[0]: part[1:] for part in whole[1:]}
    assert head["SAIFVERSION"] == ['"2.0"']
    assert head["DIRECTION"] == ['"backward"']
    assert head["DIVIDER"] == ["/"]
    assert head["TIMESCALE"] == ["1", "ps"]
    assert head["DURATION"] == ["30"]
    (top,) = [part for part in whole[1:] if part[0] == "INSTANCE"]
    nets = saif_nets(top)
    assert all(net["T0"] + net["T1"] + net["TX"] == 30 and net["IG"] == 0 for net in nets.values())
    assert nets["top/clk"] == {"T0": 20, "T1": 10, "TX": 0, "TC": 3, "IG": 0}
    assert nets[r"top/bus\[3\]"] == {"T0": 15, "T1": 15, "TX": 0, "TC": 1, "IG": 0}
    assert nets[r"top/bus\[0\]"] == {"T0": 25, "T1": 5, "TX": 0, "TC": 2, "IG": 0}
    assert nets[r"top/u_in/data\[1\]"] == nets[r"top/bus\[1\]"]
    assert nets[r"top/u_in/state\[2\]"]["TC"] == 2
    assert nets[r"top/u_in/state\[1\]"]["TC"] == 1
    assert nets["top/late"] == {"T0": 0, "T1": 10, "TX": 20, "TC": 0, "IG": 0}
    assert nets[r"top/u_in/mem\[0\]\[7\]"]["TC"] == 1


RAW = toy.samples(300, seed=8)


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    try:
        verilator.find()
    except ToolMissing as error:
        pytest.skip(str(error))
    return toy.DESIGN.build(tmp_path_factory.mktemp("traced"), "vcd")


def _trace(bench: Bench, folder: Path, enable: int, settings: Settings) -> Run:
    return bench.run(toy.stimuli(RAW), folder, toy.plain(enable=enable), settings)


EACH = Settings(spaced=1, junk=False, trace=(20, 220), each=True)


@pytest.mark.verilator
def test_registers_toggle_as_often_as_numpy_says(traced: Bench, tmp_path: Path) -> None:
    run = _trace(traced, tmp_path, 1, EACH)
    assert run.toggles is not None
    assert run.toggles["unlisted"] == 0
    tags = run.stimuli.tags.astype(np.int64)
    leaves = RAW[:, 1] >= toy.POLICIES[0]
    bits = ((RAW[:, :, None] >> np.arange(8)) & 1).reshape(len(RAW), -1)
    words = np.concatenate([bits, (tags[:, None] >> np.arange(toy.TAG_BITS)) & 1, leaves[:, None]], axis=1)
    stage1 = (words[1:] != words[:-1]).sum(axis=1)[19:219] * toy.D1 + 2 * toy.D1
    found = activity(run)
    assert found["samples"] == 200
    assert found["blocks"]["stage1"]["register"] == stage1.mean()
    deep = np.flatnonzero(~leaves)
    changes = (words[deep[1:]] != words[deep[:-1]]).sum(axis=1) * toy.D2 + 2 * toy.D2
    inside = (deep[1:] >= 20) & (deep[1:] < 220)
    assert found["blocks"]["stage2"]["register"] == changes[inside].sum() / 200
    # What the spaced samples that leave early cost behind their exit: nothing.
    first, second = found["per_exit"]
    assert (first["samples"], second["samples"]) == (int(leaves[20:220].sum()), int((~leaves[20:220]).sum()))
    assert first["blocks"]["stage2"]["total"] == 0
    assert second["blocks"]["stage2"]["register"] == changes[inside].mean()
    assert found["source"] == "rtl_simulation"


@pytest.mark.verilator
def test_early_exit_against_exits_disabled(traced: Bench, tmp_path: Path) -> None:
    early, all_on = (activity(_trace(traced, tmp_path, enable, EACH)) for enable in (1, 0))
    both = against({"early exit": early, "exits disabled": all_on}, "exits disabled")
    assert both["saved"] == {"early exit": 1 - early["per_sample"] / all_on["per_sample"]}
    share = 1 - (RAW[20:220, 1] >= toy.POLICIES[0]).mean()
    registers = [found["blocks"]["stage2"]["register"] for found in (early, all_on)]
    assert registers[0] / registers[1] == pytest.approx(share, rel=0.1)
    assert all_on["per_exit"][0] is None


@pytest.mark.verilator
def test_full_rate_registers_go_with_the_share_that_continues(traced: Bench, tmp_path: Path) -> None:
    one = Settings(junk=False, trace=(20, 280))
    registers = [
        activity(_trace(traced, tmp_path, enable, one))["blocks"]["stage2"]["register"] for enable in (1, 0)
    ]
    share = 1 - (RAW[20:280, 1] >= toy.POLICIES[0]).mean()
    assert registers[0] / registers[1] == pytest.approx(share, rel=0.1)


@pytest.mark.verilator
def test_the_saif_file_of_a_run_adds_up_to_its_windows(traced: Bench, tmp_path: Path) -> None:
    run = _trace(traced, tmp_path, 1, EACH)
    assert run.saif is not None and run.windows is not None and run.toggles is not None
    whole = parse_saif(run.saif.read_text())
    duration = int(next(part[1] for part in whole[1:] if part[0] == "DURATION"))
    entered = run.sends[:, 0]
    assert duration == 10_000 * int(entered[220] - entered[20])
    nets = saif_nets(next(part for part in whole[1:] if part[0] == "INSTANCE"))
    assert all(net["T0"] + net["T1"] + net["TX"] == duration for net in nets.values())
    registers = [
        net for name, net in nets.items() if re.match(r"hwgen_pipeline/u_stage1/(data|valid)\\", name)
    ]
    group = next(
        i
        for i, group in enumerate(run.toggles["groups"])
        if group["scope"].endswith("u_stage1") and group["kind"] == "register"
    )
    assert sum(net["TC"] for net in registers) == int(run.windows[:, group].sum())
    assert not any("BITS" in name for name in nets)  # parameters are no nets


@pytest.mark.verilator
def test_nothing_counted_is_no_activity(traced: Bench, tmp_path: Path) -> None:
    run = _trace(traced, tmp_path, 1, Settings(junk=False))
    untraced = Run(run.stimuli, run.script, run.settings, run.summary, run.results, run.sends, run.timeline)
    with pytest.raises(CheckFailed, match="the run counted no toggles"):
        activity(untraced)


def test_blocks_by_instance_names() -> None:
    assert block_of("hwgen_pipeline") == "control"
    assert block_of("hwgen_pipeline.u_merge.g_exit[1].exit_i") == "control"
    assert block_of("hwgen_pipeline.stage2.core.next1_logic.op_3") == "stage2"
    assert block_of("hwgen_pipeline.u_stage_1.u_gate1.top_two") == "gate1"


NAMES = """
module leaf #(parameter W = 4) (input wire clk, input wire [W-1:0] a, output wire [W-1:0] q, output wire [W-1:0] n);
  logic [W-1:0] kept;
  always_ff @(posedge clk) kept <= a;
  assign q = kept;
  assign n = ~kept;
endmodule
module names (input wire clk, input wire on, input wire [7:0] x, output wire [7:0] y, output logic [3:0] z);
  wire gated = clk & on;
  wire [3:0] low = x[3:0];
  for (genvar i = 0; i < 2; i++) begin : g_leaf
    wire [3:0] n;
    leaf u (.clk(i == 0 ? clk : gated), .a(i == 0 ? low : x[7:4]), .q(y[4*i +: 4]), .n(n));
  end
  always_comb z = g_leaf[0].n ^ low;
endmodule
"""


@pytest.mark.verilator
def test_nets_are_told_apart(tmp_path: Path) -> None:
    try:
        verilator.find()
    except ToolMissing as error:
        pytest.skip(str(error))
    source = tmp_path / "names.sv"
    source.write_text(NAMES)
    listed = list_nets([source], "names", tmp_path / "work")
    kinds = {path: kind for kind, path in (line.split() for line in listed.read_text().splitlines())}
    one = "names.g_leaf[1].u"
    assert {name: kinds[f"names.{name}"] for name in ("clk", "on", "gated", "x", "low", "y", "z")} == {
        "clk": "c",
        "on": "o",
        "gated": "c",
        "x": "o",
        "low": "a",
        "y": "a",
        "z": "o",
    }
    assert kinds["names.g_leaf[1].n"] == "a"
    assert {name: kinds[f"{one}.{name}"] for name in ("clk", "a", "kept", "q", "n", "W")} == {
        "clk": "a",
        "a": "a",
        "kept": "r",
        "q": "a",
        "n": "o",
        "W": "p",
    }
    source.write_text("module names (input wire a); assign b = ; endmodule")
    with pytest.raises(ToolFailed):
        list_nets([source], "names", tmp_path / "work")
