"""What the verbs on a recipe share: a job with the terminal as its listener, and a document as their result."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hwgen.cli.console import Console
from hwgen.steps import Job, open_job


@contextmanager
def opened(
    recipe: Path, verb: str, out: Path | None, overrides: tuple[str, ...], *, force: bool = False
) -> Iterator[Job]:
    """A job whose log lines and progress go to stderr; the progress is taken off the terminal at the end."""
    console = Console()
    try:
        yield open_job(
            recipe, verb=verb, overrides=overrides, out=out, force=force, listener=console.listener()
        )
    finally:
        console.close()


def print_json(document: Mapping[str, Any]) -> None:
    """A document on stdout, and nothing else."""
    print(json.dumps(document, indent=1))
