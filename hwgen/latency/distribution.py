"""From latencies of exits and how many samples leave there to mean and percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Distribution:
    """Latency over samples, cycles.

    Args:
        mean: over all samples.
        p50: half of the samples take at most this long.
        p99: 99 % of the samples take at most this long.
        worst: a sample that leaves at the last exit, whether or not one did.
    """

    mean: float
    p50: float
    p99: float
    worst: float


def distribution(per_exit: Sequence[float], counts: Sequence[int]) -> Distribution:
    """Exact percentiles of a latency that depends on the exit only.

    Args:
        per_exit: cycles per exit.
        counts: samples that leave at each exit; at least one in all.
    """
    cycles, samples = np.asarray(per_exit, dtype=np.float64), np.asarray(counts, dtype=np.int64)
    order = np.argsort(cycles, kind="stable")
    reached = np.cumsum(samples[order])
    total = int(reached[-1])

    def percentile(percent: int) -> float:
        # Smallest latency that at least `percent` % of the samples do not exceed, in whole samples.
        wanted = -(-total * percent // 100)
        return float(cycles[order][np.searchsorted(reached, wanted)])

    return Distribution(float(cycles @ samples / total), percentile(50), percentile(99), float(cycles.max()))
