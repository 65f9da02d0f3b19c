"""The verb `estimate`."""

from __future__ import annotations

import json
from pathlib import Path

from hwgen.cli.console import Console
from hwgen.cli.tables import show_table
from hwgen.errors import ExitCode
from hwgen.steps import open_job


def run_estimate(recipe: Path, out: Path | None, overrides: tuple[str, ...], *, as_json: bool) -> int:
    """Estimates a recipe; returns the exit code."""
    from hwgen.steps.estimate import VERB, estimate

    console = Console()
    try:
        job = open_job(recipe, verb=VERB, overrides=overrides, out=out, listener=console.listener())
        document = estimate(job)
    finally:
        console.close()
    if as_json:
        print(json.dumps(document, indent=1))
        return ExitCode.OK
    from hwgen.estimate import FILE
    from hwgen.estimate.table import terminal_table

    show_table(terminal_table(document))
    print(job.out.path / FILE)
    return ExitCode.OK
