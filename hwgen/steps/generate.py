"""generate: firmware/, planned in memory and then written."""

from __future__ import annotations

import json

from hwgen import __version__
from hwgen.files import sha256_of, write_atomic, write_tree
from hwgen.material import material
from hwgen.steps.job import Job, StepResult, code_sha256, stored_key
from hwgen.steps.tree import file_hashes, listed, set_aside, tree_state


def generate_key(job: Job) -> str:
    """Hash of what the tree depends on."""
    recipe = job.loaded.recipe
    return sha256_of(
        __version__,
        code_sha256("criteria", "calibration", "firmware", "reference"),
        file_hashes(material("firmware_templates")),
        recipe.name,
        recipe.firmware.model_dump(mode="json"),
        recipe.hls,
        job.network_sha256,
        job.calibration.to_dict(),
        job.test_sha256,
    )


def is_current(job: Job) -> bool:
    """Whether firmware/ is there and was generated from the present inputs."""
    return job.out.firmware.is_dir() and stored_key(job.out.firmware_stamp) == generate_key(job)


def generate(job: Job) -> StepResult:
    """Writes the tree, unless it is there; edits are never lost.

    A tree that was generated from the same inputs is kept, edited or not. Otherwise, and with
    --force, an edited tree is renamed to firmware.edited and a new one is written.
    """
    folder = job.out.firmware
    forced = "generate" in job.force
    if is_current(job) and not forced:
        touched = tree_state(folder).touched
        if touched:
            job.listener.warn(
                f"generate: {folder.name}/ was edited and is kept ({listed(touched)}); "
                "hwgen generate --force writes it anew"
            )
        return StepResult("generate", done=False, details={"firmware": folder.name, "edited_files": touched})
    from hwgen.firmware import plan_firmware

    job.listener.info("generate: planning the firmware")
    files = plan_firmware(job.loaded, job.network, job.calibration, job.data)
    if folder.is_dir() and not tree_state(folder).as_generated:
        aside = set_aside(folder)
        job.listener.warn(f"generate: {folder.name}/ was edited; it is kept as {aside.name}/")
    write_tree(folder, files)
    write_atomic(job.out.firmware_stamp, json.dumps({"inputs_sha256": generate_key(job)}) + "\n")
    return StepResult("generate", done=True, details={"firmware": folder.name, "files": len(files)})
