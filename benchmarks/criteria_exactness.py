"""Runs a recipe with every criterion: compiled firmware against the integer reference, float against integer.

    python benchmarks/criteria_exactness.py models/digits.yaml models/fashion_mnist.yaml

Each run is `hwgen run RECIPE --set exits.criterion=NAME`: all stages and gates alone and the kernel, on the whole
test set. Networks are trained once per recipe.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hwgen.criteria import get_criterion, names
from hwgen.report.versions import versions
from hwgen.steps.folder import OutFolder

RESULTS = Path(__file__).resolve().parent / "results" / "criteria_exactness.json"


def ways() -> list[tuple[str, list[str]]]:
    """(label, overrides) of every criterion, its serial form, and ensembling where there is some."""
    found = []
    for name in names():
        chosen = [f"exits.criterion={name}"]
        abstain = [*chosen, "exits.abstain.rate=0.05", f"exits.abstain.criterion={name}"]
        found.append((name, abstain))
        found.append((f"{name}, serial", [*chosen, "firmware.gate=serial"]))
        if get_criterion(name).ensembles:
            found.append((f"{name}, ensemble", [*abstain, "exits.ensemble=true"]))
    return found


def run(recipe: Path, overrides: list[str], out: Path) -> dict[str, Any]:
    """One run; its figures."""
    options = [part for override in overrides for part in ("--set", override)]
    command = [sys.executable, "-m", "hwgen.cli", "run", str(recipe), "--out", str(out), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    report = json.loads(done.stdout)
    csim = report["verification"]["csim"]
    # Float decisions are compared at every exit that has a threshold.
    floats = [entry["float_disagreement"] for entry in report["exits"] if entry.get("float_disagreement")]
    return {
        "samples": csim["samples"],
        "comparisons": len(csim["by_block"]),
        "mismatches": csim["mismatches"],
        "float_disagreement": max((entry["share"] for entry in floats), default=0.0),
        "within_one_step": all(entry["within_one_step"] for entry in floats),
        "mac_reduction": report["macs"]["reduction"],
        "measured_drop_points": report["budget"]["measured_drop_points"],
        "abstention": report["abstention"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("recipes", nargs="+", type=Path)
    parser.add_argument("--set", action="append", default=[], dest="overrides", help="of all runs")
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    document: dict[str, Any] = {
        "command": "python benchmarks/criteria_exactness.py " + " ".join(map(str, arguments.recipes)),
        "versions": versions(),
        "runs": [],
    }
    with tempfile.TemporaryDirectory(prefix="hwgen-") as temporary:
        for recipe in arguments.recipes:
            out = OutFolder(Path(temporary) / recipe.stem)
            for label, overrides in ways():
                entry = {"recipe": recipe.stem, "criterion": label}
                entry |= run(recipe, [*arguments.overrides, *overrides], out.path)
                document["runs"].append(entry)
                wrong = sum(entry["mismatches"].values())
                print(
                    f"{recipe.stem:14} {label:24} {wrong} mismatches on {entry['samples']} samples, "
                    f"float differs on {entry['float_disagreement']:.3%}, saves {entry['mac_reduction']:.1%} "
                    f"at {entry['measured_drop_points']:.2f} points",
                    flush=True,
                )
    arguments.results.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
