"""The verb `synth`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from hwgen.cli.console import Console
from hwgen.errors import ExitCode, ToolMissing, UsageError
from hwgen.steps import open_job

TOOLS = ("yosys", "vitis", "vivado")


def _check_tool(tool: str) -> None:
    if tool not in TOOLS:
        raise UsageError("--tool", f"received {tool!r}", f"one of {', '.join(TOOLS)}")
    if tool != "yosys":
        raise ToolMissing(
            tool,
            "is not driven by this version of hwgen",
            "run firmware/scripts/ with it, or take --tool yosys",
        )


def run_synth(
    recipe: Path,
    out: Path | None,
    overrides: tuple[str, ...],
    tool: str,
    blocks: Sequence[str],
    family: str | None,
    jobs: int | None,
    *,
    force: bool,
    as_json: bool,
) -> int:
    """Synthesises the pipeline; returns the exit code."""
    _check_tool(tool)
    from hwgen.steps.synth import VERB, synth

    console = Console()
    try:
        job = open_job(
            recipe, verb=VERB, overrides=overrides, out=out, force=force, listener=console.listener()
        )
        document = synth(job, blocks, family, jobs)
    finally:
        console.close()
    if as_json:
        print(json.dumps(document, indent=1))
        return ExitCode.OK
    from rich.console import Console as RichConsole

    from hwgen.synth.results import FILE, FOLDER
    from hwgen.synth.table import terminal_table

    shown = RichConsole(highlight=False)
    if not shown.is_terminal:
        shown = RichConsole(highlight=False, width=120)
    shown.print(terminal_table(document))
    print(job.out.path / FOLDER / FILE)
    return ExitCode.OK
