"""What lands in the output folder, and the lines at the end of a run."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from hwgen.errors import UsageError
from hwgen.report import summary, write_report
from hwgen.report.tool_results import ToolResults, read_tool_results
from tests.report.cases import KEYS, Case


def write(case: Case, out: Path) -> list[str]:
    (out / "simulation").mkdir(parents=True)
    (out / "simulation" / "results.json").write_text(json.dumps(case.simulation))
    return write_report(case.loaded, case.data, case.network, case.calibration, out, read_tool_results(out))


def test_three_files_and_no_failed_check(plain: Case, tmp_path: Path) -> None:
    assert write(plain, tmp_path) == []
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["junit.xml", "report.html", "report.json", "simulation"]
    assert json.loads((tmp_path / "report.json").read_text())["verdict"]["passed"]


def test_failed_checks_are_returned_as_lines(plain: Case, tmp_path: Path) -> None:
    (line,) = write(plain.changed(max_dsp=3), tmp_path)
    assert line.startswith("checks.max_dsp: ")
    assert "\n" not in line


def test_without_simulation_there_is_no_report(plain: Case, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"results.json.*run `hwgen simulate`"):
        write_report(plain.loaded, plain.data, plain.network, plain.calibration, tmp_path, ToolResults())
    assert list(tmp_path.iterdir()) == []


def shown(case: Case) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(summary(case.report, "build/made_up/report.html"))
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_summary_holds_the_headline_figures(case: Case) -> None:
    text = shown(case)
    for word in (
        "accuracy",
        "static",
        "drop",
        "MACs saved",
        "mismatches",
        "cycles mean",
        "(estimate)",
        "report.html",
    ):
        assert word in text
    assert ("abstains" in text) == (case.report["abstention"] is not None)


def test_summary_names_mismatches_and_failed_checks(plain: Case) -> None:
    text = shown(plain.changed({"mismatches": dict.fromkeys(KEYS, 0) | {"exit": 3}}, max_lut=1))
    assert "3 on" in text
    assert "checks.max_lut" in text
