"""report.json: the binding keys, their types and ranges, and that the numbers fit each other."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from hwgen.calibration import exit_macs
from hwgen.criteria import Seen
from hwgen.reference.executor import classify, execute
from hwgen.report.build import _finite  # the one place that keeps NaN out
from hwgen.report.tool_results import ToolResults
from hwgen.report.write import report_files
from tests import networks
from tests.report.cases import KEYS, VERSIONS, Case, build, made

BINDING = {
    "recipe": {"name", "sha256"},
    "data": {"source", "train", "calibration", "test", "classes"},
    "network": {"stages"},
    "accuracy": {"exits", "static", "dynamic"},
    "budget": {"points", "method", "measured_drop_points", "policies"},
    "macs": {"static", "dynamic_mean", "reduction"},
    "verification": {"csim", "rtl"},
    "latency": {"unit", "per_exit", "mean", "p50", "p99", "worst", "source"},
}
SOURCES = {
    "estimate",
    "yosys",
    "rtl_simulation",
    "csynth",
    "vivado_synth",
    "vivado_routed",
    "cosim",
    "measured",
}


def fraction(value: Any) -> bool:
    return isinstance(value, float) and 0 <= value <= 1


def test_all_binding_keys_are_there(case: Case) -> None:
    report = case.report
    assert {*BINDING, "versions", "exits", "abstention", "resources", "activity"} <= report.keys()
    for section, keys in BINDING.items():
        assert keys <= report[section].keys(), section
    assert report["resources"] is None
    assert report["activity"] is None
    assert report["verification"]["rtl"] is None
    assert {"samples", "mismatches", "stage_runs", "seconds"} <= report["verification"]["csim"].keys()
    assert set(report["verification"]["csim"]["mismatches"]) == set(KEYS)
    assert report["latency"]["source"] in SOURCES
    assert report["latency"]["unit"] == "cycles"
    for stage in report["network"]["stages"]:
        assert {"name", "macs", "head_macs", "parameters"} <= stage.keys()
    for policy in report["budget"]["policies"]:
        assert {"points", "dynamic_accuracy", "mac_reduction", "share"} <= policy.keys()
    for entry in report["exits"]:
        assert {"stage", "criterion", "threshold", "share", "accuracy", "enabled"} <= entry.keys()


def test_values_have_their_types_and_ranges(case: Case) -> None:
    report, stages = case.report, len(case.network.stages)
    assert all(fraction(value) for value in [*report["accuracy"]["exits"], report["accuracy"]["static"]])
    assert (
        len(report["accuracy"]["exits"])
        == len(report["exits"])
        == len(report["latency"]["per_exit"])
        == stages
    )
    assert report["accuracy"]["static"] == report["accuracy"]["exits"][-1]
    for entry in report["exits"]:
        assert fraction(entry["share"])
        assert entry["accuracy"] is None if entry["share"] == 0 else fraction(entry["accuracy"])
        assert entry["threshold"].keys() == {"real", "raw"}
        kinds = (int, float) if entry["enabled"] else (type(None), type(None))
        assert isinstance(entry["threshold"]["raw"], kinds[0])
        assert isinstance(entry["threshold"]["real"], kinds[1])
    for policy in report["budget"]["policies"]:
        assert fraction(policy["dynamic_accuracy"])
        assert policy["mac_reduction"] <= 1
        assert sum(policy["share"]) == pytest.approx(1)
        assert len(policy["share"]) == stages
    for count in report["verification"]["csim"]["mismatches"].values():
        assert type(count) is int
    latency = report["latency"]
    assert latency["p50"] <= latency["p99"] <= latency["worst"] == latency["per_exit"][-1]


def test_json_is_strict_and_reads_back_the_same(case: Case) -> None:
    text = json.dumps(case.report, indent=1, allow_nan=False) + "\n"
    assert text == case.files["report.json"]
    assert json.loads(text, parse_constant=lambda name: pytest.fail(name)) == case.report


def test_not_a_number_becomes_null() -> None:
    assert _finite({"a": [math.nan, (math.inf, 1)], "b": -math.inf}) == {"a": [None, [None, 1]], "b": None}


def test_numbers_are_those_of_the_reference(case: Case) -> None:
    report, labels = case.report, case.data.test.labels
    logits = [values.logits for values in execute(case.network, case.data.test.raw)]
    decisions = case.calibration.decide([Seen(values) for values in logits])
    dynamic = float((decisions.class_ == labels).mean())
    static = float((classify(logits[-1]) == labels).mean())
    assert report["accuracy"]["dynamic"] == dynamic
    assert report["accuracy"]["static"] == static
    assert report["budget"]["measured_drop_points"] == pytest.approx(100 * (static - dynamic))
    macs = np.array(exit_macs(case.network, case.calibration.gates))[decisions.exit].mean()
    assert report["macs"]["static"] == case.network.static_macs
    assert report["macs"]["dynamic_mean"] == pytest.approx(macs)
    assert report["macs"]["reduction"] == pytest.approx(1 - macs / case.network.static_macs)
    total = sum(entry["share"] * (entry["accuracy"] or 0) for entry in report["exits"])
    assert total == pytest.approx(dynamic)
    active = report["budget"]["policies"][report["budget"]["active"]]
    assert active["points"] == report["budget"]["points"] == case.loaded.recipe.exits.budget
    assert active["dynamic_accuracy"] == dynamic
    assert sum(map(sum, report["confusion"]["dynamic"])) == len(labels)
    assert sum(row[k] for k, row in enumerate(report["confusion"]["dynamic"])) / len(labels) == pytest.approx(
        dynamic
    )


def test_abstention_is_null_unless_asked_for() -> None:
    assert made("three stages").report["abstention"] is None
    found = made("one stage, abstention").report["abstention"]
    assert {"rate", "selective_accuracy", "wrong_among_ignored"} <= found.keys()
    assert fraction(found["rate"])
    assert found["rate"] > 0
    assert fraction(found["wrong_among_ignored"])


def test_risk_control_reports_its_proof_beside_the_measured_risk() -> None:
    report = made("risk control").report
    assert report["budget"]["method"] == "risk_control"
    for policy in report["budget"]["policies"]:
        proof = policy["certificate"]
        assert (proof["shortfall"] is None) == (proof[proof["control"]]["passed"] > 0)
        assert proof["bound"] == (0 if proof["shortfall"] else policy["points"] / 100)
        assert policy["risk"] >= policy["measured_drop_points"] / 100
    assert report["abstention"]["reached"] is False
    assert made("three stages").report["budget"]["policies"][0]["certificate"] is None


def test_fitted_criteria_are_held_against_the_margin() -> None:
    report = made("fitted criteria").report
    for number, name in enumerate(("distribution", "learned")):
        found = report["exits"][number]["against_margin"]
        assert found["auroc"].keys() == {name, "margin", "score"}
        warned = any(line.startswith(f"exits: {name} of exit {number + 1} ") for line in report["warnings"])
        assert warned == (report["exits"][number]["enabled"] and not found["beats_margin"])
    assert report["exits"][2]["against_margin"] is None
    assert all(entry["against_margin"] is None for entry in made("three stages").report["exits"])


def test_oracle_is_never_worse(case: Case) -> None:
    assert case.report["oracle"]["accuracy"] >= max(case.report["accuracy"]["exits"])
    assert case.report["oracle"]["accuracy_distance_points"] >= 0


def test_overflow_audit_covers_every_layer_and_all_fit(case: Case) -> None:
    layers = [layer.name for stage in case.network.stages for layer in (*stage.backbone, *stage.head)]
    rows = case.report["overflow"]["calibration"]
    assert [row["layer"] for row in rows] == layers
    assert all(row["fits"] and row["min"] <= row["low"] <= row["high"] <= row["max"] for row in rows)
    assert (case.report["overflow"]["ood"] is not None) == (case.data.ood is not None)


def test_a_drop_above_the_budget_is_a_warning_and_no_failure() -> None:
    case = build(
        networks.tabular(), tests=60, noise=0.6, exits={"policies": [0, 90], "budget": 0, "min_support": 1}
    )
    budget = case.report["budget"]
    assert case.report["verdict"]["passed"]
    assert budget["within_budget"] == (budget["measured_drop_points"] <= 0)
    assert any("exceeds the budget" in line for line in case.report["warnings"]) != budget["within_budget"]


def test_edited_files_and_a_silent_qkeras_are_warned_of(plain: Case) -> None:
    changed = plain.changed(
        {"edited_files": ["kernel/kernel.cpp"], "qkeras": {"samples": 0, "reason": "no weights"}}
    )
    text = "\n".join(changed.report["warnings"])
    assert "kernel/kernel.cpp" in text
    assert "no weights" in text


def test_disabled_exits_are_warned_of() -> None:
    report = made("stubborn").report
    assert not any(entry["enabled"] for entry in report["exits"])
    assert any("no early exit is enabled" in line for line in report["warnings"])
    assert report["macs"]["reduction"] < 0


def test_resources_of_a_synthesis_are_shown_with_their_source(plain: Case) -> None:
    rows = [
        {"block": "gate1", "lut": 1414, "lutram": 0, "ff": 264, "dsp": 0, "bram_18k": 0, "source": "yosys"},
        {"block": "stage1_core", **dict.fromkeys(("lut", "lutram", "ff", "dsp", "bram_18k", "source"))},
    ]
    report, files = report_files(
        plain.loaded, plain.data, plain.network, plain.calibration, plain.simulation, VERSIONS, None,
        ToolResults(rows, warnings=["resources: a warning"]),
    )  # fmt: skip
    assert report["resources"] == rows and report["warnings"][-1] == "resources: a warning"
    page = files["report.html"]
    assert "each synthesised alone</caption>" in page and "1\u202f414" in page and "<td>yosys</td>" in page
    assert "none yet" not in page and "<td>None</td>" not in page
    assert 'scope="row">sum<' not in page, "a sum over unknown blocks"
