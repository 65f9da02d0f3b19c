"""The queue of samples that continue, in front of a slower stage: an exact discrete-time chain.

Formula (waiting times of a single server after Lindley, with a bounded number of places): let W be the
cycles until the next stage could take one more sample, seen at a decision; I the interval between
decisions, s the next stage's interval, b the beats in which it reads a sample, K the places. A sample
continues with probability c, independently of the others (Bernoulli):

    leaves:     W' = max(0, W - I)
    continues:  w  = max(0, W - (K s + r))      cycles it waits for a place, and with it all behind it
                W' = max(0, W - w + s - I)

A backlog starts samples s apart, so that K places hold K s cycles of it, and r more (or less, r < 0) by
when a place is free: when the last of b beats has moved to the output register. With b = 1 that is when
the sample two before starts, since register and door hold one each; with b = 2 a beat after the one
before; with more, b - 3 cycles after its own start. The three cycles from decision to core come off.
The stationary distribution gives the throughput
1 / (I + c E[w]). Exact for deterministic service and independent samples; real streams mix easy and
hard samples less evenly, which the cycle model shows on the real sequence.

Of a shared feature buffer of S slots, `decision_slots` are counted for samples without a decision and
the rest as K. Any schedule of such a divided buffer is one of the shared buffer too, so that the
throughput is a lower bound for it.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd, sqrt

import numpy as np
import numpy.typing as npt

from hwgen.rtl.sizes.describe import DOOR, FETCH
from hwgen.rtl.sizes.markov import stationary

MOST_STATES = 240
"""Above it, time is counted in coarser units, up or down at random so that the means are exact."""


def _skip_free(share: float, interval: int, service: int, limit: int, unit: int) -> npt.NDArray[np.float64]:
    """Stationary distribution if W falls by one unit, the interval: what crosses a level upwards comes
    down one by one.
    """
    rise = (service - interval) // unit
    size = limit + rise + 1
    weight = np.zeros(size)
    weight[0] = 1.0
    below = np.zeros(size + 1)  # below[j]: sum of weight[:j]
    below[1] = 1.0
    for level in range(size - 1):
        crossing = below[level + 1] - below[max(0, level + 1 - rise)]
        weight[level + 1] = share * crossing / (1 - share)
        below[level + 2] = below[level + 1] + weight[level + 1]
        if below[level + 2] > 1e200:
            weight /= below[level + 2]
            below /= below[level + 2]
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def _split(cycles: int, unit: int) -> list[tuple[int, float]]:
    """Whole units around `cycles` with the chances that make their mean exact."""
    low, rest = divmod(cycles, unit)
    return [(low, 1 - rest / unit), (low + 1, rest / unit)] if rest else [(low, 1.0)]


def _dense(share: float, interval: int, service: int, limit: int, unit: int) -> npt.NDArray[np.float64]:
    """Stationary distribution by solving the balance equations, in units of `unit` cycles."""
    states = np.arange(limit + -(-service // unit) + 1)
    chain = np.zeros((len(states), len(states)))
    for step, chance in _split(interval, unit):
        np.add.at(chain, (states, np.maximum(0, states - step)), (1 - share) * chance)
        for serve, other in _split(service, unit):
            after = np.maximum(0, np.minimum(states, limit) + serve - step)
            np.add.at(chain, (states, after), share * chance * other)
    return stationary(chain)


def released(service: int, beats: int) -> int:
    """r: cycles of backlog held besides that in the places."""
    lead = {1: 2 * service, 2: service - 1}.get(beats, 3 - beats)
    return lead - FETCH - DOOR


@lru_cache(maxsize=4096)
def queue_rate(share: float, interval: int, service: int, beats: int, places: int) -> float:
    """Samples per cycle that decisions can be taken at, in front of a queue of `places`.

    Args:
        share: c, of the samples that continue.
        interval: I, cycles between decisions when none waits.
        service: s, cycles between samples that the next stage takes.
        beats: b, beats it reads of a sample; at most `service`.
        places: K, at least 1.
    Returns:
        At most min(1 / I, 1 / (c s)), which is reached with places without end.
    """
    weights, limit, unit = _backlog(share, interval, service, beats, places)
    late = np.maximum(0, np.arange(len(weights)) - limit)
    waits = share * float((weights * late).sum()) * unit
    return min(1 / (interval + waits), 1 / (share * service)) if share else 1 / interval


def longest_wait(share: float, interval: int, service: int, beats: int, places: int, chance: float) -> int:
    """Cycles of backlog that are exceeded with less than `chance`; the rest as in `queue_rate`."""
    weights, _, unit = _backlog(share, interval, service, beats, places)
    above = 1 - np.cumsum(weights)
    return int(np.argmax(above < chance)) * unit


@lru_cache(maxsize=4096)
def _backlog(
    share: float, interval: int, service: int, beats: int, places: int
) -> tuple[npt.NDArray[np.float64], int, int]:
    """(distribution of W, the limit K s + r, both in units, cycles of a unit)."""
    if share <= 0 or service <= interval:  # the next stage is always ready again
        return np.ones(1), 0, 1
    unit = gcd(interval, service)
    exact = interval == unit
    while not exact and places * service // unit > MOST_STATES:
        unit *= 2
    limit = max(0, places * service + released(service, beats)) // unit
    # Falling by one unit per sample, the chain has a direct solution.
    balance = _skip_free if exact else _dense
    if share >= 1:  # always full
        top = limit + -(-(service - interval) // unit)
        return np.eye(top + 1)[top], limit, unit
    return balance(share, interval, service, limit, unit), limit, unit


def extra_wait(share: float, interval: int, service: float, beats: int, places: int) -> float:
    """Cycles that a sample waits for a place, on average over all samples, leaving ones included.

    Args:
        service: what waiting further on made fractional is taken linearly between whole units.
        share, interval, beats, places: as in `queue_rate`.
    """
    unit = gcd(interval, int(service))
    low = max(int(service) // unit * unit, beats)
    part = (service - low) / unit
    waits = [1 / queue_rate(share, interval, low + up, beats, places) - interval for up in (0, unit)]
    return (1 - part) * waits[0] + part * waits[1] if part > 0 else waits[0]


def mg1k_rate(load: float, variation: float, slots: int) -> float:
    """Share of full throughput by Smith's M/G/1/K blocking formula, as ATHEENA uses it; for comparison.

    Args:
        load: rho, arrivals times mean service.
        variation: squared coefficient of variation of the service: a sample that leaves takes one
            short slot, one that continues the next stage's interval.
        slots: places of the queue; the formula's K has two more: one in service, one at the door.
    """
    bend, places = sqrt(load) * (variation - 1), slots + 2
    whole = 2 * (bend + places + 1) / (2 + bend)
    if abs(load - 1) < 1e-9:
        return 1 - 1 / whole
    blocked = load ** ((bend + 2 * places) / (2 + bend)) * (load - 1) / (load**whole - 1)
    return 1 - blocked
