"""synth: firmware/pipeline/ as it lies, block by block through an open tool. No part of `run`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hwgen.errors import HwgenError, UsageError
from hwgen.files import MANIFEST
from hwgen.steps.generate import is_current
from hwgen.steps.job import Job

VERB = "synth"
PIPELINE = "pipeline"


def _manifest(job: Job) -> dict[str, Any]:
    try:
        found = json.loads((job.out.firmware / MANIFEST).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _of_this_recipe(job: Job) -> bool:
    """Whether the firmware would be the same: what only other steps read may differ."""
    try:
        return is_current(job)
    except (HwgenError, OSError):  # there is no network, or no thresholds
        return False


def _check_tree(job: Job) -> None:
    """Refuses a tree without a pipeline, and says if it is of another recipe."""
    manifest = _manifest(job)
    if not (job.out.firmware / PIPELINE).is_dir():
        reason = (manifest.get("pipeline") or {}).get("reason")
        raise UsageError(
            str(job.out.firmware / PIPELINE),
            f"is not there{f': {reason}' if reason else ''}",
            "choose another criterion or firmware.rtl, then hwgen generate",
        )
    if manifest.get("recipe", {}).get("sha256") != job.loaded.sha256 and not _of_this_recipe(job):
        job.listener.warn(
            "firmware/ was generated from another recipe and is synthesised as it lies; hwgen generate writes it anew"
        )


def synth(
    job: Job, names: Sequence[str] = (), family: str | None = None, jobs: int | None = None
) -> dict[str, Any]:
    """Counts of the pipeline's blocks; firmware/ is generated if it is not there, else taken as it lies.

    Args:
        job: of the recipe.
        names: blocks to synthesise; default: all.
        family: of synth_xilinx; default: that of the recipe's part.
        jobs: runs of the tool at a time.
    Returns:
        The content of `synthesis/yosys.json`.
    Raises:
        HwgenError: no pipeline, an unknown block, or from the tool or a step before.
    """
    from hwgen.eda import yosys
    from hwgen.steps.verbs import run_verb
    from hwgen.synth import family_of, synthesise

    yosys.find()  # before a network is trained for nothing
    if not job.out.firmware.is_dir():
        run_verb(job, "generate")
    with job.out.locked():
        _check_tree(job)
        return synthesise(
            job.out.firmware / PIPELINE,
            job.out.path,
            family or family_of(job.loaded.recipe.firmware.part),
            names,
            jobs=jobs,
            force=VERB in job.force,
            info=job.listener.info,
            progress=job.listener.progress,
        )
