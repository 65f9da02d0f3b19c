"""Coefficients and spreads from published points: robust, relative, every source with the same say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

from benchmarks.estimator import priors
from benchmarks.estimator.layouts import DEFAULT_BITS, DEFAULT_INTEGER
from benchmarks.estimator.published import Point
from hwgen.estimate.caveats import gives_up
from hwgen.estimate.counts import Counts
from hwgen.estimate.figures import LEVEL, NAMES
from hwgen.estimate.model import ASSUMED, IN_MEMORY, REGIMES, Model, regime
from hwgen.estimate.network import counts_of, values_of
from hwgen.latency.products import assumed_products

Array = npt.NDArray[np.float64]
ROUNDS = 15
FLOOR = 0.05
"""Relative error below which a point has no more say."""
CLOCKS = 3.33, 5.0
"""Clock periods, ns, of the points that are fitted; those outside only show what comes of it."""
ENOUGH = round((1 + LEVEL) / (1 - LEVEL))
"""Sources that a regime needs to speak for itself: between the ends of n sources lies a further one with (n - 1) in
(n + 1), which of fewer is less than `LEVEL`."""
TYPICAL = 0.2
"""Relative error at which a point weighs as much as among squared errors."""
LEAST = 20
"""Absolute size below which a figure's error counts as that of a figure of this size."""
MANY = 100
"""Points of one source from which it speaks for its regime alone."""
FOLDS = 5
"""Parts of a source that alone has a regime."""
PULL = 0.03
"""Weight of a prior; all points of a source weigh 1 together."""
PRIORS = {"lut": priors.LUT, "ff": priors.FF}


def _weights(sources: Sequence[str], power: float = 0.5) -> Array:
    """A source has a say as its number of points to the power of 1 - `power`: by default its root."""
    number = Counter(sources)
    return np.array([number[source] ** -power for source in sources])


def coefficients(points: Sequence[Point], figure: str, counts: Sequence[Counts]) -> dict[str, float]:
    """Least relative deviations with coefficients of zero or more.

    Args:
        points: at least one.
        figure: `lut` or `ff`.
        counts: of the points' designs.
    Returns:
        A coefficient for every name that has a prior.
    """
    prior = PRIORS[figure]
    names = list(prior)
    chosen = [index for index, point in enumerate(points) if figure in point.truth]
    truth = np.array([points[index].truth[figure] for index in chosen])
    scale = np.maximum(truth, LEAST)
    matrix = np.array([[getattr(counts[index], figure).get(name, 0.0) for name in names] for index in chosen])
    weights = _weights([points[index].source for index in chosen])
    pull = np.sqrt(PULL) * np.diag([1 / prior[name] for name in names])
    solution = np.zeros(len(names))
    now = weights
    for _ in range(ROUNDS):
        # Points as relative errors, and below them the distance of each coefficient from its prior.
        rows = np.vstack([matrix / scale[:, None] * now[:, None], pull])
        aims = np.concatenate([truth / scale * now, np.full(len(names), np.sqrt(PULL))])
        solution, _ = nnls(rows, aims, maxiter=10000)
        error = np.abs(matrix @ solution - truth) / scale
        # Least absolute instead of least squared errors; the mean weight of a source stays as it was.
        now = weights * np.sqrt(TYPICAL / np.maximum(error, FLOOR))
    return dict(zip(names, [float(value) for value in solution], strict=True))


def _alone(rows: Sequence[tuple[str, float]]) -> bool:
    """Whether they are the many points of one source."""
    return len(rows) >= MANY and len({row[0] for row in rows}) == 1


def quantiles(rows: Sequence[tuple[str, float]]) -> tuple[float, float]:
    """Ends of the interval that holds `LEVEL` of a further source, as far as those left out tell.

    Every source has the same say. A further one is as likely to lie outside all of them as between any two, so that
    the interval has to hold a little more of these: the quantile of conformal prediction.
    """
    sources = [row[0] for row in rows]
    ratios, weights = np.array([row[1] for row in rows]), _weights(sources, 1.0)
    order = np.argsort(ratios)
    ratios, weights = ratios[order], weights[order]
    reached = (np.cumsum(weights) - weights / 2) / weights.sum()
    number = len(rows) if _alone(rows) else len(set(sources))
    tail = max(0.0, 1 - LEVEL * (1 + 1 / number)) / 2
    low, high = np.interp([tail, 1 - tail], reached, ratios)
    return float(low), float(high)


Ratios = dict[tuple[str, str], list[tuple[str, float]]]


def blinded(point: Point) -> Point | None:
    """A point as it looks without its weights, of which the share of zeros is still known; None if they are unknown."""
    design = point.design
    if design.assumptions or regime(design) in IN_MEMORY:
        return None
    layers = []
    for layer in design.layers:
        if layer.products is not None:
            zeros = layer.products.zeros / (layer.products.terms * layer.products.outputs)
            fraction = layer.weight_bits - (DEFAULT_INTEGER if layer.weight_bits == DEFAULT_BITS else 1)
            guess = assumed_products(
                layer.products.terms, layer.products.outputs, layer.weight_bits, fraction, zeros
            )
            layer = replace(layer, products=guess)  # noqa: PLW2901
        layers.append(layer)
    blind = replace(design, layers=tuple(layers))
    return replace(point, design=blind) if blind.assumptions else None


def ratios_of(points: Sequence[Point], model: Model) -> Ratios:
    """(regime, figure) -> (source, real value plus 1 over estimate plus 1) of each point."""
    found: Ratios = {}
    # What is known with its weights tells also how much is lost without them.
    twins = [twin for point in points if (twin := blinded(point)) is not None]
    for point in [*points, *twins]:
        if gives_up(point.design) or not within(point):
            continue  # has an interval of its own, or a wider one
        values = values_of(point.design, model)
        for name, truth in point.truth.items():
            if point.design.fabric and name == "dsp":
                continue
            ratio = (truth + 1) / (values[name] + 1)
            found.setdefault((regime(point.design), name), []).append((point.source, ratio))
    return found


def spreads(found: Ratios, regimes: Sequence[str]) -> Spreads:
    """Ends of the intervals; a regime of few sources has at least those of all points.

    Where nothing is assumed of the weights, of all points of which nothing is.
    """
    pooled: dict[tuple[bool, str], list[tuple[str, float]]] = {}
    for (key, name), rows in found.items():
        for guessed in {True, key in ASSUMED}:
            pooled.setdefault((guessed, name), []).extend(rows)
    answer: Spreads = {}
    for key in regimes:
        answer[key] = {}
        for name in NAMES:
            everything = pooled[(key in ASSUMED, name)]
            rows = found.get((key, name), everything)
            ends = quantiles(rows)
            if len({row[0] for row in rows}) < ENOUGH and not _alone(rows):
                other = quantiles(everything)
                ends = min(ends[0], other[0]), max(ends[1], other[1])
            # An interval holds the estimate.
            answer[key][name] = (min(1.0, ends[0]), max(1.0, ends[1]))
    return answer


Spreads = dict[str, dict[str, tuple[float, float]]]


def within(point: Point) -> bool:
    """Whether a point is fitted, by its clock."""
    return CLOCKS[0] <= point.design.timing.clock_ns <= CLOCKS[1]


def fit_coefficients(points: Sequence[Point]) -> Model:
    """Coefficients alone, without spreads."""
    points = [point for point in points if within(point)]
    counts = [counts_of(point.design) for point in points]
    found = {figure: coefficients(points, figure, counts) for figure in PRIORS}
    seen = {
        figure: sorted({name for part in counts for name, number in getattr(part, figure).items() if number})
        for figure in PRIORS
    }
    return Model(found["lut"], found["ff"], seen, {}, {"clock_ns": list(CLOCKS)})


def blocks_of(points: Sequence[Point]) -> list[str]:
    """What is left out together with each point: its source.

    Where a single source has a regime, its points of that regime are left out in `FOLDS` parts instead, by the sizes
    of their layers: without any, nothing would be known of it.
    """
    regimes = [regime(point.design) for point in points]
    sources: dict[str, set[str]] = {}
    for name, point in zip(regimes, points, strict=True):
        sources.setdefault(name, set()).add(point.source)
    alone = [len(sources[name]) == 1 for name in regimes]
    sizes = [tuple((layer.source, layer.result) for layer in point.design.layers) for point in points]
    order = {size: number for number, size in enumerate(sorted(set(sizes)))}
    return [
        f"{point.source}, part {order[size] % FOLDS + 1}" if only else point.source
        for point, size, only in zip(points, sizes, alone, strict=True)
    ]


def leave_one_out(points: Sequence[Point], blocks: Sequence[str]) -> dict[str, Model]:
    """By block, the coefficients fitted without its points; those of a whole source without any of its points."""
    pairs = list(zip(points, blocks, strict=True))
    return {
        left_out: fit_coefficients([point for point, block in pairs if left_out not in (block, point.source)])
        for left_out in sorted(set(blocks))
    }


def fit(points: Sequence[Point]) -> tuple[Model, dict[str, Model]]:
    """The model, and for each block of `blocks_of` the one fitted without it; spreads are of points left out.

    Args:
        points: at least two sources.
    """
    blocks = blocks_of(points)
    whole, without = fit_coefficients(points), leave_one_out(points, blocks)
    found: dict[str, Ratios] = {}
    for block, model in without.items():
        own = [point for point, other in zip(points, blocks, strict=True) if other == block]
        found[block] = ratios_of(own, model)

    def finished(model: Model, left_out: str | None) -> Model:
        rows: Ratios = {}
        for block, part in found.items():
            if block != left_out:
                for key, values in part.items():
                    rows.setdefault(key, []).extend(values)
        return replace(model, spread=spreads(rows, REGIMES))

    return finished(whole, None), {block: finished(model, block) for block, model in without.items()}
