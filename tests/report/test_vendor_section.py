"""Results of the vendor's tools in the report: side by side with estimates, never in their place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hwgen.recipe.schema import Checks
from hwgen.report.build import build_report
from hwgen.report.checks import run_checks
from hwgen.report.evaluate import evaluate
from hwgen.report.vendor_section import comparison, design_total, read_vendor, vendor_section
from hwgen.report.write import report_files
from tests.report.cases import made

LATENCY = {"stages": [100, 40], "gates": [5, 0], "source": "estimate"}


def row(block: str, lut: int | None, source: str, of: str | None = None) -> dict[str, Any]:
    found = {"block": block, "lut": lut, "ff": 2, "dsp": 0, "bram_18k": 1, "source": source}
    return found if of is None else found | {"of": of}


VENDOR: dict[str, Any] = {
    "firmware_sha256": "ab" * 32,
    "runs": [{"block": "kernel", "step": "csynth", "state": "failed", "tool": "vitis_hls", "message": "no <licence>"}],
    "resources": [row("stage1", 900, "csynth", "stage1")],
    "latency": [
        {"block": "stage1", "min": 70, "max": 80, "interval": 70, "clock_ns": 7.3, "source": "csynth"},
        {"block": "stage1", "min": 78, "max": 82, "interval": 71, "clock_ns": None, "source": "cosim"},
        {"block": "gate1", "min": None, "max": None, "interval": None, "clock_ns": None, "source": "csynth"},
        {"block": "kernel", "min": 1, "max": 2, "interval": 3, "clock_ns": None, "source": "csynth"},
    ],
    "timing": [],
    "power": None,
    "cosim": [{"block": "stage1", "passed": True}],
}  # fmt: skip


def test_estimate_and_result_stand_side_by_side() -> None:
    rows = comparison([], LATENCY, VENDOR["latency"])
    assert [(entry["block"], entry["source"], entry["estimate"], entry["result"], entry["error"]) for entry in rows] == [
        ("stage1", "csynth", 100, 80, 0.25), ("stage1", "cosim", 100, 82, 18 / 82), ("gate1", "csynth", 5, None, None),
    ]  # fmt: skip
    resources = [row("stage1", 450, "estimate"), row("stage1", 900, "csynth"), row("gate1", 7, "csynth")]
    found = {entry["figure"]: entry for entry in comparison(resources, LATENCY, [])}
    assert (found["lut"]["estimate"], found["lut"]["result"], found["lut"]["error"]) == (450, 900, -0.5)
    assert found["dsp"]["error"] is None  # nothing to divide by
    assert {entry["block"] for entry in found.values()} == {"stage1"}
    assert vendor_section(None, LATENCY) == (None, None)


def test_a_limit_is_held_against_one_whole_design() -> None:
    pipeline = [
        row("stage1_core", 30, "vivado_synth", "pipeline"),
        row("merge", 4, "vivado_synth", "pipeline"),
    ]
    stages = [row("stage1", 500, "csynth", "stage1"), row("kernel", 90, "csynth", "kernel")]
    routed = [
        row("stage1_core", 25, "vivado_routed", "pipeline"),
        row("merge", None, "vivado_routed", "pipeline"),
    ]
    assert design_total(stages[:1], "lut") is None  # one stage is no design
    assert design_total(stages, "lut") == 90
    assert design_total([*stages, *pipeline], "lut") == 34
    assert design_total([*stages, *pipeline, *routed], "ff") == 4
    assert design_total([*stages, *pipeline, *routed], "lut") is None  # the best source does not know it
    report = {"resources": [*stages, *pipeline]}
    [passed] = run_checks(Checks(max_lut=34), report)
    [failed] = run_checks(Checks(max_lut=33), report)
    assert (passed["passed"], failed["passed"]) == (True, False)


def test_results_of_other_firmware_are_left_out(tmp_path: Path) -> None:
    assert read_vendor(tmp_path) is None
    (tmp_path / "synthesis").mkdir()
    (tmp_path / "firmware").mkdir()
    (tmp_path / "synthesis" / "vendor.json").write_text(json.dumps(VENDOR))
    manifest = tmp_path / "firmware" / "manifest.json"
    manifest.write_text(json.dumps({"inputs_sha256": "ab" * 32}))
    assert read_vendor(tmp_path) == VENDOR
    manifest.write_text(json.dumps({"inputs_sha256": "cd" * 32}))
    assert read_vendor(tmp_path) is None
    (tmp_path / "synthesis" / "vendor.json").write_text("{")
    assert read_vendor(tmp_path) is None


def test_the_page_shows_both() -> None:
    case = made("three stages")
    given = (case.loaded, case.data, case.network, case.calibration, case.simulation)
    report, files = report_files(*given, {"hwgen": "0"}, None, VENDOR)
    page = files["report.html"]
    assert "Estimate and result" in page and "kernel csynth: failed, no &lt;licence&gt;" in page
    assert "stage1: co-simulation passed" in page and "no synthesis tool has run" not in page
    assert report["resources"] == VENDOR["resources"]
    assert report["latency"]["source"] == "estimate"  # a result is never put in the place of an estimate
    plain, files = report_files(*given, {"hwgen": "0"})
    assert plain["vendor"] is None and plain["resources"] is None
    assert "no synthesis tool has run" in files["report.html"]
    evaluation = evaluate(case.network, case.calibration, case.data, case.loaded.recipe.exits.temperature)
    again = build_report(case.loaded, case.data, evaluation, case.simulation, {"hwgen": "0"}, None, VENDOR)
    assert again["vendor"]["comparison"] == report["vendor"]["comparison"]
    assert [entry["source"] for entry in again["vendor"]["comparison"]] == ["csynth", "cosim", "csynth"]
