"""One sized design for `explore.json`: its area with intervals, its stages and layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hwgen.estimate.design import Design
from hwgen.estimate.figures import AREA, Figure, exactly, total
from hwgen.estimate.network import estimate_design
from hwgen.estimate.sizing import Problem, share_of, shares_of
from hwgen.explore.designs import Candidate, busy_cycles, visits_of
from hwgen.explore.fit import Fitted
from hwgen.fixedpoint import FloatArray
from hwgen.latency.stage import describe_stage


def area_figures(candidate: Candidate, fitted: Fitted) -> Mapping[str, Figure]:
    """Area by block of the part, with the estimator's intervals; ends are added.

    Args:
        candidate, fitted: the design.
    """
    hls = candidate.settings(fitted.sizing)
    stages = [
        estimate_design(
            Design(stage.name, tuple(describe_stage(stage, hls)), candidate.firmware.io, candidate.timing),
            candidate.model,
        )
        for stage in candidate.network.stages
    ]
    blocks = [block.figures for block in candidate.blocks if block.figures]
    return {
        name: total(
            [
                *(stage.figures[name] for stage in stages),
                *(figures[name] for figures in blocks),
                exactly(float(held)),
            ]
        )
        for name, held in zip(AREA, fitted.buffers, strict=True)
    }


def design_row(candidate: Candidate, fitted: Fitted, problem: Problem, budget: FloatArray) -> dict[str, Any]:
    """What was chosen.

    Args:
        candidate, fitted: the design.
        problem: the candidate's.
        budget: float64 (4,).
    Returns:
        `share` of the budget and the block that is `scarcest`; `area` as figures, of which `buffers` and `beside` the
        stages; `stages` with `visits`, `interval`, `load` (share of the time that it is busy when the design takes
        samples as fast as it can) and `layers`.
    """
    sizing, shares = fitted.sizing, shares_of(fitted.area, budget)
    visits = visits_of(candidate.shares)
    busy = busy_cycles(visits, sizing.intervals)
    return {
        "share": round(share_of(fitted.area, budget), 4),
        "scarcest": AREA[int(shares.argmax())],
        "area": {name: figure.to_dict() for name, figure in area_figures(candidate, fitted).items()},
        "buffers": dict(zip(AREA, fitted.buffers.tolist(), strict=True)),
        "blocks": [
            {"block": block.block, "source": block.source if block.figures else None, "note": block.note}
            for block in candidate.blocks
        ],
        "stages": [
            {
                "name": stage.name,
                "visits": round(visit, 6),
                "interval": interval,
                "load": round(spent / max(busy), 4),
                "layers": [
                    {
                        "name": name,
                        "strategy": choice.settings.named,
                        "reuse_factor": choice.settings.reuse_factor,
                        "interval": choice.interval,
                    }
                    for (name, choices), choice in zip(stage.layers, chosen, strict=True)
                    if len(choices) > 1
                ],
            }
            for stage, chosen, visit, interval, spent in zip(
                problem.stages, sizing.chosen, visits, sizing.intervals, busy, strict=True
            )
        ],
    }
