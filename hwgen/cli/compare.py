"""The verb `compare`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from hwgen.cli.console import Console
from hwgen.cli.tables import show_table
from hwgen.errors import ExitCode
from hwgen.steps import open_job


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

    console = Console()
    try:
        job = open_job(
            recipe, verb="compare", overrides=overrides, out=out, force=force, listener=console.listener()
        )
        document = compare(job, recipe, overrides, methods, criteria)
    finally:
        console.close()
    if as_json:
        print(json.dumps(document, indent=1))
        return ExitCode.OK
    from hwgen.compare.table import terminal_table

    show_table(terminal_table(document))
    print(job.out.path / "compare" / "compare.html")
    return ExitCode.OK
