"""The arithmetic of JEI-DNN, as TensorFlow expressions that also take NumPy arrays.

Source: Regol, Chataoui and Coates, "Jointly-learned exit and inference for a dynamic neural network:
JEI-DNN", ICLR 2024, arXiv 2310.09163. Below, n samples, L exits, L - 1 gates; the last exit has none.
"""

from __future__ import annotations

from typing import Any

from hwgen.training.gates_file import STATISTICS
from hwgen.training.keras_env import keras_env

RATIO_LIMIT = 100.0
"""Largest ratio: where the exit a sample takes has next to no loss, it would be rounding errors magnified."""
LEAVES = 0.5
"""A sample leaves at the first exit that it leaves with at least this probability, once it got there."""


def statistics(logits: Any) -> Any:
    """What a gate reads, cut off from the network: no gradient flows back.

    Args:
        logits: float (n, K >= 2), real logits.
    Returns:
        float (n, 4), in the order of `gates_file.STATISTICS`: with p = softmax(logits), the largest p, H(p),
        the largest minus the second, H(p^2 / sum p^2); entropies in nats.
    """
    tf = keras_env().tf
    logits = tf.stop_gradient(logits)
    p = tf.nn.softmax(logits)
    first, second = tf.unstack(tf.math.top_k(p, 2).values, axis=1)
    # p^2 / sum p^2 is the softmax of twice the logits
    columns = {
        "p_max": first,
        "entropy": _entropy(logits),
        "margin": first - second,
        "power_entropy": _entropy(2 * logits),
    }
    return tf.stack([columns[name] for name in STATISTICS], axis=1)


def _entropy(logits: Any) -> Any:
    tf = keras_env().tf
    return -tf.reduce_sum(tf.nn.softmax(logits) * tf.nn.log_softmax(logits), axis=1)


def exit_probabilities(gates: Any) -> Any:
    """P_l: the probability of leaving at exactly exit l.

    Args:
        gates: g_l in 0..1, float (n, L - 1).
    Returns:
        float (n, L), rows sum to 1: max(0, min(g_l, 1 - sum of g_j before l)), what is left at the last exit.
    """
    tf = keras_env().tf
    before = tf.cumsum(gates, axis=1, exclusive=True)
    early = tf.maximum(tf.minimum(gates, 1 - before), 0)
    return tf.concat([early, 1 - tf.reduce_sum(early, axis=1, keepdims=True)], axis=1)


def leaving_probabilities(probabilities: Any) -> Any:
    """a_l: the probability of leaving at exit l once there, P_l / product of (1 - a_j) before l.

    Args:
        probabilities: P_l, float (n, L).
    Returns:
        float (n, L) in 0..1; 1 at the last exit and behind an exit that every sample leaves.
    """
    tf = keras_env().tf
    reached = 1 - tf.cumsum(probabilities, axis=1, exclusive=True)  # the product of (1 - a_j)
    some = reached > 1e-6
    early = tf.where(some, probabilities / tf.where(some, reached, 1), 1)[:, :-1]
    return tf.concat([tf.clip_by_value(early, 0, 1), tf.ones_like(probabilities[:, :1])], axis=1)


def chosen_exits(probabilities: Any) -> Any:
    """The exit, int64 (n,), that each sample leaves at: the first with a_l >= 1/2.

    Args:
        probabilities: P_l, float (n, L).
    """
    tf = keras_env().tf
    return tf.argmax(tf.cast(leaving_probabilities(probabilities) >= LEAVES, tf.int32), axis=1)


def targets(losses: Any, costs: Any, weight: float) -> Any:
    """t_l: whether a sample should have left by exit l.

    Args:
        losses: cross entropies, float (n, L).
        costs: work up to each exit as a share of all work, float (L,); the last is 1.
        weight: lambda, the cross entropy that all the work is worth.
    Returns:
        bool (n, L - 1): l >= l*, the exit with the least loss + lambda * cost (the earliest of equals).
    """
    tf = keras_env().tf
    best = tf.argmin(losses + weight * costs, axis=1)
    return tf.range(losses.shape[1] - 1, dtype=tf.int64)[None, :] >= best[:, None]


def inner_weights(probabilities: Any, losses: Any) -> Any:
    """How much each exit's loss counts for each sample when the heads are trained.

    The ratio keeps the sum over the exits what it is without weights. Weights and ratio are constants to
    the gradient: were the ratio not, the weighted sum would have the gradient of the plain one.

    Args:
        probabilities: P_l, float (n, L).
        losses: cross entropies, float (n, L).
    Returns:
        float (n, L): P_l * (sum of losses / sum of P_j * loss_j), the ratio at most `RATIO_LIMIT`.
    """
    tf = keras_env().tf
    whole = tf.reduce_sum(losses, axis=1, keepdims=True)
    weighted = tf.reduce_sum(probabilities * losses, axis=1, keepdims=True)
    ratio = tf.minimum(tf.where(weighted > 0, whole / tf.where(weighted > 0, weighted, 1), 1), RATIO_LIMIT)
    return tf.stop_gradient(probabilities * ratio)


def inner_loss(probabilities: Any, losses: Any) -> Any:
    """What the heads minimise: the mean over the samples of the weighted losses, a scalar."""
    tf = keras_env().tf
    return tf.reduce_mean(tf.reduce_sum(inner_weights(probabilities, losses) * losses, axis=1))


def gate_losses(scores: Any, wanted: Any, positive: Any) -> Any:
    """What each gate minimises: binary cross entropy of sigmoid(score) with t_l, float (L - 1,).

    Args:
        scores: w_l . statistics + b_l, float (n, L - 1).
        wanted: t_l, bool (n, L - 1).
        positive: what a sample that should have left counts, float (L - 1,).
    """
    tf = keras_env().tf
    labels = tf.cast(wanted, scores.dtype)
    return tf.reduce_mean(tf.nn.weighted_cross_entropy_with_logits(labels, scores, positive), axis=0)


def positive_weights(leaving: Any) -> Any:
    """Samples that should stay per sample that should leave; 1 where there are none of one kind.

    Args:
        leaving: share of the samples that should have left by each gate, float (L - 1,).
    """
    tf = keras_env().tf
    both = (leaving > 0) & (leaving < 1)
    share = tf.where(both, leaving, 0.5)
    return (1 - share) / share
