"""The verb `import-reports`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hwgen.errors import ExitCode


def show(document: Mapping[str, Any], path: Path, *, as_json: bool) -> None:
    """Prints what the tools gave."""
    if as_json:
        print(json.dumps(document, indent=1))
        return
    from rich.console import Console as RichConsole

    from hwgen.vendor.table import remarks, terminal_table

    shown = RichConsole(highlight=False)
    if not shown.is_terminal:
        shown = RichConsole(highlight=False, width=120)
    shown.print(terminal_table(document))
    for line in remarks(document):
        shown.print(line, markup=False, soft_wrap=True)
    print(path)


def run_import(folder: Path, out: Path | None, *, as_json: bool) -> int:
    """Imports reports; returns the exit code."""
    from hwgen.steps.vendor import import_reports
    from hwgen.vendor.imports import FILE, FOLDER

    document = import_reports(folder, out)
    show(document, Path(FOLDER) / FILE if out is None else out / FOLDER / FILE, as_json=as_json)
    return ExitCode.OK
