"""explore: explore.json and explore.svg from a calibrated folder. No part of `run`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hwgen.errors import UsageError
from hwgen.estimate import fitted
from hwgen.explore import FILE, PICTURE, Request, build_document, draw_explore, read_area
from hwgen.files import write_atomic
from hwgen.latency.parts import require_family
from hwgen.report.figures.canvas import standalone
from hwgen.steps.calibrate import calibrate_key
from hwgen.steps.estimate import netlists
from hwgen.steps.generate import is_current
from hwgen.steps.job import Job, stored_key
from hwgen.steps.preflight import preflight
from hwgen.steps.train import holds, train_key

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

VERB = "explore"


def _require_calibration(job: Job) -> None:
    if holds(job.out.model, train_key(job)) and stored_key(job.out.calibration) == calibrate_key(job):
        return
    state = "is of another recipe" if job.out.calibration.is_file() else "is not there"
    raise UsageError(
        str(job.out.calibration),
        f"{state}, and without it nobody knows how often a stage is visited",
        "run hwgen calibrate with the same RECIPE, --out and --set first",
    )


def policy_of(job: Job, points: float | None) -> int:
    """Index of the policy of a budget in points; the active one for None.

    Raises:
        UsageError: there is no policy of that budget.
    """
    calibration = job.calibration
    if points is None:
        return calibration.active
    budgets = [policy.points for policy in calibration.policies]
    if points not in budgets:
        known = ", ".join(f"{each:g}" for each in budgets)
        raise UsageError(
            "--policy", f"received {points:g}", f"take one of {known}, or add it to exits.policies"
        )
    return budgets.index(points)


def test_exits(job: Job, policy: int, samples: int) -> npt.NDArray[np.int64]:
    """Exits, from 0, at which the first test samples leave, in their order.

    Args:
        job: calibrated.
        policy: index of the policy.
        samples: how many, at most.
    """
    from hwgen.criteria import observe, read_embeddings
    from hwgen.reference.executor import execute

    calibration = job.calibration
    raw = job.data.test.raw[:samples]
    seen = observe(
        calibration.gates, execute(job.network, raw, embeddings=read_embeddings(calibration.gates))
    )
    return calibration.decide(seen, policy).exit


def explore(
    job: Job, area: str | None = None, points: float | None = None, spare: float = 5.0, samples: int = 1000
) -> dict[str, Any]:
    """Sizes both designs of a recipe for the same area.

    Args:
        job: of the recipe.
        area: the budget, see `read_area`.
        points: budget of the policy, in points; None: the active one.
        spare: percentage points more of the samples that continue, for which stages are sized.
        samples: of the test set that go through the cycle model.
    Returns:
        The content of `explore.json`.
    Raises:
        HwgenError: no calibration, an unknown part, or an area in which a design does not fit.
    """
    firmware = job.loaded.recipe.firmware
    require_family(firmware.part)
    budget = read_area(area, firmware.part)
    if firmware.rtl == "da4ml":
        raise UsageError(
            "firmware.rtl", "da4ml unrolls stages, so there is no reuse factor", "use firmware.rtl: hls"
        )
    preflight(job, VERB)
    with job.out.locked():
        _require_calibration(job)
        policy = policy_of(job, points)
        chosen = job.calibration.policies[policy]
        job.listener.info(
            f"explore: {min(samples, len(job.data.test))} test samples at {chosen.points:g} points"
        )
        request = Request(
            job.loaded,
            job.network,
            job.calibration.gates,
            chosen.points,
            chosen.calibration.share,
            test_exits(job, policy, samples),
            budget,
            spare,
            netlists(job) if is_current(job) else None,
        )
        document = build_document(
            request, fitted(), lambda done, total: job.listener.progress(VERB, done, total)
        )
        write_atomic(job.out.path / PICTURE, standalone(draw_explore(document)))
        write_atomic(job.out.path / FILE, json.dumps(document, indent=1) + "\n")
    return document
