"""`exits.calibration: risk_control` from logits to policies."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from hwgen import calibration
from hwgen.calibration import Calibration
from hwgen.calibration.halves import split_halves
from hwgen.criteria import observe
from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.recipe.schema import Exits
from hwgen.reference.executor import StageValues
from hwgen.reference.network import IntegerNetwork, Tensor
from tests.networks import Builder, assemble


def network(stages: int = 3) -> IntegerNetwork:
    make = Builder(0)
    # Narrow heads and wide backbones, so that leaving early pays.
    return assemble(
        Tensor((9,), FixedPoint(8, 2)),
        [([make.dense(9, 9), make.relu()], [make.dense(9, 4)]) for _ in range(stages)],
    )


def answers(net: IntegerNetwork, samples: int) -> tuple[list[StageValues], IntArray]:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, samples)
    values = []
    for k, stage in enumerate(net.stages):
        fmt = stage.logits.format
        real = rng.normal(0, 1, (samples, 4))
        real[np.arange(samples), labels] += 3 + 0.5 * k
        raw = np.clip(np.rint(real * fmt.max_raw / 9).astype(np.int64), fmt.min_raw, fmt.max_raw)
        values.append(StageValues(raw, raw))
    return values, labels


def exits(**keys: Any) -> Exits:
    return Exits.model_validate({"min_support": 5, "calibration": "risk_control", **keys})


def fit(
    samples: int = 3000, seed: int = 0, stages: int = 3, **keys: Any
) -> tuple[Calibration, list[StageValues], IntArray]:
    net = network(stages)
    values, labels = answers(net, samples)
    return calibration.calibrate(net, values, labels, exits(**keys), seed), values, labels


@pytest.mark.parametrize("control", ["probability", "mean"])
@pytest.mark.parametrize("search", ["joint", "epsilon"])
def test_every_policy_is_what_its_gates_decide_and_carries_its_proof(control: str, search: str) -> None:
    fitted, values, labels = fit(
        policies=[5, 0, 2, 2, 0.05], budget=2, search=search, risk={"control": control}
    )
    assert [policy.points for policy in fitted.policies] == [0, 0.05, 2, 5], "sorted, without duplicates"
    assert (fitted.method, fitted.search, fitted.active) == ("risk_control", search, 2)
    seen = observe(fitted.gates, values)
    static = values[-1].logits.argmax(axis=1) == labels
    _, certify_half = split_halves(labels, 0)
    for index, policy in enumerate(fitted.policies):
        proof = policy.certificate
        assert proof is not None
        decided = fitted.decide(seen, index)
        right = decided.class_ == labels
        assert policy.calibration.accuracy == right.mean()
        assert proof.chosen.lost == (static & ~right)[certify_half].sum()
        assert proof.chosen.mac_reduction == policy.calibration.mac_reduction
        assert (proof.searched, proof.certified, proof.delta) == (1500, 1500, 0.1)
        assert proof.bound == (policy.points / 100 if any(t.enabled for t in policy.thresholds) else 0)
    reductions = [policy.calibration.mac_reduction for policy in fitted.policies]
    assert reductions == sorted(reductions)
    assert [policy.calibration.share[-1] == 1 for policy in fitted.policies] == [True, True, False, False]


def test_json_and_back() -> None:
    fitted, _, _ = fit(abstain={"risk": 0.02})
    document = json.loads(json.dumps(fitted.to_dict(), allow_nan=False))
    assert Calibration.from_dict(document).policies == fitted.policies
    assert document["policies"][-1]["certificate"]["probability"]["needed"] == 45


def test_the_seed_decides_the_halves() -> None:
    first, again, other = (fit(seed=seed)[0].to_dict() for seed in (0, 0, 1))
    assert first == again != other


def test_too_few_samples_never_leave_early_and_say_why() -> None:
    fitted, values, _ = fit(samples=60, policies=[0, 1])
    assert (fitted.decide(observe(fitted.gates, values)).exit == 2).all()
    for policy in fitted.policies:
        assert policy.certificate is not None
        assert not any(threshold.enabled for threshold in policy.thresholds)
        assert policy.certificate.shortfall(policy.points) is not None
    assert fitted.policies[1].certificate is not None
    assert fitted.policies[1].certificate.chosen.needed == 230


@pytest.mark.parametrize("samples", [1, 2, 3])
def test_hardly_any_samples(samples: int) -> None:
    fitted, _, _ = fit(samples=samples, abstain={"risk": 0.1})
    assert all(policy.calibration.share == [0, 0, 1] for policy in fitted.policies)
    assert all(policy.abstain and policy.abstain.reached is False for policy in fitted.policies)


def test_a_single_stage() -> None:
    fitted, _, _ = fit(stages=1)
    assert all(policy.thresholds == [] and policy.certificate for policy in fitted.policies)


@pytest.mark.parametrize(("method", "risk"), [("cascade", 0.01), ("risk_control", 0.005)])
def test_abstention_by_risk(method: str, risk: float) -> None:
    fitted, values, labels = fit(calibration=method, abstain={"risk": risk, "criterion": "margin"})
    seen = observe(fitted.gates, values)
    for index, policy in enumerate(fitted.policies):
        decided = fitted.decide(seen, index)
        setting = policy.abstain
        assert setting is not None and setting.enabled
        wrong = decided.class_ != labels
        assert setting.share == decided.abstain.mean()
        assert setting.risk == wrong[~decided.abstain].mean()
        assert not decided.abstain[decided.exit < 2].any()
        if setting.reached:
            assert setting.risk <= risk or method == "risk_control"
            assert (setting.p_value is not None) == (method == "risk_control")
        else:
            assert decided.abstain.sum() == (decided.exit == 2).sum()
    assert fitted.policies[0].abstain is not None and fitted.policies[0].abstain.reached
    assert fitted.policies[0].abstain.share < 0.9


def test_a_rate_needs_no_proof() -> None:
    fitted, _, _ = fit(abstain={"rate": 0.05})
    for policy in fitted.policies:
        assert policy.abstain is not None
        assert (policy.abstain.reached, policy.abstain.p_value) == (None, None)
        assert policy.abstain.share <= 0.05
