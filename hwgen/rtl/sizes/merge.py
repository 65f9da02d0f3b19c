"""Depth of the result FIFOs in front of the merge, which takes one result per cycle.

Formula: in every cycle each exit offers a result with probability (its share) * (samples per cycle),
independently; one result leaves if any waits. That is a chain on the backlog n of at most D results,
which takes nothing in a cycle that begins with n = D. D is the depth of every exit's FIFO: the round
robin serves rare exits at once, so that the backlog gathers at the busiest one.

With one sample per cycle the output is busy in every cycle and a backlog never drains: results of
later exits squeeze between those of exit 1, and without stalls the backlog is the most samples that
were inside later stages at any time, less those inside now. Let M be the samples inside: taken as
binomial, each of the newest (cycles until the last exit, queues included) samples with the share c that
continues. A FIFO, which takes nothing while full, then stalls at most when M rises above D - 1, with
c P(M >= D - 1). The loss is the smaller of the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from hwgen.rtl.sizes.describe import FETCH, Pipeline
from hwgen.rtl.sizes.markov import stationary
from hwgen.rtl.sizes.queue import longest_wait

COLLISION_STALLS = 1e-6
"""Share of samples that may meet a full result FIFO at the sized depth, by the model."""


def _offered(rates: Sequence[float]) -> npt.NDArray[np.float64]:
    """Distribution of results per cycle: sum of independent Bernoullis."""
    counts = np.ones(1)
    for rate in rates:
        counts = np.convolve(counts, [1 - rate, rate])
    return counts


@lru_cache(maxsize=1024)
def merge_rate(rates: tuple[float, ...], depth: int) -> float:
    """Results per cycle that leave.

    Args:
        rates: results per cycle that each exit offers; sum at most 1.
        depth: backlog the FIFOs hold.
    """
    if sum(rate > 1e-9 for rate in rates) < 2:  # nothing ever waits for another exit
        return min(sum(rates), 1.0 if depth > 1 else 0.5)
    offered = _offered(rates)
    chain = np.zeros((depth + 1, depth + 1))
    chain[depth, depth - 1] = 1.0
    for waiting in range(depth):
        for more, chance in enumerate(offered):
            chain[waiting, min(depth, max(0, waiting - 1) + more)] += chance
    return min(float(1 - stationary(chain)[0]), sum(rates))


def tail(newest: int, share: float, least: int) -> float:
    """Chance that at least `least` of `newest` samples are late, each with `share`."""
    if share >= 1:
        return float(least <= newest)
    term, below = (1 - share) ** newest, 0.0
    for found in range(min(least, newest + 1)):
        below += term
        term *= (newest - found) / (found + 1) * share / (1 - share)
    return max(0.0, 1 - below) if least <= newest else 0.0


def _late(pipeline: Pipeline, places: Sequence[int]) -> tuple[int, int]:
    """(newest samples that can be inside later stages at full rate, places there are for them)."""
    first, *later = pipeline.stages
    cycles = sum(FETCH + stage.decision for stage in later)
    for before, stage, held in zip(pipeline.stages, later, places, strict=False):
        about = (round(before.continues, 9), before.pace, stage.pace, stage.in_beats)
        cycles += longest_wait(*about, max(1, held), COLLISION_STALLS)
    # Queue, output register and door, core and gate.
    room = sum(held + 2 - (-stage.decision // stage.pace) for held, stage in zip(places, later, strict=True))
    return -(-cycles // first.pace), room


def exit_rates(pipeline: Pipeline) -> tuple[float, ...]:
    """Results per cycle of each exit at the ideal throughput."""
    return tuple(share * pipeline.ideal for share in pipeline.exits)


def merge_loss(pipeline: Pipeline, depth: int, places: Sequence[int]) -> float:
    """Share of the throughput that full result FIFOs cost, at most.

    Args:
        pipeline: at least two stages.
        depth: of each exit's FIFO.
        places: per stage but the last, places of the queue behind it.
    """
    rates = exit_rates(pipeline)
    lost = max(0.0, 1 - merge_rate(rates, depth) / sum(rates))
    newest, room = _late(pipeline, places)
    if depth < 2:
        return lost
    if depth > room:
        return 0.0
    share = pipeline.stages[0].continues
    return min(lost, share * tail(newest, share, depth - 1))


def exit_depth(pipeline: Pipeline, places: Sequence[int]) -> int:
    """Depth of each exit's FIFO without collisions worth counting; at least 2, for full rate.

    Args:
        pipeline: at the shares to be safe at.
        places: as in `merge_loss`.
    """
    if len(pipeline.stages) == 1:
        return 2
    depth = 2
    while merge_loss(pipeline, depth, places) > COLLISION_STALLS:
        depth += 1
    return depth
