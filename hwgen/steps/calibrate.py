"""calibrate: calibration.json, the thresholds of all policies."""

from __future__ import annotations

import json

from hwgen.files import sha256_of, write_atomic
from hwgen.material import code_sha256
from hwgen.steps.job import Job, StepResult, stored_key


def calibrate_key(job: Job) -> str:
    """Hash of what the thresholds depend on."""
    exits = job.loaded.recipe.exits.model_dump(mode="json")
    code = code_sha256("criteria", "calibration", "reference")
    return sha256_of(code, job.network_sha256, job.data.sha256, exits, job.loaded.recipe.seed)


def calibrate(job: Job) -> StepResult:
    """Fits the thresholds on the quantised logits of the calibration split."""
    from hwgen.calibration import calibrate as fit
    from hwgen.reference.executor import execute

    key = calibrate_key(job)
    path = job.out.calibration
    if stored_key(path) == key and "calibrate" not in job.force:
        return StepResult("calibrate", done=False, details={"calibration": path.name})
    job.listener.info(f"calibrate: {len(job.data.calibration)} samples")
    values = execute(job.network, job.data.calibration.raw)
    fitted = fit(
        job.network, [stage.logits for stage in values], job.data.calibration.labels, job.loaded.recipe.exits
    )
    document = {**fitted.to_dict(), "inputs_sha256": key}
    write_atomic(path, json.dumps(document, indent=1) + "\n")
    job.forget("calibration")
    return StepResult("calibrate", done=True, details={"calibration": path.name})
