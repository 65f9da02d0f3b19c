"""Fits the estimator to published synthesis results and writes hwgen/estimate/fitted.json.

    python benchmarks/estimator/fit.py [POINTS]

POINTS is a folder or a file of points (`published.py` says in which form); default: the points beside this file.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.estimator.fitting import CLOCKS, fit, within
from benchmarks.estimator.published import Point, load
from hwgen.estimate.model import FILE, Model
from hwgen.files import write_atomic

POINTS = Path(__file__).with_name("points")
_DIGITS = 4


def provenance(points: list[Point]) -> dict[str, Any]:
    """What a model was fitted on."""
    fitted = [point.source for point in points if within(point)]
    return {
        "made_by": "benchmarks/estimator/fit.py",
        "figures": "csynth",
        "sources": {name: fitted.count(name) for name in sorted(set(fitted))},
        "clock_ns": list(CLOCKS),
        "spread_of": "points of sources that were left out of the fit",
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    return [_rounded(entry) for entry in value] if isinstance(value, list) else value


def text_of(model: Model, points: list[Point]) -> str:
    """The content of `fitted.json`."""
    document = model.to_dict() | {"provenance": provenance(points)}
    return json.dumps(_rounded(document), indent=1) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("points", nargs="?", type=Path, default=POINTS)
    parser.add_argument("--out", type=Path, default=FILE, help="default: hwgen/estimate/fitted.json")
    arguments = parser.parse_args()
    points, left = load(arguments.points)
    model, _ = fit(points)
    write_atomic(arguments.out, text_of(model, points))
    for key, reason in left.items():
        print(f"{key}: left out: {reason}", file=sys.stderr)
    print(f"{len(points)} points of {len({point.source for point in points})} sources", file=sys.stderr)


if __name__ == "__main__":
    main()
