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
MISMATCHES = "mismatches.json"


def simulate_key(job: Job) -> str:
    """Hash of what the answers of the compiled firmware depend on, edits included."""
    return sha256_of(
        __version__,
        code_sha256("criteria", "calibration", "firmware", "reference", "simulation"),
        file_hashes(material("sim")),
        tree_sha256(job.out.firmware),
        job.network_sha256,
        job.calibration.to_dict(),
        job.test_sha256,
        job.loaded.recipe.simulation.model_dump(mode="json"),
    )


def simulate(job: Job) -> StepResult:
    """Runs the firmware, unless this very tree has been run; never generates it anew."""
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
