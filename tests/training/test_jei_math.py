"""The arithmetic of JEI-DNN against loops that follow the paper word by word."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hwgen.training import jei_math
from hwgen.training.keras_env import keras_env

Floats = npt.NDArray[np.float64]


def rows(low: float, high: float, columns: int) -> Any:
    return arrays(np.float64, (5, columns), elements=st.floats(low, high, allow_subnormal=False))


def entropy(p: Floats) -> float:
    return -sum(v * math.log(v) for v in p.tolist() if v > 0)


@settings(deadline=None)
@given(rows(-12, 12, 4))
def test_statistics(logits: Floats) -> None:
    found = jei_math.statistics(logits).numpy()
    for row, seen in zip(logits, found, strict=True):
        p = np.exp(row - row.max())
        p /= p.sum()
        second, first = np.sort(p)[-2:]
        wanted = [first, entropy(p), first - second, entropy(p**2 / (p**2).sum())]
        assert seen == pytest.approx(wanted, abs=1e-9)


def naive_exit_probabilities(gates: Floats) -> list[float]:
    chosen: list[float] = []
    for at, gate in enumerate(gates):
        chosen.append(max(0.0, min(gate, 1.0 - sum(gates[:at]))))
    return [*chosen, 1.0 - sum(chosen)]


@settings(deadline=None)
@given(rows(0, 1, 3))
def test_exit_probabilities(gates: Floats) -> None:
    found = jei_math.exit_probabilities(gates).numpy()
    assert found.sum(axis=1) == pytest.approx(np.ones(5))
    for row, seen in zip(gates, found, strict=True):
        assert seen == pytest.approx(naive_exit_probabilities(row), abs=1e-12)


@settings(deadline=None)
@given(rows(0, 1, 3))
def test_leaving_probabilities(gates: Floats) -> None:
    probabilities = jei_math.exit_probabilities(gates)
    found = jei_math.leaving_probabilities(probabilities).numpy()
    exits = jei_math.chosen_exits(probabilities).numpy()
    for row, seen, taken in zip(probabilities.numpy(), found, exits, strict=True):
        here, wanted = 1.0, []
        for p in row[:-1]:
            wanted.append(min(1.0, max(0.0, p / here)) if here > 1e-6 else 1.0)
            here *= 1 - wanted[-1]
        assert seen == pytest.approx([*wanted, 1.0], abs=1e-6)
        assert taken == next(at for at, value in enumerate(seen) if value >= 0.5)


@settings(deadline=None)
@given(rows(0, 5, 3), st.floats(0, 7))
def test_targets(losses: Floats, weight: float) -> None:
    costs = np.array([0.1, 0.4, 1.0])
    found = jei_math.targets(losses, costs, weight).numpy()
    for row, seen in zip(losses, found, strict=True):
        best = min(range(3), key=lambda at: row[at] + weight * costs[at])
        assert seen.tolist() == [at >= best for at in range(2)]


@settings(deadline=None)
@given(rows(0, 1, 2), rows(1e-3, 5, 3))
def test_inner_loss(gates: Floats, losses: Floats) -> None:
    probabilities = jei_math.exit_probabilities(gates)
    total = 0.0
    for p, loss in zip(probabilities.numpy(), losses, strict=True):
        weighted = sum(p * loss)
        ratio = min(sum(loss) / weighted, jei_math.RATIO_LIMIT) if weighted > 0 else 1.0
        total += sum(p * loss * ratio)
    assert float(jei_math.inner_loss(probabilities, losses)) == pytest.approx(total / 5, rel=1e-6)


def gradient(probabilities: Floats, losses: Floats) -> Floats:
    tf = keras_env().tf
    variable = tf.Variable(losses)
    with tf.GradientTape() as tape:
        total = jei_math.inner_loss(tf.constant(probabilities), variable)
    found: Floats = tape.gradient(total, variable).numpy()
    return found


def test_each_sample_pulls_at_an_exit_by_the_probability_of_leaving_there() -> None:
    """With a ratio that is not cut off from the gradient, every entry here would be 1 / n."""
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    losses = np.array([[1.0, 1.0, 1.0], [2.0, 1.0, 0.5]])
    ratios = [3.0, 3.5 / (0.2 + 0.1 + 0.4)]
    found = gradient(probabilities, losses)
    for row, p, ratio in zip(found, probabilities, ratios, strict=True):
        assert row == pytest.approx(p * ratio / 2)
    assert not np.allclose(found, 1 / 2)


def test_no_gradient_reaches_the_gates_through_the_heads_loss() -> None:
    tf = keras_env().tf
    gates = tf.Variable([[0.3, 0.3]])
    with tf.GradientTape() as tape:
        total = jei_math.inner_loss(jei_math.exit_probabilities(gates), tf.constant([[1.0, 2.0, 3.0]]))
    assert tape.gradient(total, gates) is None


def test_no_gradient_reaches_the_network_through_the_statistics() -> None:
    tf = keras_env().tf
    logits = tf.Variable([[1.0, 2.0, 3.0]])
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(jei_math.statistics(logits))
    assert tape.gradient(total, logits) is None


def test_losses_of_zero_and_probabilities_of_zero_stay_finite() -> None:
    for probabilities, losses in (
        ([1.0, 0, 0], [0.0, 0, 0]),
        ([1.0, 0, 0], [0.0, 3, 3]),
        ([0, 0, 1.0], [9.0, 9, 0]),
    ):
        found = gradient(np.array([probabilities]), np.array([losses]))
        assert np.isfinite(found).all()
        assert found.max() <= jei_math.RATIO_LIMIT


@settings(deadline=None)
@given(rows(-6, 6, 2), arrays(np.bool_, (5, 2)))
def test_gate_losses(scores: Floats, wanted: npt.NDArray[np.bool_]) -> None:
    positive = np.array([0.5, 3.0])
    found = jei_math.gate_losses(scores, wanted, positive).numpy()
    for gate in range(2):
        g = 1 / (1 + np.exp(-scores[:, gate]))
        losses = [
            -positive[gate] * math.log(v) if t else -math.log(1 - v)
            for v, t in zip(g, wanted[:, gate], strict=True)
        ]
        assert found[gate] == pytest.approx(sum(losses) / 5, rel=1e-6)


def test_positive_weights() -> None:
    assert jei_math.positive_weights(np.array([0.25, 0.5, 0.0, 1.0])).numpy().tolist() == [3, 1, 1, 1]
