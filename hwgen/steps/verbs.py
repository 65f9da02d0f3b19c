"""Runs the steps a verb needs, in order, in a locked folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hwgen.files import write_atomic
from hwgen.recipe import load_recipe
from hwgen.steps.calibrate import calibrate
from hwgen.steps.folder import OutFolder
from hwgen.steps.generate import generate, is_current
from hwgen.steps.job import Job, Listener, StepResult
from hwgen.steps.preflight import preflight
from hwgen.steps.report import report
from hwgen.steps.simulate import simulate
from hwgen.steps.train import train

STEPS: dict[str, Callable[[Job], StepResult]] = {
    "train": train,
    "calibrate": calibrate,
    "generate": generate,
    "simulate": simulate,
    "report": report,
}
VERBS = ("run", *STEPS)


def open_job(
    recipe: Path,
    *,
    verb: str,
    overrides: tuple[str, ...] = (),
    out: Path | None = None,
    force: bool = False,
    listener: Listener | None = None,
) -> Job:
    """Reads a recipe for `verb`. `out` defaults to build/<name>/ in the current folder.

    Raises:
        RecipeError: the recipe is not valid.
    """
    loaded = load_recipe(recipe, overrides)
    folder = out if out is not None else Path("build") / loaded.recipe.name
    forced = () if not force else STEPS if verb == "run" else (verb,)
    return Job(loaded, recipe.stem, OutFolder(folder), listener or Listener(), frozenset(forced))


def run_verb(job: Job, verb: str) -> list[StepResult]:
    """Runs `verb` and whatever it needs that is not there or no longer fits the recipe.

    One thing is never done on the way: simulate and report take firmware/ as it lies.

    Raises:
        HwgenError: the step that failed says why; what earlier steps wrote stays.
    """
    last = "report" if verb == "run" else verb
    results: list[StepResult] = []
    with job.out.locked():
        preflight(job, verb)
        _write_resolved(job)
        for name, step in STEPS.items():
            if name == "generate" and verb in ("simulate", "report") and job.out.firmware.is_dir():
                if not is_current(job):
                    job.listener.warn(
                        "firmware/ was generated from other inputs and is taken as it lies; "
                        "hwgen generate writes it anew"
                    )
                continue
            results.append(step(job))
            if name == last:
                break
    return results


def _write_resolved(job: Job) -> None:
    text = job.loaded.resolved_yaml(job.out.path.resolve())
    if not job.out.recipe.is_file() or job.out.recipe.read_text() != text:
        write_atomic(job.out.recipe, text)
