"""The verb `explore`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hwgen.cli.opened import opened, print_json
from hwgen.cli.tables import show_table
from hwgen.errors import ExitCode


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

    with opened(recipe, VERB, out, overrides) as job:
        document = explore(job, wanted.area, wanted.points, wanted.spare, wanted.samples)
    if as_json:
        print_json(document)
        return ExitCode.OK
    from hwgen.explore import FILE
    from hwgen.explore.table import hls_text, terminal_table

    show_table(terminal_table(document))
    print(hls_text(document))
    print(job.out.path / FILE)
    return ExitCode.OK
