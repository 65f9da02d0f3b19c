"""The training steps of JEI-DNN: one moves the gates, one the heads, and they take turns."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen.errors import NetworkError
from hwgen.training import jei_math
from hwgen.training.gates_file import STATISTICS, Gates, make_gates
from hwgen.training.keras_env import keras_env
from hwgen.training.loop import FloatValues, Labels, Samples, Step
from hwgen.training.steps import Chain, cross_entropy, outcome

COUNTED = 4096
"""Training samples on which the share that should leave is counted before each turn of the gates."""
CHUNK = 512


class LinearGates:
    """One linear gate per early exit; at first every exit is as probable as any other.

    Args:
        exits: number of exits.
    """

    def __init__(self, exits: int) -> None:
        tf = keras_env().tf
        gates = exits - 1
        self.weights = tf.Variable(tf.zeros((gates, len(STATISTICS))))
        self.biases = tf.Variable(tf.fill((gates,), -math.log(exits - 1.0)))

    def scores(self, logits: list[Any]) -> Any:
        """Weights . statistics + bias, float (n, exits - 1).

        Args:
            logits: per exit, the last included, (n, K).
        """
        tf = keras_env().tf
        seen = tf.stack([jei_math.statistics(of) for of in logits[:-1]], axis=1)
        return tf.reduce_sum(seen * self.weights, axis=2) + self.biases

    def exported(self) -> Gates:
        """The content of gates.json."""
        return make_gates("jei", self.weights.numpy().tolist(), self.biases.numpy().tolist())


class Turns:
    """Training steps that move the gates, or gates and heads by turns.

    Args:
        chain: the whole network, all exits; only heads are trained.
        gates: the gates.
        costs: work up to each exit as a share of all, float32 (exits,).
        cost: lambda, the cross entropy that all the work is worth.
        samples: where positive weights are counted.
    """

    def __init__(
        self,
        chain: Chain,
        gates: LinearGates,
        costs: npt.NDArray[np.float32],
        cost: float,
        samples: Samples,
    ) -> None:
        env = keras_env()
        self._chain, self._gates, self._costs, self._cost = chain, gates, costs, cost
        self._samples = samples
        self._positive = env.tf.Variable(env.tf.ones((len(costs) - 1,)))
        self._heads_adam = env.keras.optimizers.Adam()
        self._gates_adam = env.keras.optimizers.Adam()
        self._gate_step = env.tf.function(self._move_gates)
        self._head_step = env.tf.function(self._move_heads)
        self._wanted = env.tf.function(self._targets)
        self._seen: list[tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]] = []

    def alternating(self, every: int, gates_per_heads: float) -> Step:
        """A step that moves the gates `every` times, then the heads as often, and so on.

        Args:
            every: steps of one turn.
            gates_per_heads: learning rate of the gates over that of the heads.
        """
        counter = itertools.count()

        def step(values: FloatValues, labels: Labels, rate: float) -> Any:
            turn, at = divmod(next(counter), every)
            if turn % 2:
                return self._take_heads(values, labels, rate)
            return self._take_gates(values, labels, rate * gates_per_heads, first=at == 0)

        return step

    def gates_only(self) -> Step:
        """A step that moves the gates."""
        counter = itertools.count()

        def step(values: FloatValues, labels: Labels, rate: float) -> Any:
            return self._take_gates(values, labels, rate, first=next(counter) == 0)

        return step

    def _take_heads(self, values: FloatValues, labels: Labels, rate: float) -> Any:
        tf = keras_env().tf
        self._heads_adam.learning_rate.assign(rate)
        losses, hits = self._head_step(tf.constant(values), tf.constant(labels))
        return np.asarray(losses.numpy(), np.float64), hits.numpy()

    def _take_gates(self, values: FloatValues, labels: Labels, rate: float, *, first: bool) -> Any:
        tf = keras_env().tf
        if first:
            self._positive.assign(jei_math.positive_weights(self._leaving()))
        self._gates_adam.learning_rate.assign(rate)
        losses, hits, gate_losses, shares = self._gate_step(tf.constant(values), tf.constant(labels))
        self._seen.append((gate_losses.numpy(), shares.numpy()))
        return np.asarray(losses.numpy(), np.float64), hits.numpy()

    def record(self) -> dict[str, Any]:
        """Since last asked: mean loss of each gate, and the share of samples that left at each exit."""
        seen, self._seen = self._seen, []
        if not seen:
            return {}
        means = [np.mean(column, axis=0) for column in zip(*seen, strict=True)]
        names = ("gate_loss", "share")
        return {name: [round(float(v), 6) for v in mean] for name, mean in zip(names, means, strict=True)}

    def check(self) -> None:
        """Refuses gates that are not finite.

        Raises:
            NetworkError: names the gate.
        """
        finite = np.isfinite(self._gates.weights.numpy()).all(axis=1)
        finite &= np.isfinite(self._gates.biases.numpy())
        if not finite.all():
            raise NetworkError(
                f"gate{int(np.argmin(finite)) + 1}",
                "its weights became NaN or infinite",
                "lower training.learning_rate",
            )

    def _losses(self, labels: Any, logits: list[Any]) -> Any:
        return keras_env().tf.stack([cross_entropy(labels, of) for of in logits], axis=1)

    def _probabilities(self, logits: list[Any]) -> Any:
        return jei_math.exit_probabilities(keras_env().tf.sigmoid(self._gates.scores(logits)))

    def _targets(self, values: Any, labels: Any) -> Any:
        losses = self._losses(labels, self._chain.logits(values, training=False))
        return jei_math.targets(losses, self._costs, self._cost)

    def _leaving(self) -> Any:
        """Share of the counted samples that should have left by each gate, float32."""
        tf = keras_env().tf
        values, labels = self._samples.values[:COUNTED], self._samples.labels[:COUNTED]
        wanted = [
            self._wanted(tf.constant(values[at : at + CHUNK]), tf.constant(labels[at : at + CHUNK])).numpy()
            for at in range(0, len(labels), CHUNK)
        ]
        return np.concatenate(wanted).mean(axis=0).astype(np.float32)

    def _move_gates(self, values: Any, labels: Any) -> tuple[Any, ...]:
        tf, gates = keras_env().tf, self._gates
        logits = self._chain.logits(values, training=False)
        wanted = jei_math.targets(self._losses(labels, logits), self._costs, self._cost)
        with tf.GradientTape() as tape:
            losses = jei_math.gate_losses(gates.scores(logits), wanted, self._positive)
            total = tf.reduce_sum(losses)
        moved = [gates.weights, gates.biases]
        self._gates_adam.apply_gradients(zip(tape.gradient(total, moved), moved, strict=True))
        taken = jei_math.chosen_exits(self._probabilities(logits))
        shares = tf.reduce_mean(tf.one_hot(taken, len(logits)), axis=0)
        return *outcome(labels, logits), losses, shares

    def _move_heads(self, values: Any, labels: Any) -> tuple[Any, ...]:
        tf = keras_env().tf
        with tf.GradientTape() as tape:
            logits = self._chain.logits(values, training=True)
            total = jei_math.inner_loss(self._probabilities(logits), self._losses(labels, logits))
            total = tf.add_n([total, *self._chain.penalties()])
        moved = self._chain.variables()
        self._heads_adam.apply_gradients(zip(tape.gradient(total, moved), moved, strict=True))
        return outcome(labels, logits)
