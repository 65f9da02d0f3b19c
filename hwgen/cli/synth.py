"""The verb `synth`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hwgen.cli.opened import opened, print_json
from hwgen.cli.tables import show_table
from hwgen.errors import ExitCode, UsageError
from hwgen.steps import Job

OPEN = "yosys"
TOOLS = (OPEN, "vitis", "vivado")
VERB = "synth"


@dataclass(frozen=True)
class Request:
    """What was asked for, beside the recipe.

    Args:
        tool: one of `TOOLS`.
        blocks: to work on; all if empty.
        jobs: most runs at a time.
        family: of the open tool.
        steps, road, cluster, saif: of the vendor's tools.
    """

    tool: str
    blocks: Sequence[str] = ()
    jobs: int | None = None
    family: str | None = None
    steps: Sequence[str] = ()
    road: str | None = None
    cluster: str | None = None
    saif: Path | None = None

    def check(self) -> None:
        """Refuses an unknown tool, and options of another one.

        Raises:
            UsageError: names the option.
        """
        if self.tool not in TOOLS:
            raise UsageError("--tool", f"received {self.tool!r}", f"one of {', '.join(TOOLS)}")
        vendor = {"--step": self.steps, "--road": self.road, "--cluster": self.cluster, "--saif": self.saif}
        for name, value in vendor.items() if self.tool == OPEN else {"--family": self.family}.items():
            if value:
                raise UsageError(name, f"is not for --tool {self.tool}", "leave it out")


def run_synth(
    recipe: Path,
    out: Path | None,
    overrides: tuple[str, ...],
    request: Request,
    *,
    force: bool,
    as_json: bool,
) -> int:
    """Synthesises; returns the exit code."""
    request.check()
    run = _open_tool if request.tool == OPEN else _vendor_tool
    with opened(recipe, VERB, out, overrides, force=force) as job:
        return run(job, request, as_json=as_json)


def _open_tool(job: Job, request: Request, *, as_json: bool) -> int:
    from hwgen.steps.synth import synth

    document = synth(job, request.blocks, request.family, request.jobs)
    if as_json:
        print_json(document)
        return ExitCode.OK
    from hwgen.synth.results import FILE, FOLDER
    from hwgen.synth.table import terminal_table

    show_table(terminal_table(document))
    print(job.out.path / FOLDER / FILE)
    return ExitCode.OK


def _vendor_tool(job: Job, request: Request, *, as_json: bool) -> int:
    from hwgen.cli.import_reports import show
    from hwgen.steps.vendor import synth_vendor
    from hwgen.vendor.imports import FILE, FOLDER

    document = synth_vendor(
        job,
        request.tool,
        request.steps,
        request.blocks,
        road=request.road or "tcl",
        jobs=request.jobs,
        cluster=request.cluster,
        saif=request.saif,
    )
    show(document, job.out.path / FOLDER / FILE, as_json=as_json)
    return ExitCode.OK
