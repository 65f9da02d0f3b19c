"""The static networks that an early-exit network has to beat.

Every member is a prefix of the backbone of a recipe (its first 1, 2, ... stages) with the last
stage's own head, all filters and hidden units scaled by 0.25, 0.5, 0.75 or 1, trained alone (one
exit) with the recipe's number formats, schedule, data and seed. Accuracy is that of the integers.

    python benchmarks/static_family.py [models/fashion_mnist.yaml] [--out results.json] [--only NAME]

Members that the result file holds for the same recipe are not trained again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwgen.data import DataSet, load_data
from hwgen.files import sha256_of, write_atomic
from hwgen.recipe import LoadedRecipe, load_recipe
from hwgen.recipe.load import validate
from hwgen.reference.executor import classify, execute

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = (1.0, 0.75, 0.5, 0.25)
SCALED = ("conv", "separable", "dense")


def _scaled(layer: dict[str, Any], width: float) -> dict[str, Any]:
    changed = dict(layer)
    for key in SCALED:
        if isinstance(changed.get(key), int):
            changed[key] = max(1, round(changed[key] * width))
    return changed or {"flatten": None}


def member(loaded: LoadedRecipe, depth: int, width: float) -> LoadedRecipe:
    """The recipe of one static network: stages 1..depth as one stage, with the head of stage `depth`."""
    document = loaded.recipe.model_dump(mode="json", exclude_none=True)
    stages = document["network"]["stages"][:depth]
    layers = [_scaled(layer, width) for stage in stages for layer in stage["layers"]]
    head = [_scaled(layer, width) for layer in stages[-1]["exit"]]
    document["network"]["stages"] = [{"layers": layers, "exit": head}]
    document["training"].pop("loss_weights", None)
    if isinstance(document["exits"]["criterion"], list):
        document["exits"]["criterion"] = "score"
    return LoadedRecipe(validate(document), loaded.folder)


def family(loaded: LoadedRecipe) -> Iterator[tuple[str, int, float, LoadedRecipe]]:
    """(name, depth, width, recipe) of all members, the most expensive first."""
    for depth in range(len(loaded.recipe.network.stages or []), 0, -1):
        for width in WIDTHS:
            yield f"depth{depth}_width{width:g}", depth, width, member(loaded, depth, width)


def measure(loaded: LoadedRecipe, data: DataSet) -> dict[str, Any]:
    """Trains one member; accuracy of its integers on the test set."""
    from hwgen.training import keras_env, train_network

    start = time.perf_counter()
    trained = train_network(loaded, data)
    seconds = time.perf_counter() - start
    logits = execute(trained.network, data.test.raw)[0].logits
    return {
        "macs": trained.network.static_macs,
        "parameters": trained.network.stages[0].parameters,
        "test_accuracy": float((classify(logits) == data.test.labels).mean()),
        "seconds": round(seconds, 1),
        "versions": keras_env().versions,
    }


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.is_file() else {}


def _key(loaded: LoadedRecipe, data: DataSet) -> str:
    recipe = loaded.recipe
    parts = (recipe.network.model_dump(mode="json"), recipe.training.model_dump(mode="json"))
    return sha256_of(*parts, recipe.seed, data.sha256)


def main() -> int:
    """Trains what is missing and writes the results after every member."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("recipe", nargs="?", type=Path, default=ROOT / "models" / "fashion_mnist.yaml")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "static_family.json")
    parser.add_argument("--only", action="append", help="name of a member; may be given several times")
    options = parser.parse_args()
    loaded = load_recipe(options.recipe)
    data = load_data(loaded)
    for name, depth, width, recipe in family(loaded):
        if options.only and name not in options.only:
            continue
        key = _key(recipe, data)
        if _read(options.out).get("networks", {}).get(name, {}).get("inputs_sha256") == key:
            continue
        print(f"{name}: training", file=sys.stderr, flush=True)
        result = {"depth": depth, "width": width, "inputs_sha256": key, **measure(recipe, data)}
        print(f"{name}: {result['macs']} MACs, {result['test_accuracy']:.4f}", file=sys.stderr, flush=True)
        document = _read(options.out)  # read again: another process may train other members
        networks = {**document.get("networks", {}), name: result}
        document = {
            "command": "python benchmarks/static_family.py",
            "recipe": loaded.recipe.name,
            "seed": loaded.recipe.seed,
            "networks": dict(sorted(networks.items())),
        }
        write_atomic(options.out, json.dumps(document, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
