"""Accuracy, drop and MAC reduction of a recipe over several seeds (data split, training, thresholds).

The digits test set holds 359 samples, so one point is four images: only a mean says something.

    python benchmarks/digits_seeds.py [models/digits.yaml] [--seeds 10] [--set a.b=value] [--out results.json]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.calibration import calibrate
from hwgen.criteria import observe
from hwgen.data import load_data
from hwgen.files import write_atomic
from hwgen.recipe import load_recipe
from hwgen.reference.executor import execute

ROOT = Path(__file__).resolve().parent.parent


def measure(path: Path, overrides: tuple[str, ...], seed: int) -> dict[str, Any]:
    """One seed: trains, fits the thresholds on the calibration split, measures on the test split."""
    from hwgen.training import train_network

    loaded = load_recipe(path, (*overrides, f"seed={seed}"))
    data = load_data(loaded)
    start = time.perf_counter()
    network = train_network(loaded, data).network
    seconds = time.perf_counter() - start
    fitted = execute(network, data.calibration.raw)
    calibration = calibrate(network, fitted, data.calibration.labels, loaded.recipe.exits)
    values = execute(network, data.test.raw)
    decisions = calibration.decide(observe(calibration.gates, values))
    macs = np.array(network.exit_macs())[decisions.exit].mean()
    static = float((values[-1].logits.argmax(axis=1) == data.test.labels).mean())
    dynamic = float((decisions.class_ == data.test.labels).mean())
    return {
        "seed": seed,
        "static": static,
        "dynamic": dynamic,
        "drop_points": 100 * (static - dynamic),
        "mac_reduction": 1 - macs / network.static_macs,
        "train_seconds": round(seconds, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", type=Path, nargs="?", default=ROOT / "models" / "digits.yaml")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "digits_seeds.json")
    arguments = parser.parse_args()
    rows = []
    for seed in range(1, arguments.seeds + 1):
        rows.append(measure(arguments.recipe, tuple(arguments.overrides), seed))
        print(json.dumps(rows[-1]), flush=True)
    keys = ("static", "dynamic", "drop_points", "mac_reduction")
    summary = {key: float(np.mean([row[key] for row in rows])) for key in keys}
    print(json.dumps({"mean": summary}))
    command = "python benchmarks/digits_seeds.py"
    write_atomic(
        arguments.out, json.dumps({"command": command, "mean": summary, "seeds": rows}, indent=1) + "\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
