"""From logits to policies: budgets hold, decisions are the gates', odd splits stay safe."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen import calibration
from hwgen.calibration import Calibration, TrainingValues, check_exits
from hwgen.criteria import Seen, names
from hwgen.errors import DataError, RecipeError
from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.recipe.schema import Exits
from hwgen.reference.executor import StageValues
from hwgen.reference.layers import Dense
from hwgen.reference.network import IntegerNetwork, Tensor
from tests.networks import Builder, assemble


def network(stages: int = 3, classes: int = 4) -> IntegerNetwork:
    make = Builder(0)
    return assemble(
        Tensor((5,), FixedPoint(8, 2)),
        [([make.dense(5, WIDTH), make.relu()], [make.dense(WIDTH, classes)]) for _ in range(stages)],
    )


def answers(net: IntegerNetwork, samples: int, seed: int = 0) -> tuple[list[IntArray], IntArray]:
    """Logits that tend to be right, later exits and larger margins more often."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, net.classes, samples)
    logits = []
    for k, stage in enumerate(net.stages):
        fmt = stage.logits.format
        values = rng.normal(0, 1, (samples, net.classes))
        values[np.arange(samples), labels] += 1 + 0.7 * k
        raw = np.rint(values * fmt.max_raw / 6).astype(np.int64)
        logits.append(np.clip(raw, fmt.min_raw, fmt.max_raw))
    return logits, labels


WIDTH = 5


def embeddings(samples: int) -> IntArray:
    """What the heads read; it has nothing to do with the logits made up here."""
    return np.random.default_rng(samples).integers(0, 4, (samples, WIDTH))


def calibrate(net: IntegerNetwork, logits: list[IntArray], labels: IntArray, section: Exits) -> Calibration:
    """Without features: no criterion looks at them."""
    values = [StageValues(raw, raw, embeddings(len(raw))) for raw in logits]
    return calibration.calibrate(
        net, values, labels, section, training=TrainingValues(values, len(labels)) if len(labels) else None
    )


def seen(logits: list[IntArray]) -> list[Seen]:
    return [Seen(raw, embeddings(len(raw))) for raw in logits]


def exits(**keys: Any) -> Exits:
    return Exits.model_validate({"min_support": 5, **keys})


def check_policies(
    fitted: Calibration, net: IntegerNetwork, logits: list[IntArray], labels: IntArray
) -> None:
    """Every number of every policy, from the decisions of the gates."""
    static = (logits[-1].argmax(axis=1) == labels).sum()
    macs = np.array(calibration.exit_macs(net, fitted.gates))
    for index, policy in enumerate(fitted.policies):
        decided = fitted.decide(seen(logits), index)
        right = (decided.class_ == labels).sum()
        counts = np.bincount(decided.exit, minlength=len(logits))
        assert 100 * (static - right) <= policy.points * len(labels) * (1 + 1e-12)
        assert policy.calibration.drop_points == 100 * (static - right) / len(labels)
        assert policy.calibration.drop_points <= policy.points
        assert policy.calibration.accuracy == right / len(labels)
        assert policy.calibration.share == (counts / len(labels)).tolist()
        assert policy.calibration.mac_reduction == pytest.approx(
            1 - macs[decided.exit].mean() / net.static_macs
        )
        for threshold, count, gate in zip(policy.thresholds, counts, fitted.gates, strict=False):
            assert threshold.support == count
            if threshold.enabled:
                assert count >= 5
                assert gate is not None
                assert threshold.real is not None
                assert gate.to_raw(threshold.real) == threshold.raw
            else:
                assert count == 0
                assert threshold.raw is None
    reductions = [policy.calibration.mac_reduction for policy in fitted.policies]
    assert reductions == sorted(reductions)


@settings(max_examples=40, deadline=None)
@given(
    stages=st.integers(1, 4), samples=st.integers(1, 60), seed=st.integers(0, 1000),
    criterion=st.sampled_from(names()), method=st.sampled_from(["joint", "epsilon"]),
)  # fmt: skip
def test_policies_do_what_they_say(stages: int, samples: int, seed: int, criterion: str, method: str) -> None:
    net = network(stages)
    logits, labels = answers(net, samples, seed)
    fitted = calibrate(net, logits, labels, exits(criterion=criterion, search=method, abstain={"rate": 0.1}))
    check_policies(fitted, net, logits, labels)


def test_early_exits_pay_on_a_usual_split() -> None:
    net = network()
    logits, labels = answers(net, 400)
    fitted = calibrate(net, logits, labels, exits(criterion=["score", "logit_margin"], budget=2))
    assert [gate.criterion if gate else None for gate in fitted.gates] == ["score", "logit_margin", None]
    assert [policy.points for policy in fitted.policies] == [0, 0.5, 1, 2, 5]
    assert fitted.policies[fitted.active].points == 2
    check_policies(fitted, net, logits, labels)
    assert fitted.policies[-1].calibration.share[0] > 0.1


def test_the_active_budget_is_added_to_the_policies() -> None:
    net = network(2)
    fitted = calibrate(net, *answers(net, 50), exits(budget=1.5, policies=[5, 0, 0]))
    assert [policy.points for policy in fitted.policies] == [0, 1.5, 5]
    assert fitted.active == 1


def test_json_and_back() -> None:
    net = network()
    logits, labels = answers(net, 200)
    fitted = calibrate(net, logits, labels, exits(abstain={"rate": 0.1, "criterion": "margin"}))
    document = json.loads(json.dumps(fitted.to_dict(), allow_nan=False))
    again = Calibration.from_dict({**document, "inputs_sha256": "0"})
    assert again.to_dict() == fitted.to_dict()
    before, after = fitted.decide(seen(logits)), again.decide(seen(logits))
    assert np.array_equal(before.exit, after.exit)
    assert np.array_equal(before.abstain, after.abstain)


def test_a_disabled_exit_never_leaves_and_the_class_is_that_of_the_exit_taken() -> None:
    net = network(2)
    logits = [np.array([[9, 0, 0, 0]] * 6), np.array([[0, 9, 0, 0]] * 6)]
    fitted = calibrate(net, logits, np.ones(6, dtype=np.int64), exits(budget=0))
    assert not fitted.policies[0].thresholds[0].enabled
    assert fitted.decide(seen(logits), 0).exit.tolist() == [1] * 6
    assert fitted.decide(seen(logits), 0).class_.tolist() == [1] * 6
    fitted = calibrate(net, logits, np.zeros(6, dtype=np.int64), exits(budget=0))
    assert fitted.decide(seen(logits), 0).exit.tolist() == [0] * 6
    assert fitted.decide(seen(logits), 0).class_.tolist() == [0] * 6


class TestAbstention:
    @pytest.mark.parametrize("rate", [0.01, 0.05, 0.3])
    def test_at_most_the_rate_of_all_samples_abstains(self, rate: float) -> None:
        net = network()
        logits, labels = answers(net, 300)
        fitted = calibrate(net, logits, labels, exits(abstain={"rate": rate}))
        for index, policy in enumerate(fitted.policies):
            decided = fitted.decide(seen(logits), index)
            assert policy.abstain is not None
            assert policy.abstain.share == decided.abstain.mean() <= rate
            assert not decided.abstain[decided.exit < 2].any()
            gate = fitted.gates[-1]
            assert gate is not None
            confidence = -gate.critical_raw(Seen(logits[-1]))  # score: a smaller raw is more confident
            answered = confidence[(decided.exit == 2) & ~decided.abstain]
            if len(answered):
                assert confidence[decided.abstain].max(initial=-(2**60)) < answered.min()
                assert policy.abstain.raw == -answered.min()
                # The next group of equal confidences would be too many.
                assert decided.abstain.sum() + (answered == answered.min()).sum() > int(rate * 300)

    def test_equal_confidences_stay_together(self) -> None:
        net = network(1)
        logits = [np.array([[5, 0, 0, 0]] * 6 + [[9, 0, 0, 0]] * 4)]
        fitted = calibrate(net, logits, np.zeros(10, dtype=np.int64), exits(abstain={"rate": 0.5}))
        assert fitted.decide(seen(logits)).abstain.sum() == 0
        fitted = calibrate(net, logits, np.zeros(10, dtype=np.int64), exits(abstain={"rate": 0.6}))
        assert fitted.decide(seen(logits)).abstain.tolist() == [True] * 6 + [False] * 4

    def test_without_samples_at_the_last_exit_it_always_answers(self) -> None:
        net = network(2)
        logits = [np.array([[9, 0, 0, 0]] * 6)] * 2
        fitted = calibrate(net, logits, np.zeros(6, dtype=np.int64), exits(abstain={"rate": 0.5}))
        setting = fitted.policies[0].abstain
        assert setting is not None
        assert (setting.enabled, setting.raw, setting.share) == (False, None, 0)


class TestOddSplits:
    @pytest.mark.parametrize("name", names())
    def test_equal_logits_never_leave_early(self, name: str) -> None:
        net = network()
        for stage in net.stages:  # all classes alike, masked or not
            head = stage.head[0]
            assert isinstance(head, Dense)
            head.kernel[:] = head.kernel[:, :1]
            head.bias[:] = head.bias[0]
        logits = [np.full((50, 4), 3)] * 3
        fitted = calibrate(
            net, logits, np.zeros(50, dtype=np.int64), exits(criterion=name, abstain={"rate": 0.1})
        )
        for index, policy in enumerate(fitted.policies):
            assert policy.calibration.share == [0, 0, 1]
            assert (fitted.decide(seen(logits), index).exit == 2).all()
            assert policy.calibration.mac_reduction < 0, "all heads run"

    def test_fewer_samples_than_the_support(self) -> None:
        net = network()
        fitted = calibrate(net, *answers(net, 4), exits(policies=[0, 100]))
        assert all(policy.calibration.share == [0, 0, 1] for policy in fitted.policies)

    def test_a_missing_class(self) -> None:
        net = network()
        logits, labels = answers(net, 100)
        check_policies(calibrate(net, logits, labels % 3, exits()), net, logits, labels % 3)

    def test_a_single_stage(self) -> None:
        net = network(1)
        logits, labels = answers(net, 30)
        fitted = calibrate(net, logits, labels, exits())
        assert fitted.gates == [None]
        assert all(policy.thresholds == [] for policy in fitted.policies)
        assert all(policy.calibration.mac_reduction == 0 for policy in fitted.policies)

    def test_an_empty_split_is_an_error(self) -> None:
        net = network(1)
        with pytest.raises(DataError, match=r"^calibration split: holds no samples; raise data.calibration$"):
            calibrate(net, [np.zeros((0, 4), dtype=np.int64)], np.zeros(0, dtype=np.int64), exits())


class TestRefusals:
    def test_criteria(self) -> None:
        with pytest.raises(
            RecipeError, match=r"exits.criterion: unknown criterion 'marjin'; did you mean 'margin'\?"
        ):
            check_exits(exits(criterion=["score", "marjin"]), 2)
        with pytest.raises(RecipeError, match=r"exits.criterion: unknown criterion 'x'"):
            check_exits(exits(criterion="x"), 0)
        with pytest.raises(
            RecipeError, match=r"exits.abstain.criterion: unknown criterion 'scor'; did you mean"
        ):
            check_exits(exits(abstain={"rate": 0.1, "criterion": "scor"}), 2)

    def test_number_of_criteria(self) -> None:
        with pytest.raises(
            RecipeError, match=r"lists 2 entries, but there are 3 early exits; write one per early"
        ):
            check_exits(exits(criterion=["score", "score"]), 3)


def test_curve_on_the_calibration_split_is_what_the_policies_say() -> None:
    net = network()
    logits, labels = answers(net, 300)
    recipe = exits()
    joint, epsilon = calibration.threshold_curve(
        net,
        calibrate(net, logits, labels, recipe).gates,
        recipe,
        seen(logits),
        labels,
        seen(logits),
        labels,
        budgets=[0, 1, 5],
    )
    fitted = calibrate(net, logits, labels, exits(policies=[0, 1, 5]))
    assert joint.parameter.tolist() == [0, 1, 5]
    assert joint.accuracy.tolist() == pytest.approx([p.calibration.accuracy for p in fitted.policies])
    assert joint.mac_reduction.tolist() == pytest.approx(
        [p.calibration.mac_reduction for p in fitted.policies]
    )
    assert epsilon.search == "epsilon"
    assert (np.diff(epsilon.parameter) > 0).all()
    assert len(epsilon.accuracy) == len(epsilon.mac_reduction) == len(epsilon.parameter) <= 64


def test_curve_of_a_single_stage() -> None:
    net = network(1)
    logits, labels = answers(net, 30)
    joint, epsilon = calibration.threshold_curve(
        net,
        calibrate(net, logits, labels, exits()).gates,
        exits(),
        seen(logits),
        labels,
        seen(logits),
        labels,
    )
    assert (joint.mac_reduction == 0).all()
    assert len(epsilon.accuracy) == 0
