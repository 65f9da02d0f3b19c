"""calibrate: calibration.json, the thresholds of all policies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hwgen.files import sha256_of, write_atomic
from hwgen.material import code_sha256
from hwgen.steps.job import Job, StepResult, stored_key

if TYPE_CHECKING:
    from hwgen.calibration import TrainingValues


def calibrate_key(job: Job) -> str:
    """Hash of what the thresholds depend on."""
    exits = job.loaded.recipe.exits.model_dump(mode="json")
    code = code_sha256("criteria", "calibration", "reference")
    return sha256_of(
        code, job.network_sha256, job.data.sha256, exits, job.trained_gates, job.loaded.recipe.seed
    )


def _training_values(job: Job, embeddings: frozenset[int]) -> TrainingValues:
    """The reference on at most `TRAINING_SAMPLES` training samples, taken evenly."""
    from hwgen.calibration import TRAINING_SAMPLES, TrainingValues
    from hwgen.reference.executor import execute

    raw = job.data.train.raw
    step = -(-len(raw) // TRAINING_SAMPLES)
    return TrainingValues(execute(job.network, raw[::step], embeddings=embeddings), len(raw))


def calibrate(job: Job) -> StepResult:
    """Fits gates and thresholds on what the reference says of the calibration split."""
    from hwgen.calibration import calibrate as fit
    from hwgen.calibration import embedding_exits, needs_training
    from hwgen.reference.executor import execute

    key = calibrate_key(job)
    path = job.out.calibration
    if stored_key(path) == key and "calibrate" not in job.force:
        return StepResult("calibrate", done=False, details={"calibration": path.name})
    job.listener.info(f"calibrate: {len(job.data.calibration)} samples")
    recipe, stages = job.loaded.recipe, len(job.network.stages)
    embeddings = embedding_exits(recipe.exits, stages)
    fitted = fit(
        job.network,
        execute(job.network, job.data.calibration.raw, embeddings=embeddings),
        job.data.calibration.labels,
        recipe.exits,
        recipe.seed,
        _training_values(job, embeddings) if needs_training(recipe.exits, stages) else None,
        job.trained_gates,
    )
    document = {**fitted.to_dict(), "inputs_sha256": key}
    write_atomic(path, json.dumps(document, indent=1) + "\n")
    job.forget("calibration")
    return StepResult("calibrate", done=True, details={"calibration": path.name})
