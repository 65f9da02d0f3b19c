"""The verbs that work on a recipe."""

from __future__ import annotations

import json
from pathlib import Path

from hwgen.cli.console import Console
from hwgen.errors import ExitCode
from hwgen.steps import Job, StepResult, open_job, run_verb


def run_step_verb(
    verb: str, recipe: Path, out: Path | None, overrides: tuple[str, ...], *, force: bool, as_json: bool
) -> int:
    """Runs one verb; returns its exit code."""
    console = Console()
    try:
        job = open_job(
            recipe, verb=verb, overrides=overrides, out=out, force=force, listener=console.listener()
        )
        results = run_verb(job, verb)
    finally:
        console.close()
    problems = [result.problem for result in results if not result.passed]
    for line in problems:
        console.info(f"hwgen: {line}")
    if as_json:
        print(_machine_output(verb, job.out.report, results))
    else:
        for result in results:
            state = "done" if result.done else "nothing to do"
            console.info(f"{result.step}: {state if result.passed else 'failed'}")
        _print_outcome(job, results[-1].step)
    return ExitCode.CHECK_FAILED if problems else ExitCode.OK


def _print_outcome(job: Job, last: str) -> None:
    """The numbers of the report, or where the last step's results are."""
    if last != "report":
        print(job.out.path)
        return
    from rich.console import Console as RichConsole

    from hwgen.report import summary

    page = str(job.out.path / "report.html")
    RichConsole(soft_wrap=True, highlight=False).print(summary(json.loads(job.out.report.read_text()), page))


def _machine_output(verb: str, report: Path, results: list[StepResult]) -> str:
    if verb in ("run", "report"):
        return report.read_text().rstrip()
    steps = [
        {"step": result.step, "done": result.done, "passed": result.passed, **result.details}
        for result in results
    ]
    return json.dumps({"out": str(report.parent), "steps": steps}, indent=1)
