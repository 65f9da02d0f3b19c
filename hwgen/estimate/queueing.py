"""Latency and throughput over many samples, from the shares of exits: kernel and pipeline.

The kernel runs one sample after another (`hwgen.latency`). The pipeline's stages overlap on different samples and
wait for each other: its buffers are sized and it is run cycle by cycle with the models of `hwgen.rtl.sizes`, on
samples at the calibrated shares in a drawn order. Nothing here is a rule of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen.criteria import Gate, read_embeddings
from hwgen.errors import RecipeError
from hwgen.estimate.figures import Figure
from hwgen.estimate.network import Estimate
from hwgen.latency import Distribution, LatencyEstimate, distribution, estimate_latency
from hwgen.recipe.schema import Firmware
from hwgen.reference.network import IntegerNetwork
from hwgen.rtl.core import Core
from hwgen.rtl.gates import own_block
from hwgen.rtl.hls_core import Synthesised, hls_cores
from hwgen.rtl.pipeline import pipeline_timing, rtl_gates
from hwgen.rtl.sizes import Pipeline, Sizes, Stream, choose_sizes, run_cycles

SAMPLES, ALIKE = 500, 100
"""Samples of a run at the calibrated shares; of one in which all go to the last exit."""
HUNDRED = 100
"""Samples of which one in a hundred can be told."""
META_BITS = 32
"""Width of a sample's sideband; depths do not depend on it."""
COUNTED = 10_000
"""Shares are taken as counts of so many samples."""


def counts_of(shares: Sequence[float]) -> list[int]:
    """Shares of exits as counts."""
    return [round(share * COUNTED) for share in shares]


def proportional_exits(shares: Sequence[float], samples: int, seed: int) -> npt.NDArray[np.int64]:
    """Exits, from 0, of samples that leave exactly at these shares, to the nearest whole sample, in a drawn order.

    Args:
        shares: of the samples that leave at each exit.
        samples: how many.
        seed: of the order.
    Returns:
        int64 (samples,)
    """
    # Rounded running sums: they end at all samples, and no count is off by one or more.
    ends = np.rint(np.cumsum(shares) / np.sum(shares) * samples).astype(np.int64)
    exits = np.repeat(np.arange(len(shares), dtype=np.int64), np.diff(ends, prepend=0))
    return np.random.default_rng(seed).permutation(exits)


def _spread_of(value: float, estimate: Estimate) -> Figure:
    figure = estimate.figures["latency"]
    if not figure.value:
        return Figure(value, min(value, figure.low), max(value, figure.high))
    return Figure(value, value * figure.low / figure.value, value * figure.high / figure.value)


def _joined(figures: Sequence[Distribution]) -> dict[str, Any]:
    """Of value, low and high each: `mean`, `p50` and `p99` as figures."""
    return {
        name: Figure(*(getattr(found, name) for found in figures)).to_dict()
        for name in ("mean", "p50", "p99")
    }


def exit_cycles(found: LatencyEstimate, stages: Sequence[Estimate]) -> list[Figure]:
    """Cycles of a sample that leaves at each exit of the kernel, with the spreads of the stages it passes.

    Args:
        found: the kernel's cycles.
        stages: estimates of the stages.
    """
    per_exit = []
    less = more = 0.0
    for cycles, own, stage in zip(found.per_exit, found.stages, stages, strict=True):
        spread = _spread_of(own, stage)
        less, more = less + spread.value - spread.low, more + spread.high - spread.value
        per_exit.append(Figure(cycles, cycles - less, cycles + more))
    return per_exit


def kernel_latency(
    network: IntegerNetwork,
    gates: Sequence[Gate | None],
    hls: dict[str, Any],
    firmware: Firmware,
    stages: Sequence[Estimate],
    shares: Sequence[float] | None,
) -> dict[str, Any]:
    """Cycles of one sample through the sequential kernel.

    Args:
        network: the integer network.
        gates: one per exit; None where there is none.
        hls: the recipe's `hls`.
        firmware: the recipe's `firmware`.
        stages: estimates of the stages, for their spread.
        shares: of the samples that leave at each exit; None if unknown.
    Returns:
        `per_exit` and `worst` as figures; `mean`, `p50`, `p99`, None without shares; `samples_per_second` at the
        mean, and in the worst case.
    """
    found = estimate_latency(network, gates, hls, firmware)
    per_exit = exit_cycles(found, stages)
    answer: dict[str, Any] = {
        "unit": "cycles",
        "per_exit": [figure.to_dict() for figure in per_exit],
        "gates": found.gates,
        **dict.fromkeys(("mean", "p50", "p99")),
        "worst": per_exit[-1].to_dict(),
        "samples_per_second": None,
        "samples_per_second_worst": _rate(per_exit[-1], firmware).to_dict(),
    }
    if shares is not None:
        ends = [[getattr(figure, end) for figure in per_exit] for end in ("value", "low", "high")]
        taken = [distribution(cycles, counts_of(shares)) for cycles in ends]
        mean = Figure(taken[0].mean, taken[1].mean, taken[2].mean)
        answer |= _joined(taken) | {"samples_per_second": _rate(mean, firmware).to_dict()}
    return answer


def _rate(cycles: Figure, firmware: Firmware) -> Figure:
    per_second = 1e9 / float(firmware.clock_ns)
    return Figure(per_second / cycles.value, per_second / cycles.high, per_second / cycles.low)


def run_samples(
    pipeline: Pipeline, sizes: Sizes, exits: Any, firmware: Firmware, spacing: int = 1
) -> dict[str, Any]:
    """Sends samples through the cycle model.

    Args:
        pipeline, sizes: the pipeline.
        exits: per sample, the exit it leaves at, from 0.
        firmware: the recipe's `firmware`.
        spacing: cycles between samples at the entrance; 1: always one more.
    Returns:
        `samples`; `latency`: `mean`, `p50`, `p99` (None of fewer than `HUNDRED`), `worst` in cycles from admission
        to the result;
        `samples_per_second`; the most frequent `stalls`.
    """
    stream = Stream(spacing=spacing, wake=firmware.wake, hysteresis=firmware.hysteresis)
    run = run_cycles(pipeline, sizes, exits, stream)
    latency = np.sort(run.latency[run.latency >= 0])
    return {
        "samples": len(exits),
        "latency": {
            "mean": round(float(latency.mean()), 1),
            "p50": int(latency[(len(latency) - 1) // 2]),
            "p99": int(latency[-(-99 * len(latency) // 100) - 1]) if len(latency) >= HUNDRED else None,
            "worst": int(latency[-1]),
        },
        "samples_per_second": round(run.throughput * 1e9 / float(firmware.clock_ns)),
        "stalls": dict(run.stalls.most_common(3)),
    }


@dataclass(frozen=True)
class SizedPipeline:
    """A pipeline of hls4ml's stages with its buffers.

    Args:
        cores: one per stage.
        timing: of cores and gates.
        sizes: depths of the buffers, those that generate would choose for this timing.
    """

    cores: tuple[Core, ...]
    timing: Pipeline
    sizes: Sizes


def sized_pipeline(
    network: IntegerNetwork,
    gates: Sequence[Gate | None],
    hls: dict[str, Any],
    firmware: Firmware,
    shares: Sequence[float] | None,
    reports: Mapping[str, Synthesised],
) -> SizedPipeline | str:
    """Sizes the pipeline, or says why there is none.

    Args:
        network: the integer network.
        gates: one per exit; None where there is none.
        hls: the recipe's `hls`.
        firmware: the recipe's `firmware`.
        shares: of the samples that leave at each exit; None for samples that all go on.
        reports: stage -> cycles that C synthesis reported; the others' are estimated.
    """
    if firmware.rtl == "none":
        return "firmware.rtl is none"
    for gate in gates:
        if gate is not None and own_block(gate, firmware.gate) is None:
            return f"criterion {gate.block!r} has no RTL in {firmware.gate} form"
    if firmware.rtl == "da4ml":
        return "stages by da4ml: hwgen generate builds them and knows their cycles"
    cores = hls_cores(network, read_embeddings(gates), firmware, hls, reports=reports)
    sized = list(shares) if shares is not None else [0.0] * (len(cores) - 1) + [1.0]
    try:
        blocks = rtl_gates(network, gates, firmware.gate, "")
        timing = pipeline_timing(cores, blocks, sized, META_BITS, META_BITS, firmware.reorder)
        return SizedPipeline(cores, timing, choose_sizes(timing))
    except RecipeError as error:
        return str(error)


def pipeline_flow(
    pipeline: SizedPipeline | str, firmware: Firmware, shares: Sequence[float] | None, seed: int
) -> dict[str, Any]:
    """The pipeline with samples back to back.

    Args:
        pipeline: see `sized_pipeline`.
        firmware: the recipe's `firmware`.
        shares: of the samples that leave at each exit; None if unknown.
        seed: of the order of the exits.
    Returns:
        `stages` with `interval` and the cycles to the `logits`, each with its `source`; `expected`, None without
        shares, and `worst_case`, where nobody leaves early: `latency` in cycles from admission to the result,
        `samples_per_second`, and the most frequent `stalls`; or the `reason` why there is no pipeline.
    """
    if isinstance(pipeline, str):
        return {"reason": pipeline}
    cores, timing, sizes = pipeline.cores, pipeline.timing, pipeline.sizes
    answer: dict[str, Any] = {
        "unit": "cycles",
        "stages": [
            {
                "name": core.stage,
                "interval": core.interval,
                "logits": core.logit_cycles,
                "source": core.source,
            }
            for core in cores
        ],
        "expected": None,
        "worst_case": run_samples(timing, sizes, [len(cores) - 1] * ALIKE, firmware),
        "source": "estimate",
    }
    if shares is not None:
        answer["expected"] = run_samples(timing, sizes, proportional_exits(shares, SAMPLES, seed), firmware)
    return answer
