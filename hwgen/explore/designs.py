"""A network as something to size, and the pipeline that a sizing gives.

The static network is its layers alone. The dynamic one has gates, controller and the memory of its buffers besides,
which depends on the intervals that were chosen (fit.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hwgen.criteria import Gate, read_embeddings
from hwgen.estimate.area import joint_counts
from hwgen.estimate.blocks import BlockEstimate, buffer_memory
from hwgen.estimate.choices import STRATEGIES, Choice, area_of, layer_choices
from hwgen.estimate.figures import AREA
from hwgen.estimate.model import Model
from hwgen.estimate.queueing import META_BITS
from hwgen.estimate.sizing import Problem, Sizing, StageChoices
from hwgen.fixedpoint import FloatArray
from hwgen.latency.interval import chain_interval, layer_interval
from hwgen.latency.rules import Timing
from hwgen.latency.settings import named_strategy
from hwgen.latency.stage import describe_stage
from hwgen.recipe.schema import Firmware
from hwgen.reference.layers import Layer, Weighted
from hwgen.reference.network import IntegerNetwork, Stage, static_network
from hwgen.rtl.hls_core import hls_cores, input_beats
from hwgen.rtl.pipeline import pipeline_timing, rtl_gates
from hwgen.rtl.sizes import Pipeline, Sizes, choose_sizes, continues_from_exits


@dataclass
class Candidate:
    """A network that can be sized.

    Args:
        network: its stages.
        gates: one per exit; None where there is none.
        shares: of the samples that leave at each exit.
        visits: of each stage that it is sized for.
        firmware: the recipe's `firmware`.
        hls: the recipe's `hls`.
        model: coefficients.
        blocks: beside its stages and buffers.
        buffered: whether the memory of its buffers counts.
    """

    network: IntegerNetwork
    gates: Sequence[Gate | None]
    shares: Sequence[float]
    visits: Sequence[float]
    firmware: Firmware
    hls: dict[str, Any]
    model: Model
    blocks: tuple[BlockEstimate, ...] = ()
    buffered: bool = False
    _pipelines: dict[tuple[Any, ...], tuple[Pipeline, Sizes]] = field(default_factory=dict)

    @property
    def timing(self) -> Timing:
        """Clock, part and tool."""
        firmware = self.firmware
        return Timing(firmware.backend, float(firmware.clock_ns), firmware.part)

    def problem(self) -> Problem:
        """What is sized."""
        io, timing = self.firmware.io, self.timing
        cores = hls_cores(self.network, read_embeddings(self.gates), self.firmware, self.hls)
        gates = rtl_gates(self.network, self.gates, self.firmware.gate, "")
        fixed = np.array(
            [sum(block.figures[name].value for block in self.blocks if block.figures) for name in AREA],
            dtype=np.float64,
        )
        stages = []
        for stage, core, gate, visits in zip(self.network.stages, cores, gates, self.visits, strict=True):
            shapes = describe_stage(stage, self.hls)
            slowest = max(layer_interval(shape, io, timing) for shape in shapes)
            least = max(core.in_beats, input_beats(stage, io), core.feature_beats, gate.interval)
            choices = tuple(
                (layer.name, layer_choices(shape, io, timing, self._strategies(layer), self.model))
                for layer, shape in zip((*stage.backbone, *stage.head), shapes, strict=True)
            )
            more = chain_interval(shapes, io, timing) - slowest
            stages.append(StageChoices(stage.name, visits, choices, least, more))
            fixed = fixed + area_of(joint_counts(shapes, io, timing), self.model)
        return Problem(tuple(stages), fixed)

    def _strategies(self, layer: Layer) -> tuple[str, ...]:
        named = named_strategy(self.hls, layer)
        return STRATEGIES if named is None else (named,)

    def settings(self, sizing: Sizing) -> dict[str, Any]:
        """The recipe's `hls` with the chosen strategies and reuse factors by the names of layers."""
        names: dict[str, Any] = dict(self.hls.get("LayerName") or {})
        for stage, choices in zip(self.network.stages, sizing.chosen, strict=True):
            for name, entry in _chosen(stage, choices).items():
                there = next((key for key in names if key.lower() == name.lower()), name)
                names[there] = {**(names.get(there) or {}), **entry}
        return {**self.hls, "LayerName": names}

    def pipeline(self, sizing: Sizing) -> tuple[Pipeline, Sizes]:
        """Timing of the sized stages, and depths of the buffers between them."""
        key = (sizing.intervals, tuple(each.settings for choices in sizing.chosen for each in choices))
        if key not in self._pipelines:
            cores = hls_cores(self.network, read_embeddings(self.gates), self.firmware, self.settings(sizing))
            gates = rtl_gates(self.network, self.gates, self.firmware.gate, "")
            shares, reorder = list(self.shares), self.firmware.reorder
            timing = pipeline_timing(cores, gates, shares, META_BITS, META_BITS, reorder)
            self._pipelines[key] = timing, choose_sizes(timing)
        return self._pipelines[key]

    def buffers(self, sizing: Sizing) -> FloatArray:
        """Area of the buffers, float64 (4,)."""
        if not self.buffered:
            return np.zeros(len(AREA))
        memory = buffer_memory(*self.pipeline(sizing)).figures
        return np.array([memory[name].value for name in AREA], dtype=np.float64)


def _chosen(stage: Stage, choices: Sequence[Choice]) -> dict[str, dict[str, Any]]:
    layers = (*stage.backbone, *stage.head)
    return {
        layer.name: {"Strategy": choice.settings.named, "ReuseFactor": choice.settings.reuse_factor}
        for layer, choice in zip(layers, choices, strict=True)
        if isinstance(layer, Weighted)
    }


def busy_cycles(visits: Sequence[float], intervals: Sequence[int]) -> list[float]:
    """Cycles per sample that each stage is busy; the design takes a sample every so many as the busiest one.

    Args:
        visits: share of the samples that enter each stage.
        intervals: of the stages, cycles.
    """
    return [visit * interval for visit, interval in zip(visits, intervals, strict=True)]


def visits_of(shares: Sequence[float], points: float = 0.0) -> list[float]:
    """Share of the samples that enter each stage.

    Args:
        shares: of the samples that leave at each exit.
        points: percentage points more of the samples that continue at every exit but the last.
    """
    visits = [1.0]
    for continues in continues_from_exits(list(shares))[:-1]:
        visits.append(visits[-1] * min(1.0, continues + points / 100))
    return visits


def static_candidate(
    network: IntegerNetwork, firmware: Firmware, hls: dict[str, Any], model: Model
) -> Candidate:
    """The backbone with the last head, as one design of hls4ml."""
    return Candidate(static_network(network), [None], [1.0], [1.0], firmware, hls, model)
