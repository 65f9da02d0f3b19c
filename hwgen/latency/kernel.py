"""Cycles of one sample through the sequential kernel, for each exit it may leave at.

A sample is loaded one element per beat, then stage after stage runs to its end, each followed by its
gate; whatever comes after the exit taken costs nothing; the answer is one beat. Between two samples of
a batch nothing overlaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hwgen.criteria import Gate
from hwgen.criteria.base import levels_of
from hwgen.latency.rules import tree_cycles
from hwgen.latency.settings import layer_settings
from hwgen.latency.stage import LayerCycles, Target, stage_cycles
from hwgen.recipe.schema import Firmware
from hwgen.reference.layers import Weighted
from hwgen.reference.network import IntegerNetwork

CALL_CYCLES = 2
"""[assumed] Start and done of one dataflow region."""
RESULT_CYCLES = 1
"""One beat per answer (kernel_io.h)."""
GATE_TABLE_CYCLES = 2
"""[assumed] Address and data of a table in block RAM."""

RULES = (
    "Loads one input element per cycle, runs stages one after another and writes one beat: as the kernel is written.",
    "io_stream: every padded input pixel of a convolution takes its reuse factor in cycles, with Vitis HLS at least "
    "2, or 3 where its sums have a depth; layers overlap.",
    "io_parallel: every output pixel of a convolution takes its reuse factor in cycles; layers follow one another.",
    "Strategy Resource: reuse factor + 2 cycles per dense layer; per pixel of a streamed convolution + 11 on 7 "
    "series, + 5 on others; fitted on published reports.",
    "Strategy Latency: depth of sums by their terms, the clock period and the family of the part; multiplications "
    "take turns where the reuse factor allows fewer multipliers; hwgen estimate gives the spread.",
    "Gates: depth of their trees by the clock period, 2 cycles for a table; 2 cycles to start a stage.",
)
"""What the estimate rests on, for readers of the report."""


@dataclass(frozen=True)
class LatencyEstimate:
    """Estimated cycles; uncalibrated.

    Args:
        load: cycles to read one sample.
        stages: cycles of each stage.
        gates: cycles of each exit's decision.
        layers: per stage, when each layer is at work.
        per_exit: cycles of a sample that leaves at exit k, load and answer included.
        notes: settings that have no rule of their own.
    """

    load: int
    stages: list[int]
    gates: list[int]
    layers: list[list[LayerCycles]]
    per_exit: list[int]
    notes: list[str]


def gate_cycles(gate: Gate | None, classes: int, clock_ns: float, form: str) -> int:
    """Cycles of one decision: runs of logic with a table access between them, as the gate's cost lists them.

    The serial form reads the logits twice, one per cycle: for the leader and for the criterion.
    """
    if gate is None:
        return tree_cycles(levels_of(classes), clock_ns)
    cost = gate.cost()
    logic = sum(tree_cycles(levels, clock_ns) for levels in cost.levels)
    passes = 2 * classes if form == "serial" else 0
    return logic + GATE_TABLE_CYCLES * (len(cost.levels) - 1) + cost.serial_cycles + passes


def estimate_latency(
    network: IntegerNetwork, gates: Sequence[Gate | None], hls: dict[str, Any], firmware: Firmware
) -> LatencyEstimate:
    """Estimates the sequential kernel.

    Args:
        network: the integer network.
        gates: one per exit; None where there is none.
        hls: the recipe's `hls`.
        firmware: the recipe's `firmware`.
    """
    target = Target(firmware.io, firmware.backend, float(firmware.clock_ns), hls, firmware.part)
    load = network.source.size
    runs = [stage_cycles(stage, target) for stage in network.stages]
    decisions = [gate_cycles(gate, network.classes, target.clock_ns, firmware.gate) for gate in gates]
    per_exit, spent = [], load
    for (cycles, _), decision in zip(runs, decisions, strict=True):
        spent += CALL_CYCLES + cycles + decision
        per_exit.append(spent + RESULT_CYCLES)
    return LatencyEstimate(
        load,
        [cycles for cycles, _ in runs],
        decisions,
        [layers for _, layers in runs],
        per_exit,
        _notes(network, hls),
    )


def _notes(network: IntegerNetwork, hls: dict[str, Any]) -> list[str]:
    notes = []
    for stage in network.stages:
        for layer in (*stage.backbone, *stage.head):
            settings = layer_settings(hls, layer)
            if isinstance(layer, Weighted) and settings.named.lower() not in ("latency", "resource"):
                notes.append(f"{layer.name}: strategy {settings.named} is estimated as {settings.strategy}")
    return notes
