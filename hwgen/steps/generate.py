"""generate: firmware/, planned in memory and then written."""

from __future__ import annotations

from hwgen.files import MANIFEST, write_tree
from hwgen.steps.job import Job, StepResult, stored_key
from hwgen.steps.tree import listed, set_aside, tree_state


def is_current(job: Job) -> bool:
    """Whether firmware/ is there and was generated from the present inputs."""
    from hwgen.firmware import firmware_key

    stored = stored_key(job.out.firmware / MANIFEST)
    return stored is not None and stored == firmware_key(job.loaded, job.network, job.calibration, job.data)


def generate(job: Job) -> StepResult:
    """Writes the tree, unless it is there; edits are never lost.

    A tree that was generated from the same inputs is kept, edited or not. Otherwise, and with
    --force, an edited tree is renamed to firmware.edited and a new one is written.
    """
    folder = job.out.firmware
    if is_current(job) and "generate" not in job.force:
        touched = tree_state(folder).touched
        if touched:
            job.listener.warn(
                f"generate: {folder.name}/ was edited and is kept ({listed(touched)}); "
                "hwgen generate --force writes it anew"
            )
        return StepResult("generate", done=False, details={"firmware": folder.name, "edited_files": touched})
    from hwgen.rtl.tree import plan_tree

    job.listener.info("generate: planning the firmware")
    files, pipeline = plan_tree(job.loaded, job.network, job.calibration, job.data)
    for note in () if isinstance(pipeline, str) else pipeline.sizes.notes:
        job.listener.warn(f"generate: {note}")
    if folder.is_dir() and not tree_state(folder).as_generated:
        aside = set_aside(folder)
        job.listener.warn(f"generate: {folder.name}/ was edited; it is kept as {aside.name}/")
    write_tree(folder, files)
    return StepResult("generate", done=True, details={"firmware": folder.name, "files": len(files)})
