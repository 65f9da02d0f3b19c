"""Results of the vendor's tools in the report: side by side with estimates, never in their place."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from hwgen.estimate import csynth_estimates, fitted
from hwgen.estimate.figures import NAMES, Figure, exactly
from hwgen.recipe.schema import Checks
from hwgen.report.build import build_report
from hwgen.report.checks import run_checks
from hwgen.report.evaluate import evaluate
from hwgen.report.figures.comparison import draw_comparison
from hwgen.report.tool_results import ToolResults, read_tool_results
from hwgen.report.vendor_section import comparison, design_total, vendor_section
from hwgen.report.write import report_files
from hwgen.vendor.results import read_vendor, tree_sha256
from tests.report.cases import made

ESTIMATES = {
    "stage1": {
        "latency": Figure(100, 90, 120), "interval": Figure(70, 70, 70), "lut": Figure(450, 400, 500), "dsp": Figure(3, 3, 3),
    },
    "gate1": {"latency": exactly(5)},
    "stage9": {"latency": exactly(5)},
}  # fmt: skip


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
    vivado = row("stage1", 1, "vivado_synth", "pipeline")
    rows = comparison(ESTIMATES, VENDOR | {"resources": [*VENDOR["resources"], vivado]})
    found = [tuple(entry[key] for key in ("block", "figure", "source", "result", "error")) for entry in rows]
    assert found == [
        ("stage1", "latency", "csynth", 80, 0.25),
        ("stage1", "interval", "csynth", 70, 0),
        ("stage1", "latency", "cosim", 82, 18 / 82),
        ("stage1", "interval", "cosim", 71, -1 / 71),
        ("stage1", "lut", "csynth", 900, -0.5),
        ("stage1", "dsp", "csynth", 0, None),  # nothing to divide by
        ("gate1", "latency", "csynth", None, None),
    ]  # Vivado's counts are other figures than those that are estimated
    assert (rows[0]["estimate"], rows[0]["low"], rows[0]["high"]) == (100, 90, 120)
    assert vendor_section(None, ESTIMATES) == (None, None)


def test_every_block_of_c_synthesis_is_estimated() -> None:
    case = made("three stages")
    found = csynth_estimates(case.loaded, case.network, case.calibration.gates, fitted())
    assert list(found) == ["stage1", "stage2", "stage3", "gate1", "gate2", "gate3", "kernel"]
    stage = found["stage1"]
    assert set(stage) == set(NAMES) and stage["lut"].low < stage["lut"].value < stage["lut"].high
    assert found["kernel"]["latency_min"].value < found["kernel"]["latency"].value
    firmware = case.loaded.recipe.firmware.model_copy(update={"part": "xc6slx45csg324-2"})
    loaded = replace(case.loaded, recipe=case.loaded.recipe.model_copy(update={"firmware": firmware}))
    foreign = csynth_estimates(loaded, case.network, case.calibration.gates, fitted())
    assert set(foreign["stage1"]) == {"latency"}  # no family, so no area


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
    assert read_vendor(tmp_path) is None and read_tool_results(tmp_path) == ToolResults()
    (tmp_path / "synthesis").mkdir()
    (tmp_path / "firmware").mkdir()
    stored, manifest = tmp_path / "synthesis" / "vendor.json", tmp_path / "firmware" / "manifest.json"
    source = tmp_path / "firmware" / "stage1.cpp"
    source.write_text("int a;")
    (tmp_path / "firmware" / "left_by_a_tool.log").write_text("")
    about = {"inputs_sha256": "ab" * 32, "files": {"stage1.cpp": "", "gone.cpp": ""}}
    manifest.write_text(json.dumps(about))
    document = VENDOR | {"tree_sha256": tree_sha256(tmp_path / "firmware")}
    stored.write_text(json.dumps(document))
    (tmp_path / "firmware" / "left_by_a_tool.log").write_text("more")
    assert read_vendor(tmp_path) == document

    def left_out() -> str:
        found = read_tool_results(tmp_path)
        assert found.vendor is None
        [warning] = found.warnings
        return warning.removeprefix("vendor: synthesis/vendor.json ").partition(
            " and is left out; run hwgen synth"
        )[0]

    source.write_text("int b;")
    assert left_out() == "was made before firmware/ was edited"
    manifest.write_text(json.dumps(about | {"inputs_sha256": "cd" * 32}))
    assert left_out() == f"belongs to firmware {'ab' * 8}, but firmware/ is of {'cd' * 8}"
    manifest.unlink()
    assert left_out() == "belongs to firmware that is not there"
    for damaged in ("{", "[]", json.dumps({key: value for key, value in document.items() if key != "cosim"})):
        stored.write_text(damaged)
        assert left_out() == "is damaged"


def test_nothing_is_compared_with_estimates_of_another_recipe() -> None:
    case = made("three stages")
    given = (case.loaded, case.data, case.network, case.calibration, case.simulation)
    report, files = report_files(*given, {"hwgen": "0"}, tools=ToolResults(vendor=VENDOR, current=False))
    assert report["vendor"]["comparison"] == [] and report["resources"] == VENDOR["resources"]
    assert "Estimates over results" not in files["report.html"]


def test_the_page_shows_both() -> None:
    case = made("three stages")
    given = (case.loaded, case.data, case.network, case.calibration, case.simulation)
    report, files = report_files(*given, {"hwgen": "0"}, tools=ToolResults(vendor=VENDOR))
    page = files["report.html"]
    assert "Estimate and result" in page and "kernel csynth: failed, no &lt;licence&gt;" in page
    assert "Estimates over results of C synthesis." in page and "intervals hold the result" in page
    assert page.count(">sum<") == 0  # designs of their own are not added up
    assert "stage1: co-simulation passed" in page and "no synthesis tool has run" not in page
    assert report["resources"] == VENDOR["resources"]
    assert report["latency"]["source"] == "estimate"  # a result is never put in the place of an estimate
    plain, files = report_files(*given, {"hwgen": "0"})
    assert plain["vendor"] is None and plain["resources"] is None
    assert "no synthesis tool has run" in files["report.html"]
    evaluation = evaluate(case.network, case.calibration, case.data, case.loaded.recipe.exits.temperature)
    again = build_report(
        case.loaded, case.data, evaluation, case.simulation, {"hwgen": "0"}, tools=ToolResults(vendor=VENDOR)
    )
    assert again["vendor"]["comparison"] == report["vendor"]["comparison"]
    assert {entry["source"] for entry in again["vendor"]["comparison"]} == {"csynth", "cosim"}


def test_vivado_s_rows_are_one_design() -> None:
    case = made("three stages")
    rows = [row("stage1_core", 30, "vivado_synth", "pipeline"), row("merge", 4, "vivado_synth", "pipeline")]
    rows[0]["ff"] = None  # a sum over an unknown count is unknown
    vendor = VENDOR | {"resources": [*VENDOR["resources"], *rows]}
    given = (case.loaded, case.data, case.network, case.calibration, case.simulation)
    _, files = report_files(*given, {"hwgen": "0"}, tools=ToolResults(vendor=vendor))
    assert (
        files["report.html"].count(">sum<") == 1
        and '<td class="n">34</td><td class="n">–</td>' in files["report.html"]
    )


def test_the_picture_counts_what_its_intervals_hold() -> None:
    rows = comparison(ESTIMATES, VENDOR)
    [picture] = draw_comparison(rows)
    # stage1: latency of 80 and 900 LUTs lie outside, the exact interval of 70 has no spread
    assert "0 of 2 intervals hold the result. " in picture.alt
    assert (
        "stage1 latency: 100 estimated, 80 reported; stage1 lut: 450 estimated, 900 reported" in picture.alt
    )
    assert draw_comparison([]) == []
