"""What a phase computes: the parts of the network in order, and the compiled training step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen.training.keras_env import keras_env
from hwgen.training.loop import FloatValues, Labels, Step


@dataclass(frozen=True)
class Part:
    """Layers applied one after another: a backbone segment or a head.

    Args:
        layers: Keras layers, at least one.
        trained: the same length; whether the layer's weights change.
    """

    layers: tuple[Any, ...]
    trained: tuple[bool, ...]

    @property
    def alive(self) -> bool:
        """Whether anything here is trained: dropout is then active, else it is not."""
        return any(self.trained)


Parts = list[tuple[Part, Part | None]]
"""Backbone and head per stage, up to the last exit that takes part; None where an exit takes none."""
Objective = Callable[[Any, list[Any]], Any]
"""(labels (n,), logits (n, K) per exit) -> the scalar to minimise."""


def cross_entropy(labels: Any, logits: Any) -> Any:
    """Cross entropy of every sample, float32 (n,)."""
    tf = keras_env().tf
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


def weighted_sum(weights: list[float]) -> Objective:
    """Sum of the mean cross entropies of the exits, each times its weight."""
    entropy = keras_env().keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def objective(labels: Any, logits: list[Any]) -> Any:
        losses = [weight * entropy(labels, of) for weight, of in zip(weights, logits, strict=True)]
        return keras_env().tf.add_n(losses)

    return objective


class Chain:
    """The parts as callables.

    Args:
        parts: what is computed.
    """

    def __init__(self, parts: Parts) -> None:
        keras = keras_env().keras
        self._parts = parts
        self._models: list[tuple[Any, Any]] = [
            (
                keras.Sequential(list(backbone.layers)),
                None if head is None else keras.Sequential(list(head.layers)),
            )
            for backbone, head in parts
        ]

    def logits(self, values: Any, *, training: bool) -> list[Any]:
        """Logits of the exits that take part; with `training`, dropout acts in the parts that are trained."""
        features, outputs = values, []
        for (backbone, head), (body, exit_head) in zip(self._models, self._parts, strict=True):
            features = backbone(features, training=training and body.alive)
            if exit_head is not None:
                outputs.append(head(features, training=training and exit_head.alive))
        return outputs

    def variables(self) -> list[Any]:
        """The variables that are trained."""
        return [
            variable
            for stage in self._parts
            for part in stage
            if part is not None
            for layer, trained in zip(part.layers, part.trained, strict=True)
            if trained
            for variable in layer.trainable_variables
        ]

    def penalties(self) -> list[Any]:
        """Losses that the trained parts' own layers add (regularisers of a Python network)."""
        return [
            loss
            for models, parts in zip(self._models, self._parts, strict=True)
            for model, part in zip(models, parts, strict=True)
            if part is not None and part.alive
            for loss in model.losses
        ]


def gradient_step(chain: Chain, objective: Objective, rate: float) -> Step:
    """A step that moves the trained variables by Adam.

    Args:
        chain: what is computed.
        objective: what is minimised.
        rate: first learning rate.
    """
    env = keras_env()
    tf, optimizer = env.tf, env.keras.optimizers.Adam(rate)

    @tf.function  # type: ignore[untyped-decorator]
    def step(values: Any, labels: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            logits = chain.logits(values, training=True)
            total = tf.add_n([objective(labels, logits), *chain.penalties()])
        variables = chain.variables()
        optimizer.apply_gradients(zip(tape.gradient(total, variables), variables, strict=True))
        return outcome(labels, logits)

    def take(values: FloatValues, labels: Labels, at: float) -> Any:
        optimizer.learning_rate.assign(at)
        losses, hits = step(tf.constant(values), tf.constant(labels))
        return np.asarray(losses.numpy(), np.float64), hits.numpy()

    return take


def outcome(labels: Any, logits: list[Any]) -> tuple[Any, Any]:
    """(mean cross entropy, hits) per exit."""
    tf = keras_env().tf
    losses = [tf.reduce_mean(cross_entropy(labels, of)) for of in logits]
    hits = [tf.reduce_sum(tf.cast(tf.argmax(of, axis=1) == labels, tf.int64)) for of in logits]
    return tf.stack(losses), tf.stack(hits)
