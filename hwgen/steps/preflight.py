"""What can be refused before anything slow starts."""

from __future__ import annotations

from hwgen.steps.job import Job
from hwgen.steps.simulate import RESULTS, needs_compiler


def preflight(job: Job, verb: str) -> None:
    """Checks what a later step would refuse.

    Raises:
        RecipeError: an unknown criterion.
        ToolMissing: the verb will compile the firmware and there is no compiler.
    """
    from hwgen.criteria import get_criterion

    exits = job.loaded.recipe.exits
    if isinstance(exits.criterion, str):
        get_criterion(exits.criterion, "exits.criterion")
    else:
        for position, name in enumerate(exits.criterion):
            get_criterion(name, f"exits.criterion.{position}")
    if exits.abstain is not None:
        get_criterion(exits.abstain.criterion, "exits.abstain.criterion")
    if verb in ("run", "simulate", "report") and not (job.out.simulation / RESULTS).is_file():
        needs_compiler()
