"""What can be refused before anything slow starts."""

from __future__ import annotations

from hwgen.steps.job import Job
from hwgen.steps.simulate import RESULTS


def preflight(job: Job, verb: str) -> None:
    """Checks what a later step would refuse.

    Raises:
        RecipeError: an unknown criterion, not one per early exit, or `hls` settings that hls4ml would ignore.
        ToolMissing, ToolFailed: the verb will compile the firmware and there is no compiler, or it does not run.
    """
    from hwgen.calibration import check_exits
    from hwgen.firmware.hls_settings import check_hls
    from hwgen.simulation.toolchain import compiler_version, find_compiler

    recipe = job.loaded.recipe
    criterion = recipe.exits.criterion
    if recipe.network.stages is not None:
        check_exits(recipe.exits, len(recipe.network.stages) - 1)
    else:  # how many stages a Python network has is known when it is built
        check_exits(recipe.exits, len(criterion) if isinstance(criterion, list) else 1)
    check_hls(recipe.hls)
    if verb in ("run", "simulate", "report") and not (job.out.simulation / RESULTS).is_file():
        compiler_version(find_compiler())
