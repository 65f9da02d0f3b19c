"""What can be refused before anything slow starts."""

from __future__ import annotations

from hwgen.files import MANIFEST
from hwgen.steps.job import Job
from hwgen.steps.simulate import RESULTS, RTL_RESULTS


def preflight(job: Job, verb: str) -> None:
    """Checks what a later step would refuse.

    Raises:
        RecipeError: an unknown criterion, not one per early exit, or `hls` settings that hls4ml would ignore.
        ToolMissing, ToolFailed: what the verb will need for the compiled firmware, the RTL or its simulation is absent,
            too old, or does not run.
    """
    from hwgen.calibration import check_exits
    from hwgen.eda import verilator
    from hwgen.firmware.hls_settings import check_hls
    from hwgen.rtl.stages.symbols import da4ml
    from hwgen.simulation.toolchain import compiler_version, find_compiler

    recipe = job.loaded.recipe
    criterion = recipe.exits.criterion
    if recipe.network.stages is not None:
        check_exits(recipe.exits, len(recipe.network.stages) - 1)
    else:  # how many stages a Python network has is known when it is built
        check_exits(recipe.exits, len(criterion) if isinstance(criterion, list) else 1)
    check_hls(recipe.hls)
    simulates = verb in ("run", "simulate", "report")
    if simulates and not (job.out.simulation / RESULTS).is_file():
        compiler_version(find_compiler())
    if simulates and recipe.simulation.level == "rtl" and not (job.out.simulation / RTL_RESULTS).is_file():
        verilator.find()
    writes = verb in ("run", "generate") and not (job.out.firmware / MANIFEST).is_file()
    if recipe.firmware.rtl == "da4ml" and writes:
        da4ml()
