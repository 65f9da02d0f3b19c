"""Stationary distribution of a Markov chain, without a linear algebra library.

Elimination after Grassmann, Taksar and Heyman: only sums, products and quotients of chances, so that
nothing cancels. Written out because the threads of a library cost more than such small systems do.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def stationary(chain: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Share of time in each state.

    Args:
        chain: float64, shape (states, states); chain[i, j] is the chance to go from i to j. From every
            state but 0 a lower one can be reached directly.
    """
    chain = chain.copy()
    for state in range(len(chain) - 1, 0, -1):
        downwards = chain[state, :state]
        chain[:state, state] /= downwards.sum()
        chain[:state, :state] += np.multiply.outer(chain[:state, state], downwards)
    weight = np.ones(len(chain))
    for state in range(1, len(chain)):
        weight[state] = (weight[:state] * chain[:state, state]).sum()
    return np.asarray(weight / weight.sum(), dtype=np.float64)
