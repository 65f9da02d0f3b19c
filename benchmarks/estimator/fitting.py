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
from hwgen.estimate.counts import Counts
from hwgen.estimate.figures import LEVEL, NAMES
from hwgen.estimate.model import Model, regime
from hwgen.estimate.network import counts_of, gives_up, values_of
from hwgen.latency.products import assumed_products

Array = npt.NDArray[np.float64]
ROUNDS = 15
FLOOR = 0.05
"""Relative error below which a point has no more say."""
ENOUGH = 3
"""Sources that a regime needs to speak for itself."""
MARGIN = 0.05
"""How much more of the points left out an interval holds: a further source differs from these as well."""
TYPICAL = 0.2
"""Relative error at which a point weighs as much as among squared errors."""
LEAST = 20
"""Absolute size below which a figure's error counts as that of a figure of this size."""
PULL = 0.03
"""Weight of a prior; all points of a source weigh 1 together."""
PRIORS = {"lut": priors.LUT, "ff": priors.FF}


def _weights(sources: Sequence[str]) -> Array:
    """A source has a say as the root of its number of points."""
    number = Counter(sources)
    return np.array([number[source] ** -0.5 for source in sources])


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


def _quantiles(rows: Sequence[tuple[str, float]]) -> tuple[float, float]:
    """Ends of the interval that holds `LEVEL + MARGIN` of the points left out."""
    ratios, weights = np.array([row[1] for row in rows]), _weights([row[0] for row in rows])
    order = np.argsort(ratios)
    ratios, weights = ratios[order], weights[order]
    reached = (np.cumsum(weights) - weights / 2) / weights.sum()
    tail = (1 - LEVEL - MARGIN) / 2
    low, high = np.interp([tail, 1 - tail], reached, ratios)
    return float(low), float(high)


Ratios = dict[tuple[str, str], list[tuple[str, float]]]


def blinded(point: Point) -> Point | None:
    """A point as it looks without its weights, of which the share of zeros is still known; None if they are unknown."""
    design = point.design
    if design.assumptions or regime(design) == "resource":
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
        if gives_up(point.design):
            continue  # has an interval of its own
        values = values_of(point.design, model)
        for name, truth in point.truth.items():
            if point.design.fabric and name == "dsp":
                continue
            ratio = (truth + 1) / (values[name] + 1)
            found.setdefault((regime(point.design), name), []).append((point.source, ratio))
    return found


def spreads(found: Ratios, regimes: Sequence[str]) -> Spreads:
    """Ends of the intervals; a regime of few sources has at least those of all points."""
    pooled: Ratios = {}
    for (_, name), rows in found.items():
        pooled.setdefault(("", name), []).extend(rows)
    answer: Spreads = {}
    for key in regimes:
        answer[key] = {}
        for name in NAMES:
            everything = pooled[("", name)]
            rows = found.get((key, name), everything)
            ends = _quantiles(rows)
            if len({row[0] for row in rows}) < ENOUGH:
                other = _quantiles(everything)
                ends = min(ends[0], other[0]), max(ends[1], other[1])
            # An interval holds the estimate.
            answer[key][name] = (min(1.0, ends[0]), max(1.0, ends[1]))
    return answer


Spreads = dict[str, dict[str, tuple[float, float]]]


def _wider(first: Spreads, second: Spreads) -> Spreads:
    """The wider of both at each end: a fit may err to one side on a source that it has not seen."""
    return {
        key: {
            name: (min(ends[0], second[key][name][0]), max(ends[1], second[key][name][1]))
            for name, ends in rows.items()
        }
        for key, rows in first.items()
    }


REGIMES = (
    "resource",
    *(
        f"{kind}, weights {known}"
        for kind in ("unshared", "shared", "stream")
        for known in ("known", "assumed")
    ),
)


def fit_coefficients(points: Sequence[Point]) -> Model:
    """Coefficients alone, without spreads."""
    counts = [counts_of(point.design) for point in points]
    found = {figure: coefficients(points, figure, counts) for figure in PRIORS}
    clocks = [point.design.timing.clock_ns for point in points]
    seen = {
        figure: sorted({name for part in counts for name, number in getattr(part, figure).items() if number})
        for figure in PRIORS
    }
    return Model(found["lut"], found["ff"], seen, {}, {"clock_ns": [min(clocks), max(clocks)]})


def leave_one_out(points: Sequence[Point]) -> dict[str, Model]:
    """By source, the coefficients fitted without its points."""
    return {
        source: fit_coefficients([point for point in points if point.source != source])
        for source in sorted({point.source for point in points})
    }


def fit(points: Sequence[Point]) -> tuple[Model, dict[str, Model]]:
    """The model, and for each source the one fitted without it; spreads are of points left out.

    Args:
        points: at least two sources.
    """
    whole = fit_coefficients(points)
    without = leave_one_out(points)
    found: dict[str, Ratios] = {}
    for source, model in without.items():
        found[source] = ratios_of([point for point in points if point.source == source], model)

    def joined(left_out: str | None) -> Ratios:
        rows: Ratios = {}
        for source, part in found.items():
            if source != left_out:
                for key, values in part.items():
                    rows.setdefault(key, []).extend(values)
        return rows

    def finished(model: Model, left_out: str | None) -> Model:
        own = ratios_of([point for point in points if point.source != left_out], model)
        return replace(model, spread=_wider(spreads(joined(left_out), REGIMES), spreads(own, REGIMES)))

    return finished(whole, None), {source: finished(model, source) for source, model in without.items()}
