"""`explore.json`: both designs in the same area, what the dynamic one gains, and the curves of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

import hwgen
from hwgen.criteria import Gate
from hwgen.errors import UsageError
from hwgen.estimate.blocks import blocks_beside
from hwgen.estimate.figures import AREA, LEVEL, OF
from hwgen.estimate.model import Model
from hwgen.estimate.sizing import share_of, shares_of
from hwgen.explore.budget import KEY
from hwgen.explore.confirm import confirm_dynamic, confirm_static, spacing_of
from hwgen.explore.curve import SHARES, curve, gain, slowest
from hwgen.explore.designs import Candidate, busy_cycles, static_candidate, visits_of
from hwgen.explore.fit import Fitted, fit, least
from hwgen.explore.rows import area_figures, design_row
from hwgen.fixedpoint import FloatArray
from hwgen.latency.parts import require_family
from hwgen.recipe import LoadedRecipe
from hwgen.reference.network import IntegerNetwork

FILE, PICTURE = "explore.json", "explore.svg"
SOURCE = "estimate"


@dataclass(frozen=True)
class Request:
    """What is explored.

    Args:
        loaded: the recipe.
        network: the trained integer network.
        gates: one per exit; None where there is none.
        points: budget of the policy.
        shares: of the calibration samples that leave at each exit under it.
        exits: of the test samples in their order, from 0, under it.
        budget: area, float64 (4,) by `AREA`.
        spare: percentage points more of the samples that continue, for which stages are sized.
        netlists: content of `synthesis/yosys.json`; None without.
    """

    loaded: LoadedRecipe
    network: IntegerNetwork
    gates: Sequence[Gate | None]
    points: float
    shares: Sequence[float]
    exits: npt.NDArray[np.int64]
    budget: FloatArray
    spare: float
    netlists: Mapping[str, Any] | None = None


def candidates(request: Request, model: Model) -> tuple[Candidate, Candidate]:
    """The static and the dynamic network."""
    recipe = request.loaded.recipe
    static = static_candidate(request.network, recipe.firmware, recipe.hls, model)
    dynamic = Candidate(
        request.network,
        request.gates,
        request.shares,
        visits_of(request.shares, request.spare),
        recipe.firmware,
        recipe.hls,
        model,
        blocks_beside(request.network, request.gates, recipe.firmware.gate, request.netlists),
        buffered=True,
    )
    return static, dynamic


def cycles_of(candidate: Candidate, fitted: Fitted) -> float:
    """Cycles per sample at the calibrated shares, from the averages alone."""
    return max(busy_cycles(visits_of(candidate.shares), fitted.sizing.intervals))


def _at_ends(
    found: Mapping[str, Fitted], sides: Mapping[str, Candidate], budget: FloatArray
) -> dict[str, float | None]:
    """The ratio if both areas really are at the same end of their intervals; None where one does not fit then."""
    ratios: dict[str, float | None] = {}
    for end in ("low", "high"):
        cycles = {}
        for name, candidate in sides.items():
            figures = area_figures(candidate, found[name])
            errs = np.array(
                [
                    getattr(figures[key], end) / figures[key].value if figures[key].value else 1.0
                    for key in AREA
                ]
            )
            again = fit(candidate, candidate.problem(), budget / np.maximum(errs, 1e-9))
            cycles[name] = None if again is None else cycles_of(candidate, again)
        ratios[end] = gain(cycles["dynamic"], cycles["static"])
    return ratios


def _require(found: Fitted | None, name: str, candidate: Candidate, budget: FloatArray) -> Fitted:
    if found is not None:
        return found
    folded = slowest(candidate, candidate.problem(), budget)
    if folded is None:
        raise UsageError(KEY, f"the {name} design needs blocks of which there is none", "give more")
    worst = int(np.argmax(shares_of(folded.area, budget)))
    raise UsageError(
        KEY,
        f"the {name} design does not fit: with its stages folded as far as they go it takes {folded.area[worst]:,.0f} "
        f"{AREA[worst]}, and there are {budget[worst]:,.0f} (estimate)",
        f"take a larger part with --set firmware.part=NAME, or another {KEY}",
    )


class _Steps:
    """Counts what is done of an exploration."""

    ALL = 4 + len(SHARES)  # both designs, their runs, the ends of the intervals

    def __init__(self, progress: Callable[[int, int], None]) -> None:
        self._progress, self._done = progress, 0

    def done(self) -> None:
        self._done += 1
        self._progress(self._done, self.ALL)


def build_document(
    request: Request, model: Model, progress: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, Any]:
    """Sizes both designs and runs them.

    Args:
        request: what is explored.
        model: coefficients and spreads.
        progress: told how many steps of how many are done.
    Returns:
        The content of `explore.json`, ready for JSON.
    Raises:
        UsageError: the part is of no known family, or a design does not fit even when it is folded.
        RecipeError: a criterion without RTL.
    """
    recipe, budget = request.loaded.recipe, request.budget
    family = require_family(recipe.firmware.part)
    static, dynamic = candidates(request, model)
    sides = {"static": static, "dynamic": dynamic}
    problems = {name: candidate.problem() for name, candidate in sides.items()}
    steps = _Steps(progress)
    found = {}
    for name, candidate in sides.items():
        fitted = fit(candidate, problems[name], budget, spend=True)
        found[name] = _require(fitted, name, candidate, budget)
        steps.done()
    runs = {
        "static": confirm_static(static, found["static"]),
        "dynamic": confirm_dynamic(
            dynamic, found["dynamic"], request.exits, spacing_of(found["static"]), recipe.seed
        ),
    }
    steps.done()
    cycles = {name: cycles_of(candidate, found[name]) for name, candidate in sides.items()}
    rates = {name: run["test_set"]["samples_per_second"] for name, run in runs.items()}
    same = least(dynamic, problems["dynamic"], found["static"].sizing.cycles, budget)
    lean = least(static, problems["static"], found["static"].sizing.cycles, budget)
    points = curve(sides, problems, budget, steps.done)
    gained = [row["ratio"] for row in points if row["ratio"] is not None]
    ends = _at_ends(found, sides, budget)
    steps.done()
    second = 1e9 / float(recipe.firmware.clock_ns)
    return {
        "tool": f"hwgen {hwgen.__version__}",
        "recipe": {"name": recipe.name, "sha256": request.loaded.sha256},
        "source": SOURCE,
        "of": OF,
        "interval": LEVEL,
        "part": recipe.firmware.part,
        "family": family.name,
        "backend": recipe.firmware.backend,
        "io": recipe.firmware.io,
        "clock_ns": float(recipe.firmware.clock_ns),
        "policy": {
            "points": request.points,
            "shares": list(request.shares),
            "test_shares": [
                float(np.mean(request.exits == index)) for index in range(len(request.network.stages))
            ],
            "spare_points": request.spare,
        },
        "area": dict(zip(AREA, budget.tolist(), strict=True)),
        "designs": {
            name: {
                **design_row(candidate, found[name], problems[name], budget),
                "samples_per_second": round(second / cycles[name], 1),
                "runs": runs[name],
            }
            for name, candidate in sides.items()
        },
        "ratio": {
            "averages": round(cycles["static"] / cycles["dynamic"], 3),
            "cycle_model": round(rates["dynamic"] / rates["static"], 3),
            "if_areas_low": ends["low"],
            "if_areas_high": ends["high"],
            "best_of_curve": max(gained) if gained else None,
        },
        "equal_throughput": {
            "samples_per_second": round(second / found["static"].sizing.cycles, 1),
            "static": None if lean is None else round(share_of(lean.area, budget), 4),
            "dynamic": None if same is None else round(share_of(same.area, budget), 4),
        },
        "curve": points,
        "hls": dynamic.settings(found["dynamic"].sizing),
        "static_hls": static.settings(found["static"].sizing),
    }
