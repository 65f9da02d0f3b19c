"""report: report.json, report.html and junit.xml; the recipe's checks decide."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from hwgen import __version__
from hwgen.files import hash_file, sha256_of, write_atomic
from hwgen.material import code_sha256
from hwgen.steps.folder import OutFolder
from hwgen.steps.generate import is_current
from hwgen.steps.job import Job, StepResult, stored_key
from hwgen.steps.simulate import RESULTS, RTL_RESULTS

if TYPE_CHECKING:
    from hwgen.report.tool_results import ToolResults

FILES = ("report.json", "report.html", "junit.xml")


def report_key(job: Job, tools: ToolResults) -> str:
    """Hash of what the report says and how it says it."""
    return sha256_of(
        __version__,
        code_sha256(
            "calibration", "criteria", "data", "estimate", "latency", "reference", "report", "synth", "vendor"
        ),
        job.loaded.sha256,
        job.data.sha256,
        job.data.ood_sha256,
        job.data.clipped,
        job.data.warnings,
        job.network_sha256,
        job.calibration.to_dict(),
        hash_file(job.out.simulation / RESULTS),
        *(hash_file(path) for path in (job.out.simulation / RTL_RESULTS,) if path.is_file()),
        asdict(tools),
    )


def _hashes(out: OutFolder) -> dict[str, str]:
    return {name: hash_file(out.path / name) for name in FILES if (out.path / name).is_file()}


def _is_there(job: Job, key: str) -> bool:
    stamp = job.out.report_stamp
    if stored_key(stamp) != key:
        return False
    files = _hashes(job.out)
    return len(files) == len(FILES) and json.loads(stamp.read_text()).get("files") == files


def report(job: Job) -> StepResult:
    """Writes the report from what the other steps left; failed checks do not pass."""
    from hwgen.report.tool_results import read_tool_results

    tools = read_tool_results(job.out.path, lambda: is_current(job))
    key = report_key(job, tools)
    done = not _is_there(job, key) or "report" in job.force
    if done:
        from hwgen.report import write_report

        job.listener.info("report: writing")
        failed = write_report(job.loaded, job.data, job.network, job.calibration, job.out.path, tools)
        stamp = {"inputs_sha256": key, "files": _hashes(job.out), "failed_checks": failed}
        write_atomic(job.out.report_stamp, json.dumps(stamp) + "\n")
    failed = json.loads(job.out.report_stamp.read_text())["failed_checks"]
    return StepResult(
        "report",
        done=done,
        passed=not failed,
        details={"report": job.out.report.name, "failed_checks": failed},
        problem="checks of the recipe failed: " + "; ".join(failed) if failed else "",
    )
