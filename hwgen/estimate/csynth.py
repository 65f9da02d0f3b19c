"""What C synthesis is expected to report of each block: the estimate's side of a comparison with its reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hwgen.criteria import Gate
from hwgen.errors import UsageError
from hwgen.estimate.blocks import FACTOR
from hwgen.estimate.document import Subject, stage_design
from hwgen.estimate.figures import Figure, exactly
from hwgen.estimate.model import Model
from hwgen.estimate.network import Estimate, estimate_design
from hwgen.estimate.queueing import exit_cycles
from hwgen.latency import estimate_latency
from hwgen.latency.parts import require_family
from hwgen.recipe import LoadedRecipe
from hwgen.reference.network import IntegerNetwork


def csynth_estimates(
    loaded: LoadedRecipe, network: IntegerNetwork, gates: Sequence[Gate | None], model: Model
) -> Mapping[str, Mapping[str, Figure]]:
    """Estimates by block.

    Args:
        loaded: the recipe.
        network: the trained integer network.
        gates: one per exit; None where there is none.
        model: coefficients and spreads.
    Returns:
        of each stage `latency` (longest sample), `latency_min` where a rule gives it, `interval` (cycles), `lut`,
        `ff`, `dsp`, `bram_18k`; of HLS gates and the kernel cycles alone: gates with a factor of `FACTOR` by
        assumption, the kernel with the spread of its stages. For a part of no known family stages have no area, and
        neither stages nor the kernel a spread.
    """
    recipe = loaded.recipe
    rules = estimate_latency(network, gates, recipe.hls, recipe.firmware)
    found: dict[str, dict[str, Figure]] = {}
    stages: list[Estimate] = []
    try:
        require_family(recipe.firmware.part)
    except UsageError:
        for number, cycles in enumerate(rules.stages, 1):
            found[f"stage{number}"] = {"latency": exactly(cycles)}
    else:
        subject = Subject(loaded, network, "", gates, None, None)
        for stage in network.stages:
            estimate = estimate_design(stage_design(stage, subject), model)
            stages.append(estimate)
            found[stage.name] = dict(estimate.figures)
            if estimate.least_latency is not None:
                found[stage.name]["latency_min"] = exactly(estimate.least_latency)
    for number, cycles in enumerate(rules.gates, 1):
        found[f"gate{number}"] = {"latency": Figure(cycles, cycles / FACTOR, cycles * FACTOR)}
    exits = exit_cycles(rules, stages) if stages else [exactly(cycles) for cycles in rules.per_exit]
    found["kernel"] = {"latency": exits[-1], "latency_min": exits[0]}
    return found
