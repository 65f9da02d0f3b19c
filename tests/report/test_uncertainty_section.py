"""`uncertainty`, `ood` and `ideal` of report.json against the samples they are made of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hwgen.data import DataSet, Split
from hwgen.report.build import build_report
from hwgen.report.evaluate import Evaluation, evaluate
from hwgen.report.statistics import auroc
from hwgen.report.uncertainty import brier, negative_log_likelihood
from hwgen.report.write import report_files
from tests import networks
from tests.report.cases import VERSIONS, Case, build, made


def evaluated(case: Case) -> Evaluation:
    return evaluate(case.network, case.calibration, case.data, case.loaded.recipe.exits.temperature)


def test_exits_are_measured_on_all_samples_and_the_network_where_they_leave(case: Case) -> None:
    found, evaluation = case.report["uncertainty"], evaluated(case)
    labels, exits = case.data.test.labels, case.calibration.decide(evaluation.seen).exit
    rows = []
    for index, reader in enumerate(evaluation.readers):
        rows.append(reader.probabilities(evaluation.seen[index]))
        entry = found["exits"][index]
        assert entry["accuracy"] == case.report["accuracy"]["exits"][index]
        assert entry["nll"] == pytest.approx(negative_log_likelihood(rows[-1], labels))
        assert entry["auroc"] == case.report["exits"][index]["confidence"]["auroc"]
        assert entry["ece"] == case.report["exits"][index]["confidence"]["calibration_error"]
    chosen = np.array([rows[k][n] for n, k in enumerate(exits)])
    assert found["overall"]["brier"] == pytest.approx(brier(chosen, labels))
    assert found["overall"]["accuracy"] == case.report["accuracy"]["dynamic"]


def test_curves_end_at_the_share_of_wrong_answers(case: Case) -> None:
    found = case.report["uncertainty"]
    for entry in (*found["exits"], found["overall"]):
        curve = entry["risk_coverage"]
        assert curve["coverage"][-1] == 1
        assert curve["risk"][-1] == pytest.approx(1 - entry["accuracy"])
        assert sum(row["samples"] for row in entry["reliability"]) == case.report["data"]["test"]


def test_temperature_one_is_untempered(plain: Case) -> None:
    for entry in plain.report["uncertainty"]["exits"]:
        assert entry["temperature"] == 1
        assert entry["untempered"] == {name: entry[name] for name in entry["untempered"]}


def test_a_fitted_temperature_reaches_the_last_exit_too() -> None:
    found = build(networks.tabular(), exits={"temperature": "fit"}).report["uncertainty"]["exits"]
    assert all(entry["temperature"] != 1 for entry in found)
    assert all(entry["nll"] <= entry["untempered"]["nll"] + 0.05 for entry in found)


def test_one_scale_for_all_exits_or_the_probability_of_the_answer() -> None:
    alike = build(networks.tabular(), exits={"criterion": "logit_margin"})
    assert [entry["criterion"] for entry in alike.report["uncertainty"]["exits"]] == ["logit_margin"] * 3
    assert alike.report["uncertainty"]["overall"]["criterion"] == "logit_margin"
    mixed = build(networks.tabular(), exits={"criterion": ["logit_margin", "margin"]})
    assert mixed.report["uncertainty"]["overall"]["criterion"] == "score"
    evaluation = evaluated(mixed)
    assert evaluation.test.common is None
    assert evaluation.test.ranking.max() <= 1


def test_out_of_distribution_figures_are_those_of_the_samples() -> None:
    case = made("images, abstention")
    found, evaluation = case.report["ood"], evaluated(case)
    assert evaluation.ood is not None
    assert found["samples"] == len(evaluation.ood) == 50
    decided = case.calibration.decide(evaluation.ood.seen)
    assert found["share"] == [float((decided.exit == k).mean()) for k in range(2)]
    assert found["abstained"] == float(decided.abstain.mean())
    assert found["test_share"] == [entry["share"] for entry in case.report["exits"]]
    assert found["test_abstained"] == case.report["abstention"]["rate"]
    inside, outside = evaluation.test, evaluation.ood
    for index, entry in enumerate(found["exits"]):
        scores = np.concatenate([seen.probabilities[index].max(axis=1) for seen in (inside, outside)])
        assert entry["score"]["auroc"] == auroc(scores, np.arange(len(scores)) < len(inside))
    assert [entry["criterion"] for entry in found["exits"]] == ["margin", "score"]
    assert found["overall"]["criterion"] is None


def test_without_such_samples_there_is_null(plain: Case) -> None:
    assert plain.report["ood"] is None


def test_ideal_is_no_worse_than_the_gates_and_no_better_than_the_oracle(case: Case) -> None:
    report = case.report
    assert report["ideal"]["accuracy"] == report["accuracy"]["dynamic"]
    assert report["ideal"]["macs_mean"] <= report["macs"]["dynamic_mean"] + 1e-9
    assert report["ideal"]["macs_distance"] == pytest.approx(
        report["macs"]["dynamic_mean"] - report["ideal"]["macs_mean"]
    )
    assert report["ideal"]["macs_mean"] >= report["macs"]["per_exit"][0] - 1e-9


def changed(case: Case, **parts: Any) -> Case:
    data: DataSet = replace(case.data, **parts)
    return Case(case.loaded, data, case.network, case.calibration, case.simulation)


def no_numbers_are_lost(case: Case) -> dict[str, Any]:
    """The whole report is written; returns report.json."""
    report, files = report_files(
        case.loaded, case.data, case.network, case.calibration, case.simulation, VERSIONS
    )
    assert set(files) == {"report.json", "report.html", "junit.xml"}
    assert build_report(case.loaded, case.data, evaluated(case), case.simulation, VERSIONS) == report
    return report


@pytest.mark.parametrize("right", [True, False])
def test_all_right_or_all_wrong(right: bool) -> None:
    case = build(networks.tabular(stages=2, classes=2), ood=True, noise=0.0)
    labels = evaluated(case).answers[-1]
    case = changed(case, test=Split(case.data.test.raw, labels if right else 1 - labels))
    last = no_numbers_are_lost(case)["uncertainty"]["exits"][-1]
    assert last["auroc"] is None
    assert last["aurc"] == last["aurc_ideal"] == (0 if right else 1)


def test_all_logits_equal_and_one_foreign_sample() -> None:
    """Weights of zero: every sample looks alike."""
    case = build(networks.tabular(), ood=True)
    stages = []
    for stage in case.network.stages:
        head = [
            replace(layer, kernel=layer.kernel * 0, bias=layer.bias * 0)
            if hasattr(layer, "kernel")
            else layer
            for layer in stage.head
        ]
        stages.append(replace(stage, head=head))
    network = replace(case.network, stages=stages)
    silent = Case(
        case.loaded, replace(case.data, ood=case.data.ood[:1]), network, case.calibration, case.simulation
    )  # type: ignore[index]
    report = no_numbers_are_lost(silent)
    for entry in (*report["ood"]["exits"], report["ood"]["overall"]):
        assert entry["score"] == {"auroc": 0.5, "fpr95": 1.0}
    assert report["uncertainty"]["exits"][0]["auroc"] == 0.5


def test_all_samples_at_one_exit() -> None:
    found = no_numbers_are_lost(made("stubborn"))["uncertainty"]
    last, overall = found["exits"][-1], found["overall"]
    assert {name: overall[name] for name in ("ece", "nll", "brier", "aurc")} == {
        name: last[name] for name in ("ece", "nll", "brier", "aurc")
    }


def test_one_test_sample() -> None:
    case = build(networks.tabular(), ood=True)
    report = no_numbers_are_lost(changed(case, test=Split(case.data.test.raw[:1], case.data.test.labels[:1])))
    assert report["uncertainty"]["overall"]["auroc"] is None
