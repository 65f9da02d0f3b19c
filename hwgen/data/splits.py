"""Stratified, seeded splits whose parts never share a sample."""

from __future__ import annotations

import numpy as np

from hwgen.errors import DataError
from hwgen.fixedpoint import IntArray

SALT_TEST = 1
SALT_CALIBRATION = 2


def held_out_counts(sizes: IntArray, share: float) -> IntArray:
    """How many samples of each class are held out.

    The total is `share` of all samples, handed to the classes by largest remainder; each class
    then keeps at least one sample on either side.

    Args:
        sizes: int64 (classes,), each at least 2.
        share: 0 < share < 1.
    """
    exact = sizes * share
    counts = np.floor(exact).astype(np.int64)
    missing = round(float(exact.sum())) - int(counts.sum())
    order = np.argsort(counts - exact, kind="stable")
    counts[order[:missing]] += 1
    return np.clip(counts, 1, sizes - 1)


def stratified_split(
    labels: IntArray, names: list[str], share: float, seed: int, salt: int, where: str, purpose: str
) -> tuple[IntArray, IntArray]:
    """Indices of the kept and of the held-out samples, each ascending.

    Args:
        labels: int64 (n,).
        names: of the classes, by number.
        share: share of all samples that is held out.
        seed: the recipe's seed.
        salt: tells the splits of one seed apart.
        where, purpose: for the message.
    Raises:
        DataError: a class has fewer than two samples.
    """
    sizes = np.bincount(labels, minlength=len(names)).astype(np.int64)
    if sizes.min() < 2:
        number = int(sizes.argmin())
        raise DataError(
            where,
            f"class {names[number]} has {int(sizes[number])} sample(s), too few to hold some out for {purpose}",
            "give at least two, better fifty, samples per class",
        )
    generator = np.random.default_rng([seed, salt])
    held = np.zeros(len(labels), dtype=bool)
    for number, count in enumerate(held_out_counts(sizes, share)):
        members = np.flatnonzero(labels == number)
        held[generator.permutation(members)[:count]] = True
    return np.flatnonzero(~held), np.flatnonzero(held)
