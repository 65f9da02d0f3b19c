"""How far a probability may be believed, and what refusing the least confident answers would win.

Measures over samples with probabilities p (n, K), their classes y and whether the answer given is right:

- ECE (Naeini et al. 2015; Guo et al. 2017, arXiv 1706.04599): ten bins of equal width over the probability of
  the class given; sum over the bins of |share of right answers - mean probability|, weighted by their samples.
- NLL: mean of -ln p_y, in nats. A probability below the smallest normal float64 counts as that.
- Brier (1950): mean over the samples of sum_k (p_k - [k = y])^2, 0 to 2.
- Risk-coverage curve and AURC (Geifman and El-Yaniv 2018, arXiv 1805.08206): risk(c) is the share of wrong answers
  among the share c of most confident ones, AURC its mean over c = 1/n .. 1. Samples of equal confidence enter in
  random order; the expectation over all orders is what counts.
- AUROC of right against wrong answers: `statistics.auroc`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.report.statistics import auroc

BoolArray = npt.NDArray[np.bool_]
BINS = 10
"""Of the calibration error and of the reliability diagram."""


@dataclass(frozen=True)
class Bin:
    """One bar of a reliability diagram.

    Args:
        samples: how many fall into the bin.
        confidence: mean probability of the class given; None without samples.
        accuracy: share of right answers; None without samples.
    """

    samples: int
    confidence: float | None
    accuracy: float | None


def _bins(confidence: FloatArray, bins: int) -> IntArray:
    """Index of the bin of each confidence; the upper edge of the last one belongs to it."""
    return np.clip((confidence * bins).astype(np.int64), 0, bins - 1)


def reliability(confidence: FloatArray, right: BoolArray, bins: int = BINS) -> list[Bin]:
    """Bins of equal width over 0..1.

    Args:
        confidence: float64 (n,) in 0..1, probability of the class given.
        right: bool (n,).
    """
    index = _bins(confidence, bins)
    counts = np.bincount(index, minlength=bins)
    sums = np.bincount(index, confidence, minlength=bins)
    hits = np.bincount(index, right.astype(np.float64), minlength=bins)
    return [
        Bin(int(count), float(total / count), float(hit / count)) if count else Bin(0, None, None)
        for count, total, hit in zip(counts, sums, hits, strict=True)
    ]


def calibration_error(confidence: FloatArray, right: BoolArray, bins: int = BINS) -> float | None:
    """ECE; None without samples. Arguments as for `reliability`."""
    if not len(right):
        return None
    index = _bins(confidence, bins)
    gaps = np.bincount(index, confidence - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(right))


def negative_log_likelihood(probabilities: FloatArray, labels: IntArray) -> float | None:
    """NLL in nats; None without samples.

    Args:
        probabilities: float64 (n, K), rows sum to 1.
        labels: int64 (n,).
    """
    if not len(labels):
        return None
    own = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(own, np.finfo(np.float64).tiny)).mean())


def brier(probabilities: FloatArray, labels: IntArray) -> float | None:
    """Brier score; None without samples. Arguments as for `negative_log_likelihood`."""
    if not len(labels):
        return None
    truth = np.zeros_like(probabilities)
    truth[np.arange(len(labels)), labels] = 1.0
    return float(((probabilities - truth) ** 2).sum(axis=1).mean())


def risks(confidence: FloatArray, right: BoolArray) -> FloatArray:
    """The whole risk-coverage curve, float64 (n,): entry i is the risk of the i + 1 most confident answers.

    Args:
        confidence: float64 (n,), larger is more confident, on any scale.
        right: bool (n,).
    """
    order = np.argsort(-confidence, kind="stable")
    ordered = confidence[order]
    wrong = np.cumsum(~right[order], dtype=np.float64)
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), max(len(order) - 1, 0))
    taken = np.arange(1, len(order) + 1, dtype=np.float64)
    # Within a run of equals, wrong answers come in evenly: the mean over all orders.
    return np.interp(taken, [0, *(ends + 1)], [0, *wrong[ends]]) / taken if len(order) else taken


def aurc(confidence: FloatArray, right: BoolArray) -> float | None:
    """Mean of `risks`; None without samples."""
    return float(risks(confidence, right).mean()) if len(right) else None


@dataclass(frozen=True)
class Measures:
    """All measures of one set of answers; None where they do not exist.

    Args:
        accuracy: share of right answers.
        confidence: mean probability of the class given.
        ece, nll, brier, auroc, aurc: see the module.
        aurc_ideal: AURC of the same answers if every right one were more confident than every wrong one.
    """

    accuracy: float | None
    confidence: float | None
    ece: float | None
    nll: float | None
    brier: float | None
    auroc: float | None
    aurc: float | None
    aurc_ideal: float | None


def measure(
    probabilities: FloatArray, given: IntArray, labels: IntArray, ranking: FloatArray | None = None
) -> Measures:
    """Measures one set of answers.

    Args:
        probabilities: float64 (n, K), rows sum to 1.
        given: int64 (n,), the answers.
        labels: int64 (n,), the truth.
        ranking: float64 (n,), the confidence behind AUROC and AURC; default: the probability of the answer.
    """
    right = given == labels
    top = probabilities[np.arange(len(given)), given]
    ranks = top if ranking is None else ranking
    return Measures(
        accuracy=float(right.mean()) if len(right) else None,
        confidence=float(top.mean()) if len(right) else None,
        ece=calibration_error(top, right),
        nll=negative_log_likelihood(probabilities, labels),
        brier=brier(probabilities, labels),
        auroc=auroc(ranks, right),
        aurc=aurc(ranks, right),
        aurc_ideal=aurc(right.astype(np.float64), right),
    )
