"""Gates and controller: counts of Yosys where `hwgen synth` has made them, else scaled from counted ones.

The table holds what Yosys counts for 10 classes of 16 bits (docs/pipeline.md, whose gates the tests count again).
LUT and FF are scaled with classes and bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hwgen.criteria import Gate
from hwgen.criteria.rtl_block import Form
from hwgen.estimate.figures import AREA, Figure, exactly
from hwgen.reference.network import IntegerNetwork
from hwgen.rtl.gates import own_block
from hwgen.rtl.sizes import Memory, Pipeline, Sizes, cost_of

CLASSES, BITS = 10, 16
COUNTED: Mapping[str, tuple[int, int, int, float]] = {
    "logit_margin": (414, 264, 0, 0),
    "logit_margin_serial": (148, 85, 0, 0),
    "score": (651, 691, 0, 5),
    "score_serial": (142, 98, 0, 5),
    "margin": (781, 1137, 1, 6),
    "margin_serial": (208, 158, 0, 1),
    "energy": (1042, 1105, 1, 5),
    "energy_serial": (625, 178, 0, 1),
    "distribution": (1378, 1169, 11, 5),
    "distribution_serial": (226, 208, 1, 1),
    "distribution_mlp": (5257, 4560, 89, 5),
    "entropy": (1512, 1385, 3, 12.5),
    "entropy_serial": (350, 228, 0, 3),
    "learned": (3568, 3947, 9, 22),
    "learned_serial": (470, 345, 0, 2.5),
    "laplace": (2822, 2774, 90, 5),
    "mc_dropout": (1521, 895, 18, 1),
    "ensemble_score": (2504, 2457, 20, 10),
    "ensemble_laplace": (4706, 4597, 110, 10),
}
"""Block of the gate, by the name of its RTL -> LUT, FF, DSP, block RAMs of 36 kbit."""
FACTOR = 2.0
"""[assumed] Ends of the interval of a scaled count, and of the estimated cycles of a gate: tables may be as short as a
few entries, classes share levels of a tree."""
CONTROLLER = {"lut": 572, "ff": 466}
"""Of each early exit, and of the registers once: what Yosys counts in digits_mlp
(benchmarks/results/pipeline_digits_mlp.json), LUTs as memory included."""
REGISTERS = {"lut": 524, "ff": 303}
ARGMAX = "logit_margin"
"""Stands for a last exit without a gate, which only looks for the largest logit; there is one form of it, parallel."""


@dataclass(frozen=True)
class BlockEstimate:
    """One block beside the stages.

    Args:
        block: its name.
        group: `gate`, or as `hwgen synth` groups blocks.
        figures: `lut`, `ff`, `dsp`, `bram_18k`; empty if nothing is known.
        source: `yosys` or `estimate`.
        note: what the figures rest on, or why there are none.
    """

    block: str
    group: str
    figures: Mapping[str, Figure]
    source: str
    note: str


def _scaled(name: str, gate: Gate | None, network: IntegerNetwork, index: int, form: Form) -> BlockEstimate:
    criterion, counted = ARGMAX, ARGMAX
    if gate is not None:
        criterion = gate.block
        block = own_block(gate, form)
        counted = "" if block is None else block.files[-1].removesuffix(".sv")
    row = COUNTED.get(counted)
    if row is None:
        return BlockEstimate(
            name, "gate", {}, "estimate", f"no netlist of criterion {criterion!r} in {form} form was counted"
        )
    logits = network.stages[index].logits
    scale = logits.size * logits.format.width / (CLASSES * BITS)
    lut, ff, dsp, tables = row
    figures = {
        "lut": Figure(lut * scale, lut * scale / FACTOR, lut * scale * FACTOR),
        "ff": Figure(ff * scale, ff * scale / FACTOR, ff * scale * FACTOR),
        "dsp": Figure(dsp, 0, dsp * FACTOR),
        "bram_18k": Figure(2 * tables, 0, 2 * tables * FACTOR),
    }
    basis = f"counted by Yosys for {CLASSES} classes of {BITS} bits"
    told = f"{counted}, {basis}, scaled to {logits.size} of {logits.format.width}"
    return BlockEstimate(name, "gate", figures, "estimate", told)


def scaled_gates(
    network: IntegerNetwork, gates: Sequence[Gate | None], form: Form
) -> tuple[BlockEstimate, ...]:
    """A row per gate.

    Args:
        network: the integer network.
        gates: one per exit; None where there is none.
        form: `parallel` or `serial`.
    """
    return tuple(_scaled(f"gate{index + 1}", gate, network, index, form) for index, gate in enumerate(gates))


def scaled_controller(exits: int) -> BlockEstimate:
    """What joins the stages of a pipeline besides gates and the memory of its buffers.

    Args:
        exits: early ones.
    """
    figures = {name: exactly(0) for name in AREA}
    for name, each in CONTROLLER.items():
        value = each * exits + REGISTERS[name]
        figures[name] = Figure(value, value / FACTOR, value * FACTOR)
    told = f"counted by Yosys for one early exit, scaled to {exits}"
    return BlockEstimate("controller", "controller", figures, "estimate", told)


def buffer_memory(timing: Pipeline, sizes: Sizes) -> BlockEstimate:
    """Memory of the buffers between stages at chosen depths.

    Args:
        timing: widths among it.
        sizes: depths.
    """
    memory = sum(cost_of(timing, sizes).values(), Memory())
    counts = {"lut": memory.lut_ram, "ff": memory.registers, "dsp": 0, "bram_18k": memory.bram_18k}
    figures = {name: exactly(value) for name, value in counts.items()}
    told = "what the depths take that generate would choose for these cycles"
    return BlockEstimate("buffers", "memory", figures, "estimate", told)


STAGE = "stage"
"""Group of the stages' own rows."""


def counted_blocks(document: Mapping[str, Any], *, stages: bool = False) -> tuple[BlockEstimate, ...]:
    """Rows of `synthesis/yosys.json`.

    Args:
        document: its content.
        stages: also those of stages, which open synthesis can read where they are by da4ml.
    """
    rows = []
    for entry in document["blocks"]:
        if entry["group"] == STAGE and not stages:
            continue
        counts = entry["counts"]
        if counts is None:
            rows.append(BlockEstimate(entry["block"], entry["group"], {}, "yosys", str(entry["note"])))
            continue
        figures = {
            "lut": exactly(counts["lut"] + counts["lutram"]),
            "ff": exactly(counts["ff"]),
            "dsp": exactly(counts["dsp"]),
            "bram_18k": exactly(counts["bram_18k"]),
        }
        rows.append(
            BlockEstimate(entry["block"], entry["group"], figures, "yosys", "netlist before placement")
        )
    return tuple(rows)


def blocks_beside(
    network: IntegerNetwork, gates: Sequence[Gate | None], form: Form, netlists: Mapping[str, Any] | None
) -> tuple[BlockEstimate, ...]:
    """Gates and controller: as Yosys counted them, or scaled. The memory of buffers is not among them.

    Args:
        network, gates: of the dynamic design.
        form: `parallel` or `serial`.
        netlists: content of `synthesis/yosys.json`; None without.
    """
    if netlists is not None:
        return tuple(block for block in counted_blocks(netlists) if block.group != "memory")
    return (*scaled_gates(network, gates, form), scaled_controller(len(network.stages) - 1))
