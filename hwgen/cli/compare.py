"""The verb `compare`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hwgen.cli.opened import opened, print_json
from hwgen.cli.tables import show_table
from hwgen.errors import ExitCode


def run_compare(
    recipe: Path,
    out: Path | None,
    overrides: tuple[str, ...],
    methods: Sequence[str],
    criteria: Sequence[str] | None,
    *,
    force: bool,
    as_json: bool,
) -> int:
    """Runs the comparison; returns its exit code."""
    from hwgen.compare import compare

    with opened(recipe, "compare", out, overrides, force=force) as job:
        document = compare(job, recipe, overrides, methods, criteria)
    if as_json:
        print_json(document)
        return ExitCode.OK
    from hwgen.compare.table import terminal_table

    show_table(terminal_table(document))
    print(job.out.path / "compare" / "compare.html")
    return ExitCode.OK
