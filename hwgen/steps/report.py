"""report: report.json, report.html and junit.xml; the recipe's checks decide."""

from __future__ import annotations

from hwgen.steps.job import Job, StepResult


def report(job: Job) -> StepResult:
    """Writes the report from what the other steps left; failed checks do not pass."""
    from hwgen.report import write_report

    failed = write_report(job.loaded, job.data, job.network, job.calibration, job.out.path)
    return StepResult(
        "report",
        done=True,
        passed=not failed,
        details={"report": job.out.report.name, "failed_checks": failed},
        problem="checks of the recipe failed: " + "; ".join(failed) if failed else "",
    )
