"""Writes report.json, report.html and junit.xml."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hwgen.calibration import Calibration, threshold_curve
from hwgen.data import DataSet
from hwgen.errors import UsageError
from hwgen.files import write_atomic
from hwgen.recipe import LoadedRecipe
from hwgen.reference.network import IntegerNetwork
from hwgen.report.build import NOTHING, build_report
from hwgen.report.evaluate import evaluate
from hwgen.report.junit import cases, junit_xml
from hwgen.report.tool_results import ToolResults
from hwgen.report.versions import versions

JSON_NAME = "report.json"
HTML_NAME = "report.html"
JUNIT_NAME = "junit.xml"
RTL_NAME = "rtl.json"
FRONT_BUDGETS = (0.0, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0)
"""Budgets of the drawn front, in percentage points; each costs a search on the calibration split."""


def read_simulation(path: Path) -> dict[str, Any]:
    """The content of simulation/results.json.

    Raises:
        UsageError: the file is missing or unreadable.
    """
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise UsageError(str(path), f"cannot be read ({error})", "run `hwgen simulate`") from error
    return content


def read_rtl(folder: Path, simulation: Mapping[str, Any]) -> dict[str, Any] | None:
    """The content of simulation/rtl.json, if there is one of the very tree that the C simulation ran.

    Args:
        folder: the simulation folder.
        simulation: the content of results.json.
    """
    try:
        content: dict[str, Any] = json.loads((folder / RTL_NAME).read_text())
    except (OSError, ValueError):
        return None
    key = content.get("inputs_sha256")
    return content if key and key == simulation.get("inputs_sha256") else None


def report_files(
    loaded: LoadedRecipe,
    data: DataSet,
    network: IntegerNetwork,
    calibration: Calibration,
    simulation: Mapping[str, Any],
    made_with: Mapping[str, str],
    rtl: Mapping[str, Any] | None = None,
    tools: ToolResults = NOTHING,
) -> tuple[dict[str, Any], dict[str, str]]:
    """The report and its three files, as text: a pure function of its arguments.

    Returns:
        (content of report.json, file name -> text).
    """
    from hwgen.report.html import render_html  # matplotlib and jinja2 take half a second to import

    evaluation = evaluate(network, calibration, data, loaded.recipe.exits.temperature)
    report = build_report(loaded, data, evaluation, simulation, made_with, rtl, tools)
    curves = threshold_curve(
        network, calibration.gates, loaded.recipe.exits, evaluation.calibration_seen,
        evaluation.calibration_labels, evaluation.seen, evaluation.labels, FRONT_BUDGETS,
    )  # fmt: skip
    return report, {
        JSON_NAME: json.dumps(report, indent=1, allow_nan=False) + "\n",
        HTML_NAME: render_html(report, evaluation, curves),
        JUNIT_NAME: junit_xml(f"hwgen.{loaded.recipe.name}", cases(report)),
    }


def write_report(
    loaded: LoadedRecipe,
    data: DataSet,
    network: IntegerNetwork,
    calibration: Calibration,
    out: Path,
    tools: ToolResults,
) -> list[str]:
    """Writes the report into the output folder, each file whole or not at all.

    Args:
        loaded: the recipe.
        data: the data set.
        network: the integer network.
        calibration: gates and policies.
        out: the output folder; results of the simulation are read from it.
        tools: what synthesis tools said.
    Returns:
        one message per failed check of the recipe.
    Raises:
        UsageError: the results of the simulation are missing, or the folder cannot be written.
    """
    simulation = read_simulation(out / "simulation" / "results.json")
    rtl = read_rtl(out / "simulation", simulation)
    report, files = report_files(loaded, data, network, calibration, simulation, versions(), rtl, tools)
    for name, text in sorted(files.items()):  # report.json comes last: who waits for it finds all three
        write_atomic(out / name, text)
    return [check["message"] for check in report["checks"] if not check["passed"]]
