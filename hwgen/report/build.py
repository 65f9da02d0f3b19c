"""Puts report.json together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hwgen.data import DataSet
from hwgen.estimate import csynth_estimates, fitted
from hwgen.latency import distribution, estimate_latency
from hwgen.latency.kernel import RULES
from hwgen.recipe import LoadedRecipe
from hwgen.report import sections
from hwgen.report.cautions import cautions
from hwgen.report.checks import run_checks
from hwgen.report.evaluate import Evaluation
from hwgen.report.ideal import ideal_section
from hwgen.report.outliers import ood_section
from hwgen.report.robustness import corruption_section
from hwgen.report.rtl_section import rtl_activity, rtl_section, rtl_verification
from hwgen.report.tool_results import ToolResults
from hwgen.report.uncertainty_section import uncertainty_section
from hwgen.report.vendor_section import Estimates, vendor_section

NOTHING = ToolResults()
MISMATCH_KEYS = ("features", "logits", "class", "exit", "abstain")


def _verification(simulation: Mapping[str, Any], rtl: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "csim": {
            "samples": simulation["samples"],
            "mismatches": {key: int(simulation["mismatches"].get(key, 0)) for key in MISMATCH_KEYS},
            "stage_runs": list(simulation["stage_runs"]),
            "seconds": simulation["seconds"],
            "compile_seconds": simulation.get("compile_seconds"),
            "types": simulation.get("types"),
            "compiler": simulation.get("compiler"),
            "by_block": list(simulation.get("by_block", [])),
            "qkeras": simulation.get("qkeras"),
            "edited_files": list(simulation.get("edited_files", [])),
        },
        "rtl": rtl_verification(rtl),
    }


def _latency(evaluation: Evaluation, loaded: LoadedRecipe) -> dict[str, Any]:
    recipe = loaded.recipe
    found = estimate_latency(evaluation.network, evaluation.calibration.gates, recipe.hls, recipe.firmware)
    spread = distribution(found.per_exit, evaluation.counts(evaluation.active))
    return {
        "unit": "cycles",
        "per_exit": found.per_exit,
        "mean": spread.mean,
        "p50": spread.p50,
        "p99": spread.p99,
        "worst": spread.worst,
        "source": "estimate",
        "calibrated": False,
        "block": "kernel",
        "clock_ns": recipe.firmware.clock_ns,
        "load": found.load,
        "stages": found.stages,
        "gates": found.gates,
        "notes": found.notes,
        "rules": list(RULES),
    }


def _estimates(loaded: LoadedRecipe, evaluation: Evaluation) -> Estimates:
    return csynth_estimates(loaded, evaluation.network, evaluation.calibration.gates, fitted())


def _ood_source(loaded: LoadedRecipe) -> str:
    data = loaded.recipe.data
    return data.ood or f"x_ood of {data.path}"


def _verdict(report: Mapping[str, Any]) -> dict[str, Any]:
    runs = [run for run in report["verification"].values() if run is not None]
    wrong = sum(sum(run["mismatches"].values()) for run in runs)
    failed = [check["name"] for check in report["checks"] if not check["passed"]]
    return {"passed": not wrong and not failed, "mismatches": wrong, "failed_checks": failed}


def _finite(value: Any) -> Any:
    """JSON knows no NaN and no infinity: they become null."""
    if isinstance(value, dict):
        return {str(key): _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def build_report(
    loaded: LoadedRecipe,
    data: DataSet,
    evaluation: Evaluation,
    simulation: Mapping[str, Any],
    versions: Mapping[str, str],
    rtl: Mapping[str, Any] | None = None,
    tools: ToolResults = NOTHING,
) -> dict[str, Any]:
    """The content of report.json.

    Args:
        loaded: the recipe.
        data: the data set.
        evaluation: the reference on its test split.
        simulation: content of simulation/results.json.
        versions: name -> version of what made the results.
        rtl: content of simulation/rtl.json, if the pipeline was simulated.
        tools: what synthesis tools said.
    Returns:
        JSON-ready: no NaN, no infinity, no NumPy types. Accuracies, shares, reductions and rates are
        fractions; keys that end in `points` are percentage points; mismatches are counts.
    """
    report: dict[str, Any] = {
        "recipe": {"name": loaded.recipe.name, "sha256": loaded.sha256, "seed": loaded.recipe.seed},
        "versions": dict(versions),
        "verdict": {},
        "warnings": [],
        "checks": [],
        "data": sections.data_section(data),
        "network": sections.network_section(evaluation.network),
        "accuracy": sections.accuracy_section(evaluation),
        "budget": sections.budget_section(evaluation),
        "exits": sections.exits_section(evaluation),
        "macs": sections.macs_section(evaluation),
        "abstention": sections.abstention_section(evaluation),
        "oracle": sections.oracle_section(evaluation),
        "ideal": ideal_section(
            evaluation.right, evaluation.exit_macs, evaluation.network.static_macs,
            float(evaluation.right_of(evaluation.active).mean()), evaluation.mean_macs(evaluation.active),
        ),
        "uncertainty": uncertainty_section(evaluation.test, evaluation.labels),
        "ood": ood_section(evaluation.test, evaluation.ood, _ood_source(loaded)),
        "corruptions": corruption_section(
            loaded.recipe.evaluation, data, loaded.recipe.seed, evaluation.look,
            evaluation.exit_macs, evaluation.network.static_macs,
        ),
        "verification": _verification(simulation, rtl),
        "latency": _latency(evaluation, loaded),
        "resources": None,
        "vendor": None,
        "activity": rtl_activity(rtl),
        "rtl": rtl_section(rtl),
        "overflow": sections.overflow_section(evaluation),
        "confusion": sections.confusion(evaluation),
        "firmware": loaded.recipe.firmware.model_dump(mode="json"),
    }  # fmt: skip
    comparable = tools.vendor is not None and tools.current
    report["vendor"], by_vendor = vendor_section(
        tools.vendor, _estimates(loaded, evaluation) if comparable else {}
    )
    report["resources"] = [*(tools.rows or ()), *(by_vendor or ())] or None
    report["checks"] = run_checks(loaded.recipe.checks, report)
    report["warnings"] = [*cautions(report, data), *tools.warnings]
    report["verdict"] = _verdict(report)
    finite: dict[str, Any] = _finite(report)
    return finite
