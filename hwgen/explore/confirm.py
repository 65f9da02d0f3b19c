"""Sized designs in the cycle model: the test set's own sequence of exits, other shares, and the worst case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen.estimate.queueing import run_samples
from hwgen.explore.designs import Candidate
from hwgen.explore.fit import Fitted
from hwgen.rtl.sizes import draw_exits

POINTS = (-10, -5, 5, 10)
"""Percentage points more of the samples that continue at every early exit."""
MANY, OFTEN, FEW = 1000, 300, 60
"""Samples of the run at equal load, at most; of those at other shares; of those that all go to the last exit."""
ALIKE = 200
"""Samples of the static network's runs."""
LOAD = 0.9
"""Share of the static network's throughput at which the two latencies are compared."""


def confirm_static(candidate: Candidate, fitted: Fitted) -> dict[str, Any]:
    """Runs of the static network: every sample is like every other, so a few say all.

    Returns:
        `test_set` and `equal_load`, as `run_samples` makes them.
    """
    pipeline, sizes = candidate.pipeline(fitted.sizing)
    exits = np.zeros(ALIKE, dtype=np.int64)
    spacing = spacing_of(fitted)
    return {
        "test_set": run_samples(pipeline, sizes, exits, candidate.firmware),
        "equal_load": run_samples(pipeline, sizes, exits, candidate.firmware, spacing),
    }


def spacing_of(static: Fitted) -> int:
    """Cycles between samples that keep the static network busy for `LOAD` of the time."""
    return int(np.ceil(static.sizing.cycles / LOAD))


def confirm_dynamic(
    candidate: Candidate,
    fitted: Fitted,
    exits: Sequence[int] | npt.NDArray[np.int64],
    spacing: int,
    seed: int,
) -> dict[str, Any]:
    """Runs of the dynamic network.

    Args:
        candidate, fitted: the design.
        exits: of the test samples in their order, from 0.
        spacing: cycles between samples for the comparison of latencies.
        seed: of drawn exits.
    Returns:
        `test_set` and `equal_load` with the exits given; `shares`: by points, exits drawn at other shares;
        `nobody_leaves`.
    """
    pipeline, sizes = candidate.pipeline(fitted.sizing)
    firmware = candidate.firmware
    drawn: Mapping[str, Any] = {
        f"{points:+d}": run_samples(
            pipeline, sizes, draw_exits(pipeline.shifted(points), OFTEN, seed), firmware
        )
        for points in POINTS
    }
    return {
        "test_set": run_samples(pipeline, sizes, exits, firmware),
        "equal_load": run_samples(pipeline, sizes, exits[:MANY], firmware, spacing),
        "shares": dict(drawn),
        "nobody_leaves": run_samples(pipeline, sizes, [len(pipeline.stages) - 1] * FEW, firmware),
    }
