"""Rows of `resources`: what a synthesis tool said of the blocks of this firmware, and of no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hwgen.errors import UsageError
from hwgen.synth import load_results, resource_rows
from hwgen.synth.results import FILE, FOLDER

Rows = list[dict[str, Any]]


def read_resources(out: Path) -> tuple[Rows | None, list[str]]:
    """What lies in an output folder.

    Args:
        out: holds `firmware` and, after `hwgen synth`, `synthesis`.
    Returns:
        a row per block, None if nothing was synthesised; and warnings about results that are left out.
    """
    try:
        document = load_results(out, out / "firmware" / "pipeline")
    except UsageError as error:
        return None, [f"resources: {FOLDER}/{FILE} {error.problem} and is left out; {error.remedy}"]
    return (None if document is None else resource_rows(document)), []
