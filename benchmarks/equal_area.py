"""What early exits gain in the same area: Fashion-MNIST, sized stages against the sized static network.

    python benchmarks/equal_area.py [--folder build/equal_area] [--out results.json]

Calibrates models/fashion_mnist.yaml (the trained network is shipped) in the folder if that is not done, and runs
`hwgen explore` for the part that ATHEENA used. The first three send the whole test set, in its order, through the cycle
model. Areas and cycles of stages are estimates; no vendor tool has built any of the designs.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from hwgen.files import write_atomic
from hwgen.steps import open_job, run_verb
from hwgen.steps.explore import VERB, explore

ROOT = Path(__file__).resolve().parent.parent
RECIPE = ROOT / "models" / "fashion_mnist.yaml"
PART = "xc7z045ffg900-2"
ALL = 10_000
CASES: dict[str, dict[str, Any]] = {
    "1 point": {"points": 1.0, "samples": ALL},
    "1 point, 80 % of the part": {"points": 1.0, "area": "80%", "samples": ALL},
    "1 point, 60 % of the part": {"points": 1.0, "area": "60%", "samples": ALL},
    "1 point, nothing spare": {"points": 1.0, "spare": 0.0},
    "0.5 points": {"points": 0.5},
    "1 point, a part 14 times as large": {"points": 1.0, "part": "xcu250-figd2104-2L-e"},
}
"""The table in README.md shows the first three."""


def figures(document: dict[str, Any]) -> dict[str, Any]:
    """What is kept of an `explore.json`."""
    designs = {
        name: {key: row[key] for key in ("share", "scarcest", "area", "samples_per_second", "runs")}
        | {"intervals": [stage["interval"] for stage in row["stages"]]}
        for name, row in document["designs"].items()
    }
    kept = ("part", "source", "policy", "area", "ratio", "equal_throughput", "curve", "hls", "static_hls")
    return {key: document[key] for key in kept} | {"designs": designs}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=Path("build/equal_area"))
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "equal_area.json")
    options = parser.parse_args()
    run_verb(open_job(RECIPE, verb="calibrate", out=options.folder), "calibrate")
    found = {}
    for name, asked in CASES.items():
        case = dict(asked)
        overrides = (f"firmware.part={case.pop('part', PART)}",)
        job = open_job(RECIPE, verb=VERB, overrides=overrides, out=options.folder)
        begin = time.perf_counter()
        found[name] = figures(explore(job, **case))
        seconds = time.perf_counter() - begin
        print(name, json.dumps(found[name]["ratio"]), f"{seconds:.0f} s", file=sys.stderr, flush=True)
    document = {"command": "python benchmarks/equal_area.py", "recipe": "fashion_mnist", "cases": found}
    write_atomic(options.out, json.dumps(document, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
