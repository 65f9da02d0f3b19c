"""The vendor's tools on firmware/ as it lies, and the figures of their reports. No part of `run`."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import hwgen
from hwgen.errors import UsageError
from hwgen.files import MANIFEST, write_atomic
from hwgen.steps.folder import OutFolder
from hwgen.steps.job import Job
from hwgen.vendor.imports import FILE, FOLDER, import_runs
from hwgen.vendor.results import tree_sha256

WORK = "vendor"
DEFAULT_STEPS = {"vitis": ("csim", "csynth", "cosim", "export"), "vivado": ("synth", "impl")}
"""Tool -> steps, unless others are asked for."""
BACKENDS = {"vitis": "Vitis", "vivado": "Vivado"}
"""Tool -> `firmware.backend` whose C synthesis it is."""


def _check_request(tool: str, steps: Sequence[str]) -> tuple[str, ...]:
    from hwgen.vendor.versions import STEPS

    for step in steps:
        if step not in STEPS:
            raise UsageError("--step", f"received {step!r}", f"one of {', '.join(STEPS)}")
    return tuple(steps) or DEFAULT_STEPS[tool]


def _check_backend(tool: str, steps: Sequence[str], backend: str) -> None:
    from hwgen.vendor.versions import HLS_STEPS

    if BACKENDS[tool] != backend and set(steps) & set(HLS_STEPS):
        raise UsageError(
            "--tool",
            f"{tool} does no C synthesis of firmware.backend {backend}",
            f"take --tool {backend.lower()}, or --set firmware.backend={BACKENDS[tool]}",
        )


def _refuse_spaces(*folders: Path) -> None:
    for folder in folders:
        if any(letter.isspace() for letter in str(folder.resolve())):
            raise UsageError(
                str(folder), "has a space in its path, which the tools do not take", "choose another --out"
            )


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """A polite end of this process also ends the tools that it started."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stored(out: OutFolder, document: Mapping[str, Any], firmware: str) -> dict[str, Any]:
    whole = {
        "tool": f"hwgen {hwgen.__version__}",
        "firmware_sha256": firmware,
        "tree_sha256": tree_sha256(out.firmware),
        **document,
    }
    write_atomic(out.path / FOLDER / FILE, json.dumps(whole, indent=1) + "\n")
    return whole


def synth_vendor(
    job: Job,
    tool: str,
    steps: Sequence[str] = (),
    names: Sequence[str] = (),
    *,
    road: str = "tcl",
    jobs: int | None = None,
    cluster: str | None = None,
    saif: Path | None = None,
) -> dict[str, Any]:
    """Runs steps of the vendor's tools; firmware/ is generated if it is not there, else taken as it lies.

    Steps that are done, by the same tool from the same files, are not run again; IPs that only the pipeline needs are
    taken from any tool. What other steps need is run before them.

    Args:
        job: of the recipe.
        tool: vitis or vivado.
        steps: any of csim, csynth, cosim, export, synth, impl; default: those of the tool.
        names: blocks; default: all.
        road: of the HLS steps: tcl or unified.
        jobs: most at a time; default: one.
        cluster: where they run: None (this machine), local (Dask processes here), slurm, lsf or sge.
        saif: switching activity for the power of the pipeline.
    Returns:
        The content of `synthesis/vendor.json`.
    Raises:
        UsageError: an unknown step, block, road or cluster, or one that does not go with the firmware.
        ToolMissing: a program is not there, or of another version.
        ToolFailed: the first step that failed; nothing is read from it.
        CheckFailed: a test bench found a difference.
        HwgenError: from a step before.
    """
    from hwgen.steps.verbs import run_verb
    from hwgen.vendor import cluster as clusters
    from hwgen.vendor import plan, schedule, tools
    from hwgen.vendor.step import Outcome
    from hwgen.vendor.versions import HLS_STEPS, ROADS, VIVADO_STEPS

    chosen_steps = _check_request(tool, steps)
    if road not in ROADS:
        raise UsageError("--road", f"received {road!r}", f"one of {', '.join(ROADS)}")
    if saif is not None and "impl" not in chosen_steps:
        raise UsageError("--saif", "is for the step impl, which was not asked for", "leave it out")
    if saif is not None and not saif.is_file():
        raise UsageError("--saif", f"{saif} is not there", "simulate the pipeline with activity first")
    backend = job.loaded.recipe.firmware.backend
    _check_backend(tool, chosen_steps, backend)
    asks_vivado = bool(set(chosen_steps) & set(VIVADO_STEPS))
    asks_hls = bool(set(chosen_steps) & set(HLS_STEPS))
    # Before a network is trained for nothing.
    clusters.check(cluster)
    vivado = tools.find("vivado") if asks_vivado else None
    hls = tools.find_hls(backend, road) if asks_hls else []
    if not job.out.firmware.is_dir():
        run_verb(job, "generate")
    with job.out.locked(), _ended_by_signal():
        tree = plan.Tree.of(job.out.firmware)
        _check_backend(tool, chosen_steps, tree.backend)
        chosen = plan.wanted(tree, chosen_steps, names)
        work = job.out.path / FOLDER / WORK
        _refuse_spaces(tree.folder, work)
        # The pipeline takes IPs as they are; who asks for C synthesis means this tool and this road.
        makers = {} if asks_hls else {stage: plan.ip_maker(tree, work, stage) for stage in tree.ips or ()}
        built = {stage: maker for stage, maker in makers.items() if maker is not None}
        for stage, maker in built.items():
            job.listener.info(f"synth: the IP of {stage} is done already, by {maker}")
        chosen = [(block, step) for block, step in chosen if block not in built]
        if not hls and any(step in HLS_STEPS for _, step in chosen):
            hls = tools.find_hls(tree.backend, road)
        for warning in tools.warnings(hls, vivado, sorted(set(built.values()))):
            job.listener.warn(warning)
        planned = [plan.step_of(tree, work, *pair, road, hls, vivado, saif) for pair in chosen]
        asked = {f"{block}.{step}" for block, step in chosen if step in chosen_steps}
        forced = asked if "synth" in job.force else set[str]()
        needs = tree.needs()
        done = {step.name for step in planned if step.is_done() and step.name not in forced}
        todo = _todo([step.name for step in planned], done, needs, partial(_written, work))
        for step in planned:
            if step.name not in todo:
                job.listener.info(f"synth: {step.block} {step.step} is done already")
        total, count = len(todo), 0

        def ended(outcome: Outcome) -> None:
            nonlocal count
            count += 1
            job.listener.info(f"synth: {outcome.step} {outcome.state}, {outcome.seconds:.0f} s")
            job.listener.progress("synth", count, total)

        at_once = jobs or 1
        if todo:
            with clusters.executor(cluster, at_once) as executor:
                schedule.run_steps(
                    [step for step in planned if step.name in todo], needs, executor, at_once, work / plan.STOP,
                    say=job.listener.info, ended=ended,
                )  # fmt: skip
        document = import_runs(work, tree.firmware, tree.part, tree.keys(), needs)
        return _stored(job.out, document, tree.firmware)


def _written(work: Path, name: str) -> int:
    """When the status of a step was written, in nanoseconds."""
    from hwgen.vendor.plan import folder_of
    from hwgen.vendor.status import written

    return written(folder_of(work, name.rpartition(".")[2]), name)


def _todo(
    names: Sequence[str],
    done: Collection[str],
    needs: Mapping[str, Sequence[str]],
    written: Callable[[str], int],
) -> set[str]:
    """Names of the steps to run: those not done, and those that need one of them or one that was done after them.

    Args:
        names: of all, each behind those it needs.
        done: those whose own files and tool are still the same.
        needs: of each step.
        written: when a step was done.
    """
    todo: set[str] = set()
    for name in names:
        if name not in done or any(need in todo or written(need) > written(name) for need in needs[name]):
            todo.add(name)
    return todo


def import_reports(folder: Path, out: Path | None) -> tuple[dict[str, Any], Path]:
    """Figures of what a designer ran by hand.

    Args:
        folder: where the scripts of firmware/scripts ran, or up to three levels above.
        out: output folder of the recipe; default: the nearest one above `folder` with a firmware/ in it.
    Returns:
        The content of `synthesis/vendor.json`, and its path.
    Raises:
        UsageError: no such folder, no firmware, nothing that is done.
        ReportError: a run is of other firmware, or its report cannot be read.
    """
    from hwgen.vendor.plan import Tree

    if not folder.is_dir():
        raise UsageError(str(folder), "is no folder", "name the one in which the scripts ran")
    above = folder.resolve()
    outs = [out] if out is not None else [above, *above.parents]
    found = next((path for path in outs if (path / "firmware" / MANIFEST).is_file()), None)
    if found is None:
        raise UsageError(
            str(out or folder),
            "has no firmware/ in it" if out else "lies below no folder with a firmware/ in it",
            "name the output folder with --out",
        )
    home = OutFolder(Path(os.path.relpath(found)) if out is None else found)
    with home.locked():
        tree = Tree.of(home.firmware)
        document = import_runs(folder, tree.firmware, tree.part, tree.keys(), tree.needs())
        return _stored(home, document, tree.firmware), home.path / FOLDER / FILE
