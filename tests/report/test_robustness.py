"""Figures under corruption: against a count by hand, and that each severity really is another set of images."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwgen.calibration import exit_macs
from hwgen.data.corruptions import CORRUPTIONS, corrupt
from hwgen.report.evaluate import evaluate
from hwgen.report.robustness import evenly, figures
from tests import networks
from tests.report.cases import build, made


@given(st.integers(1, 500), st.integers(1, 600))
def test_samples_are_taken_at_equal_distances(samples: int, wanted: int) -> None:
    rows = evenly(samples, wanted)
    assert len(rows) == min(samples, wanted)
    assert rows[0] == 0
    assert rows[-1] < samples
    assert set(np.diff(rows)) <= {samples // len(rows), samples // len(rows) + 1}


def test_every_figure_is_a_count() -> None:
    case = made("images, corrupted")
    found = case.report["corruptions"]
    assert (found["samples"], found["test"]) == (40, 300)
    assert [(row["corruption"], row["severity"]) for row in found["rows"]] == [
        (name, severity) for name in CORRUPTIONS for severity in range(1, 6)
    ]
    rows = evenly(300, 40)
    evaluation = evaluate(case.network, case.calibration, case.data)
    low, high = case.data.train.raw.min(axis=(0, 1, 2)), case.data.train.raw.max(axis=(0, 1, 2))
    raw = case.data.test.raw[rows]
    noisy = corrupt(raw, case.data.format, low, high, "gaussian_noise", 5, case.loaded.recipe.seed)
    macs = exit_macs(case.network, case.calibration.gates)
    for images, entry in ((raw, found["clean"]), (noisy, found["rows"][4])):
        seen = evaluation.look(images)
        right = wrong_ignored = ignored = spent = accepted_right = static = 0
        for k, label in enumerate(case.data.test.labels[rows]):
            good = seen.decisions.class_[k] == label
            right += good
            static += seen.answers[-1][k] == label
            spent += macs[seen.decisions.exit[k]]
            if seen.decisions.abstain[k]:
                ignored += 1
                wrong_ignored += not good
            else:
                accepted_right += good
        assert entry["dynamic_accuracy"] == pytest.approx(right / 40)
        assert entry["static_accuracy"] == pytest.approx(static / 40)
        assert entry["ignored"] == pytest.approx(ignored / 40)
        assert entry["micro_f1"] == pytest.approx(accepted_right / (40 - ignored))
        assert entry["saved_ratio"] == (pytest.approx(wrong_ignored / ignored) if ignored else None)
        assert entry["mac_reduction"] == pytest.approx(1 - spent / 40 / case.network.static_macs)
    assert found["clean"] != found["rows"][4]


def test_clean_figures_of_all_samples_are_those_of_the_report() -> None:
    case = build(networks.images(), evaluation={"corruptions": ["contrast", "contrast"], "samples": 1000})
    found = case.report["corruptions"]
    assert found["samples"] == 300
    assert len(found["rows"]) == 5, "each corruption once"
    assert found["clean"]["dynamic_accuracy"] == case.report["accuracy"]["dynamic"]
    assert found["clean"]["mac_reduction"] == pytest.approx(case.report["macs"]["reduction"])
    assert found["clean"]["ece"] == pytest.approx(case.report["uncertainty"]["overall"]["ece"])


def test_shares_of_nobody_are_null() -> None:
    case = made("images, corrupted")
    evaluation = evaluate(case.network, case.calibration, case.data)
    nobody = evaluation.test.decisions.abstain
    some = figures(evaluation.test, case.data.test.labels, evaluation.exit_macs, 1)
    nobody[:] = True
    everybody = figures(evaluation.test, case.data.test.labels, evaluation.exit_macs, 1)
    assert everybody["micro_f1"] is None
    assert everybody["ignored"] == 1
    nobody[:] = False
    none = figures(evaluation.test, case.data.test.labels, evaluation.exit_macs, 1)
    assert none["saved_ratio"] is None
    assert none["micro_f1"] == none["dynamic_accuracy"] == some["dynamic_accuracy"]


def test_without_corruptions_there_is_null() -> None:
    assert made("three stages").report["corruptions"] is None
