"""The verb `estimate`."""

from __future__ import annotations

from pathlib import Path

from hwgen.cli.opened import opened, print_json
from hwgen.cli.tables import show_table
from hwgen.errors import ExitCode


def run_estimate(recipe: Path, out: Path | None, overrides: tuple[str, ...], *, as_json: bool) -> int:
    """Estimates a recipe; returns the exit code."""
    from hwgen.steps.estimate import VERB, estimate

    with opened(recipe, VERB, out, overrides) as job:
        document = estimate(job)
    if as_json:
        print_json(document)
        return ExitCode.OK
    from hwgen.estimate import FILE
    from hwgen.estimate.table import terminal_table

    show_table(terminal_table(document))
    print(job.out.path / FILE)
    return ExitCode.OK
