"""simulate: compiles the tree as it lies, runs it on the test set, compares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hwgen import __version__
from hwgen.files import file_hashes, sha256_of, write_atomic
from hwgen.material import code_sha256, material
from hwgen.steps.job import Job, StepResult, stored_key
from hwgen.steps.tree import tree_sha256

RESULTS = "results.json"
RTL_RESULTS = "rtl.json"
MISMATCHES = "mismatches.json"


def simulate_key(job: Job) -> str:
    """Hash of what the answers of the compiled firmware depend on, edits included."""
    return sha256_of(
        __version__,
        code_sha256("criteria", "calibration", "firmware", "reference", "rtl", "simulation"),
        file_hashes(material("sim")),
        tree_sha256(job.out.firmware),
        job.network_sha256,
        job.calibration.to_dict(),
        job.test_sha256,
        job.loaded.recipe.simulation.types,
    )


def simulate(job: Job) -> StepResult:
    """Runs the firmware, unless this very tree has been run; never generates it anew."""
    compiled = _compiled(job)
    if job.loaded.recipe.simulation.level != "rtl":
        return compiled
    pipeline = _pipeline(job)
    return StepResult(
        "simulate",
        compiled.done or pipeline.done,
        compiled.passed and pipeline.passed,
        {**compiled.details, "rtl": pipeline.details},
        "; ".join(result.problem for result in (compiled, pipeline) if result.problem),
    )


def _pipeline(job: Job) -> StepResult:
    """The pipeline in RTL, unless this very tree has been run."""
    from hwgen.simulation.rtl.simulate import MISMATCHES as RTL_MISMATCHES
    from hwgen.simulation.rtl.simulate import TRACE, simulate_rtl
    from hwgen.simulation.rtl.toggling import SAIF

    folder = job.out.simulation
    path = folder / RTL_RESULTS
    key = simulate_key(job)
    lacks_trace = job.loaded.recipe.simulation.trace == "fst" and not (folder / TRACE).is_file()
    done = stored_key(path) != key or lacks_trace or "simulate" in job.force
    if done:
        job.listener.info(f"simulate: the pipeline, {len(job.data.test)} samples")
        for old in (path, folder / RTL_MISMATCHES, folder / TRACE, folder / SAIF):
            old.unlink(missing_ok=True)
        results = simulate_rtl(
            job.loaded,
            job.network,
            job.calibration,
            job.data,
            job.out.firmware,
            folder,
            job.listener.progress,
        )
        write_atomic(path, json.dumps({**results, "inputs_sha256": key}, indent=1) + "\n")
    results = json.loads(path.read_text())
    problem = _problem(results, folder / RTL_MISMATCHES)
    if not problem and results["broken_rules"]:
        problem = f"simulation: the pipeline broke a rule ({results['broken_rules'][0]}); see {path}"
    return StepResult("simulate", done, passed=not problem, details=results, problem=problem)


def _compiled(job: Job) -> StepResult:
    """The compiled C++, unless this very tree has been run."""
    folder = job.out.simulation
    path = folder / RESULTS
    key = simulate_key(job)
    done = False
    if stored_key(path) != key or "simulate" in job.force:
        from hwgen.simulation import simulate as run

        job.listener.info(f"simulate: {len(job.data.test)} samples")
        path.unlink(missing_ok=True)
        (folder / MISMATCHES).unlink(missing_ok=True)
        results = run(
            job.loaded,
            job.network,
            job.calibration,
            job.data,
            job.out.firmware,
            folder,
            job.listener.progress,
        )
        write_atomic(path, json.dumps({**results, "inputs_sha256": key}, indent=1) + "\n")
        done = True
    results = json.loads(path.read_text())
    problem = _problem(results, folder / MISMATCHES)
    return StepResult("simulate", done, passed=not problem, details=results, problem=problem)


def _problem(results: dict[str, Any], listing: Path) -> str:
    counts: dict[str, int] = dict(results["mismatches"])
    for block in results.get("by_block", []):
        for what, number in block["mismatches"].items():
            counts[what] = max(counts.get(what, 0), number)
    found = ", ".join(f"{what} {number}" for what, number in counts.items() if number)
    if not found:
        return ""
    return f"simulation: the firmware differs from the reference ({found}); see {listing}"
