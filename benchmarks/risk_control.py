"""How often a budget is exceeded on new data: certified against naive thresholds.

The shipped Fashion-MNIST network answers all samples it was not trained on, once: the calibration and the test
split together. Many times over this pool is parted at random; thresholds come from one part, and the rest
says what they are worth: the risk (share of samples the static network gets right and the dynamic one wrong),
the drop in accuracy (which also counts what leaving early wins), and the multiply-accumulates saved.

    python benchmarks/risk_control.py [--splits 200] [--calibration 9000] [--points 1] [--delta 0.1]
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import hwgen
from hwgen.calibration import exit_macs, fit_gates
from hwgen.calibration.calibrate import search
from hwgen.calibration.halves import split_halves
from hwgen.calibration.problem import DISABLED, Outcome, Problem, build_problem
from hwgen.calibration.risk import certify, try_paths
from hwgen.criteria import observe
from hwgen.data import load_data
from hwgen.files import write_atomic
from hwgen.fixedpoint import IntArray
from hwgen.recipe import load_recipe
from hwgen.recipe.schema import Exits
from hwgen.reference.executor import StageValues, execute
from hwgen.reference.storage import load_network

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "benchmarks" / "results" / "risk_control.json"
STREAM = 20_000
"""Keeps the random splits apart from others of the same seed."""
PLAIN = ("score", "margin", "logit_margin")
"""Criteria without fitted parameters, which would have to be fitted anew on each split."""


def load_pool(criterion: str) -> tuple[Problem, IntArray, int]:
    """All samples that were not trained on: (their problem, labels, MACs of the static network)."""
    loaded = load_recipe(ROOT / "models" / "fashion_mnist.yaml")
    network = load_network(ROOT / "models" / "fashion_mnist")
    data = load_data(loaded)
    parts = [execute(network, split.raw) for split in (data.calibration, data.test)]
    labels = np.concatenate([data.calibration.labels, data.test.labels])
    nothing = np.zeros(0, dtype=np.int64)
    values = [StageValues(nothing, np.concatenate([a.logits, b.logits])) for a, b in zip(*parts, strict=True)]
    exits = Exits(criterion=criterion)
    gates = fit_gates(network, exits, values, labels)
    problem = build_problem(
        gates, observe(gates, values), labels, exit_macs(network, gates), exits.min_support
    )
    return problem, labels, network.static_macs


def thresholds_of(
    part: Problem, labels: IntArray, split: int, points: float, delta: float, static: int
) -> dict[str, Outcome]:
    """What each method finds on one calibration part."""
    trials = try_paths(part, split_halves(labels, split), points / 100)
    return {
        "risk_control, probability": certify(trials, points, delta, "probability", static)[0],
        "risk_control, mean": certify(trials, points, delta, "mean", static)[0],
        "cascade, joint": search(part, [points], "joint")[0],
        "cascade, epsilon": search(part, [points], "epsilon")[0],
    }


def summary(rows: Sequence[tuple[float, float, float]], points: float) -> dict[str, Any]:
    """Figures of one method; rows of (risk, drop, MAC reduction) on the rest, fractions."""
    risk, drop, reduction = np.array(rows).T
    return {
        "share_risk_exceeds_budget": float((risk > points / 100).mean()),
        "share_drop_exceeds_budget": float((drop > points / 100).mean()),
        "mean_risk_points": 100 * float(risk.mean()),
        "largest_risk_points": 100 * float(risk.max()),
        "mean_drop_points": 100 * float(drop.mean()),
        "mean_mac_reduction": float(reduction.mean()),
        "smallest_mac_reduction": float(reduction.min()),
        "share_never_leaves_early": float((reduction <= 0).mean()),
    }


def run(options: argparse.Namespace) -> dict[str, Any]:
    """All splits; the content of the result file."""
    began = time.perf_counter()
    pool, labels, static = load_pool(options.criterion)
    gross = replace(pool, gross=True)
    found: dict[str, list[tuple[float, float, float]]] = {}
    for split in range(options.splits):
        order = np.random.default_rng([STREAM, options.seed, split]).permutation(pool.samples)
        rows, rest = order[: options.calibration], order[options.calibration :]
        part = pool.take(rows)
        outcomes = thresholds_of(part, labels[rows], split, options.points, options.delta, static)
        for method, outcome in outcomes.items():
            ranks = tuple(
                DISABLED
                if rank == DISABLED
                else int(np.flatnonzero(pool.raws[index] == part.raws[index][rank])[0])
                for index, rank in enumerate(outcome.ranks)
            )
            macs = np.array(pool.exit_macs)[pool.exit_taken(ranks)[rest]].mean()
            lost = float(gross.lost(ranks)[rest].mean()), float(pool.lost(ranks)[rest].mean())
            found.setdefault(method, []).append((*lost, 1 - float(macs) / static))
        if (split + 1) % 20 == 0:
            print(f"{split + 1} of {options.splits} splits", file=sys.stderr, flush=True)
    return {
        "command": "python benchmarks/risk_control.py",
        "versions": {
            "hwgen": hwgen.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "recipe": "fashion_mnist",
        "criterion": options.criterion,
        "seed": options.seed,
        "pool": pool.samples,
        "calibration": options.calibration,
        "splits": options.splits,
        "budget_points": options.points,
        "delta": options.delta,
        "delta_plus_two_standard_errors": options.delta
        + 2 * math.sqrt(options.delta * (1 - options.delta) / options.splits),
        "methods": {method: summary(rows, options.points) for method, rows in found.items()},
        "seconds": round(time.perf_counter() - began, 1),
    }


def main() -> int:
    """Runs the splits and writes the result file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--splits", type=int, default=200)
    parser.add_argument("--calibration", type=int, default=9000, help="samples thresholds are found on")
    parser.add_argument("--points", type=float, default=1.0, help="budget in percentage points")
    parser.add_argument("--delta", type=float, default=0.1)
    parser.add_argument("--criterion", choices=PLAIN, default="score")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    result = run(options)
    write_atomic(options.out, json.dumps(result, indent=1) + "\n")
    for method, figures in result["methods"].items():
        print(
            f"{method}: risk above the budget in {100 * figures['share_risk_exceeds_budget']:.1f} % of the splits, "
            f"drop in {100 * figures['share_drop_exceeds_budget']:.1f} %, "
            f"{100 * figures['mean_mac_reduction']:.1f} % fewer MACs"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
