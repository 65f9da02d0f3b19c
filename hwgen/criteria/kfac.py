"""Kronecker-factored Gaussian posterior of a last dense layer, fitted after training.

Ritter et al. (ICLR 2018) as used by Meronen et al. (WACV 2024, arXiv 2302.06359). With phi = (embedding, 1),
p the softmax of the exit, n training samples and a prior variance var0, the two factors of the Fisher matrix of
the mean cross-entropy

    V = E[phi phi^T],   U = E[diag(p) - p p^T],   both taken as sqrt(n) * factor + sqrt(1 / var0) * identity,

give the logits of a sample the covariance (phi^T V^-1 phi) U^-1. A singular factor does no harm: the prior adds
to every eigenvalue, and negative eigenvalues (rounding errors) count as 0.

Two things are simplified. Only the `rank` largest eigenvalues l_r (eigenvectors q_r) of V are kept; the others
are replaced by their mean, so that the trace stays right:

    phi^T V^-1 phi ~ (|phi|^2 - sum_r g_r (q_r . phi)^2) / h,   h = sqrt(n) * rest + prior,
                                                                 g_r = 1 - h / (sqrt(n) * l_r + prior).

The variance is a difference, so an eigenvector is kept only while enough remains: the mean of the others is at
least `LEAST_SHARE` of the mean of all. Below, the difference would drown in the rounding of the coefficients.

And U^-1 counts with one number u, its mean eigenvalue on differences of logits, which is half the mean variance of
z_i - z_j. What all logits have in common (the null vector of U, on which only the prior acts) moves no softmax.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hwgen.fixedpoint import FloatArray

_SPARE = 8
"""Vectors iterated beside the wanted ones: the wanted ones then settle fast."""
_ITERATIONS = 30
LEAST_SHARE = 1 / 64
"""Of the mean eigenvalue: what the mean of those that are not kept is at least."""


@dataclass(frozen=True)
class Posterior:
    """The factors without their prior.

    Args:
        values: float64 (r,), largest eigenvalues of V, descending; r may be 0.
        vectors: float64 (r, D + 1), their eigenvectors; the last column belongs to the constant 1.
        rest: mean of the other eigenvalues.
        output: float64 (K - 1,), eigenvalues of U on differences of logits.
        samples: n.
    """

    values: FloatArray
    vectors: FloatArray
    rest: float
    output: FloatArray
    samples: int

    def precisions(self, prior_variance: float) -> tuple[FloatArray, float]:
        """Eigenvalues of the regularised V: float64 (r,) of the kept ones, and h of the others."""
        weight, prior = math.sqrt(self.samples), prior_variance**-0.5
        return weight * self.values + prior, weight * self.rest + prior

    def corrections(self, prior_variance: float) -> FloatArray:
        """g_r, float64 (r,), in 0..1."""
        kept, rest = self.precisions(prior_variance)
        return np.maximum(1 - rest / kept, 0.0)

    def output_variance(self, prior_variance: float) -> float:
        """The number u."""
        return float((1 / (math.sqrt(self.samples) * self.output + prior_variance**-0.5)).mean())


def largest_eigenpairs(matrix: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues, descending and not negative, and eigenvectors of a symmetric positive semidefinite matrix.

    Orthogonal iteration from a fixed start: a complete decomposition of a few thousand rows takes minutes.

    Args:
        matrix: float64 (N, N).
        count: how many; at most N are returned.
    Returns:
        float64 (count,) and float64 (count, N); the largest component of each vector is positive.
    """
    size = len(matrix)
    basis = np.random.default_rng(0).normal(size=(size, min(size, count + _SPARE)))
    for _ in range(_ITERATIONS):
        basis = np.linalg.qr(matrix @ basis)[0]
    values, mixture = np.linalg.eigh(basis.T @ matrix @ basis)
    vectors = (basis @ mixture).T[::-1][:count]
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1)
    return np.maximum(values[::-1][:count], 0.0), vectors * np.where(largest < 0, -1.0, 1.0)


def fit_posterior(embedding: FloatArray, probabilities: FloatArray, samples: int, rank: int) -> Posterior:
    """The factors of training samples.

    Args:
        embedding: float64 (m, D), real values of what enters the layer.
        probabilities: float64 (m, K), softmax of its logits.
        samples: n, number of samples the layer was trained on.
        rank: most eigenvalues of V to keep.
    """
    count = len(embedding)
    augmented = np.concatenate([embedding, np.ones((count, 1))], axis=1)
    factor = augmented.T @ augmented / count
    values, vectors = largest_eigenpairs(factor, rank)
    trace = float(np.trace(factor))
    others = [
        max(trace - float(values[:kept].sum()), 0.0) / max(len(factor) - kept, 1)
        for kept in range(len(values) + 1)
    ]
    kept = max(r for r, rest in enumerate(others) if rest >= LEAST_SHARE * others[0])
    fisher = np.diag(probabilities.mean(axis=0)) - probabilities.T @ probabilities / count
    return Posterior(
        values[:kept],
        vectors[:kept],
        others[kept],
        # The smallest eigenvalue is that of the vector of ones: probabilities sum to 1.
        np.maximum(np.linalg.eigvalsh(fisher)[1:], 0.0),
        samples,
    )
