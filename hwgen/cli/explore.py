"""The verb `explore`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from hwgen.cli.console import Console
from hwgen.cli.tables import show_table
from hwgen.errors import ExitCode
from hwgen.steps import open_job


@dataclass(frozen=True)
class Wanted:
    """Options of the verb, see `hwgen.steps.explore.explore`."""

    area: str | None
    points: float | None
    spare: float
    samples: int


def run_explore(
    recipe: Path, out: Path | None, overrides: tuple[str, ...], wanted: Wanted, *, as_json: bool
) -> int:
    """Explores a recipe; returns the exit code."""
    from hwgen.steps.explore import VERB, explore

    console = Console()
    try:
        job = open_job(recipe, verb=VERB, overrides=overrides, out=out, listener=console.listener())
        document = explore(job, wanted.area, wanted.points, wanted.spare, wanted.samples)
    finally:
        console.close()
    if as_json:
        print(json.dumps(document, indent=1))
        return ExitCode.OK
    from hwgen.explore import FILE
    from hwgen.explore.table import hls_text, terminal_table

    show_table(terminal_table(document))
    print(hls_text(document))
    print(job.out.path / FILE)
    return ExitCode.OK
