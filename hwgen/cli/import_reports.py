"""The verb `import-reports`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hwgen.cli.opened import print_json
from hwgen.cli.tables import show_table
from hwgen.errors import ExitCode, ReportError


def show(document: Mapping[str, Any], path: Path, *, as_json: bool) -> None:
    """Prints what the tools gave."""
    if as_json:
        print_json(document)
        return
    from hwgen.vendor.table import remarks, terminal_table

    show_table(terminal_table(document), [*remarks(document), str(path)])


def _show_loose(path: Path, *, as_json: bool) -> int:
    """Prints what reports say that no run vouches for; nothing is written."""
    from hwgen.vendor.loose import read_loose
    from hwgen.vendor.table import loose_remarks, loose_table

    document = read_loose(path)
    refused = document["refused"]
    if not as_json:
        show_table(loose_table(document), loose_remarks(document))
    if refused:
        first, more = refused[0], len(refused) - 1
        remedy = first["remedy"] + (f"; {more} more cannot be used" if more else "")
        raise ReportError(str(path / first["file"]), first["problem"], remedy)
    if as_json:
        print_json(document)
    return ExitCode.OK


def run_import(folder: Path, out: Path | None, *, as_json: bool) -> int:
    """Imports reports, or shows those of unknown firmware; returns the exit code."""
    from hwgen.steps.vendor import import_reports
    from hwgen.vendor.imports import run_folders

    if out is None and not run_folders(folder):
        return _show_loose(folder, as_json=as_json)
    document, path = import_reports(folder, out)
    show(document, path, as_json=as_json)
    return ExitCode.OK
