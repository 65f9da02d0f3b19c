"""`estimate.json`: everything that is estimated of a recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import hwgen
from hwgen.criteria import Gate
from hwgen.estimate.blocks import (
    STAGE,
    BlockEstimate,
    blocks_beside,
    buffer_memory,
    counted_blocks,
    scaled_gates,
)
from hwgen.estimate.design import Design
from hwgen.estimate.energy import energy
from hwgen.estimate.figures import AREA, CSYNTH_FIGURES, LEVEL, OF, YOSYS_FIGURES, exactly, total
from hwgen.estimate.model import Model
from hwgen.estimate.network import Estimate, estimate_design, estimate_layer
from hwgen.estimate.queueing import SizedPipeline, kernel_latency, pipeline_flow, sized_pipeline
from hwgen.latency.layer import LayerShape
from hwgen.latency.parts import require_family
from hwgen.latency.rules import Timing
from hwgen.latency.stage import describe_stage
from hwgen.recipe import LoadedRecipe
from hwgen.reference.network import IntegerNetwork, Stage
from hwgen.rtl.hls_core import Synthesised

FILE = "estimate.json"
SOURCE = "estimate"
BY_HLS4ML = "of the kernel's stage by hls4ml; the pipeline's stage by da4ml is another: see hwgen synth"


@dataclass(frozen=True)
class Subject:
    """What is estimated.

    Args:
        loaded: the recipe.
        network: the trained integer network, or one with assumed weights.
        assumed: "" if trained, else what was assumed of its weights.
        gates: one per exit; None where there is none, or where none is fitted yet.
        shares: of the calibration samples that leave at each exit under the active policy; None without calibration.
        netlists: content of `synthesis/yosys.json`; None without.
        reports: stage -> what C synthesis reported of it.
    """

    loaded: LoadedRecipe
    network: IntegerNetwork
    assumed: str
    gates: Sequence[Gate | None]
    shares: Sequence[float] | None
    netlists: Mapping[str, Any] | None
    reports: Mapping[str, Synthesised] = field(default_factory=dict)


def stage_design(stage: Stage, subject: Subject) -> Design:
    """A stage as hls4ml builds it: its backbone, and behind it the head."""
    firmware, hls = subject.loaded.recipe.firmware, subject.loaded.recipe.hls
    layers = describe_stage(stage, hls)
    if subject.assumed:
        layers = [_assumed(layer, subject.assumed) for layer in layers]
    timing = Timing(firmware.backend, float(firmware.clock_ns), firmware.part)
    return Design(stage.name, tuple(layers), firmware.io, timing)


def _assumed(layer: LayerShape, told: str) -> LayerShape:
    if layer.products is None:
        return layer
    return replace(layer, products=replace(layer.products, assumed=told))


def _figures(estimate: Estimate) -> dict[str, Any]:
    return {name: figure.to_dict() for name, figure in estimate.figures.items()}


def _layer_row(layer: LayerShape, design: Design, model: Model) -> dict[str, Any]:
    found = estimate_layer(layer, design, model)
    weighted = layer.products is not None
    return {
        "name": layer.name,
        "kind": layer.kind,
        "strategy": layer.settings.strategy if weighted else None,
        "reuse_factor": layer.settings.reuse_factor if weighted else None,
        "zeros": layer.products.zeros if layer.products is not None else None,
        "latency_min": found.least_latency,
        **_figures(found),
        "notes": list(found.notes),
    }


def _stage_row(estimate: Estimate, design: Design, model: Model, told: Sequence[str]) -> dict[str, Any]:
    return {
        "name": estimate.name,
        "style": "dataflow" if design.dataflow else "pipeline",
        "latency_min": estimate.least_latency,
        **_figures(estimate),
        "source": SOURCE,
        "notes": [*told, *estimate.notes],
        "layers": [_layer_row(layer, design, model) for layer in design.layers if layer.kind != "flatten"],
    }


def _blocks(subject: Subject, pipeline: SizedPipeline | str) -> tuple[BlockEstimate, ...]:
    """What is built beside the stages, buffers included; of a pipeline by da4ml its stages too, or the gates alone."""
    firmware = subject.loaded.recipe.firmware
    if subject.netlists is not None:
        return counted_blocks(subject.netlists, stages=firmware.rtl == "da4ml")
    if firmware.rtl != "hls":
        return tuple(
            replace(block, note=f"{block.note}; in RTL, stands for the gate of the kernel by HLS")
            for block in scaled_gates(subject.network, subject.gates, firmware.gate)
        )
    beside = blocks_beside(subject.network, subject.gates, firmware.gate, None)
    if isinstance(pipeline, str):
        return beside
    return (*beside, buffer_memory(pipeline.timing, pipeline.sizes))


def _total(stages: Sequence[Estimate], blocks: Sequence[BlockEstimate]) -> dict[str, Any]:
    """Sums of what is known, with what is added up and the blocks that are missing in them."""
    known = [block.figures for block in blocks if block.figures]
    if any(block.group == STAGE for block in blocks):
        stages = []  # the pipeline's own were counted
    sums = {
        name: total(
            [*(stage.figures[name] for stage in stages), *(row.get(name, exactly(0)) for row in known)]
        )
        for name in AREA
    }
    return {
        **{name: figure.to_dict() for name, figure in sums.items()},
        "of": ({"stages": CSYNTH_FIGURES} if stages else {}) | ({"blocks": YOSYS_FIGURES} if known else {}),
        "missing": [block.block for block in blocks if not block.figures],
    }


def build_document(subject: Subject, model: Model) -> dict[str, Any]:
    """Estimates everything.

    Args:
        subject: what is estimated.
        model: coefficients and spreads.
    Returns:
        the content of `estimate.json`, ready for JSON. Every figure is `value`, `low`, `high`.
    Raises:
        UsageError: the part is of no known family.
    """
    recipe = subject.loaded.recipe
    firmware, network = recipe.firmware, subject.network
    family = require_family(firmware.part)
    designs = [stage_design(stage, subject) for stage in network.stages]
    stages = [estimate_design(design, model) for design in designs]
    pipeline = sized_pipeline(network, subject.gates, recipe.hls, firmware, subject.shares, subject.reports)
    blocks = _blocks(subject, pipeline)
    told = [BY_HLS4ML] if firmware.rtl == "da4ml" else []
    return {
        "tool": f"hwgen {hwgen.__version__}",
        "recipe": {"name": recipe.name, "sha256": subject.loaded.sha256},
        "source": SOURCE,
        "of": OF,
        "interval": LEVEL,
        "part": firmware.part,
        "family": family.name,
        "backend": firmware.backend,
        "io": firmware.io,
        "clock_ns": float(firmware.clock_ns),
        "weights": subject.assumed or "trained",
        "shares": None if subject.shares is None else list(subject.shares),
        "fitted_on": dict(model.provenance),
        "stages": [
            _stage_row(estimate, design, model, told)
            for estimate, design in zip(stages, designs, strict=True)
        ],
        "blocks": [
            {
                "block": block.block,
                "group": block.group,
                **{name: block.figures[name].to_dict() if block.figures else None for name in AREA},
                "source": block.source if block.figures else None,
                "note": block.note,
            }
            for block in blocks
        ],
        "total": _total(stages, blocks),
        "kernel": kernel_latency(network, subject.gates, recipe.hls, firmware, stages, subject.shares),
        "pipeline": pipeline_flow(pipeline, firmware, subject.shares, recipe.seed),
        "energy": energy(network, subject.shares, family),
    }
