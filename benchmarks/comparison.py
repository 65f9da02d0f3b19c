"""Compares all criteria and training methods on Fashion-MNIST, and rewrites the table of docs/comparison.md.

python benchmarks/comparison.py --run        runs `hwgen compare` in build/comparison (goes on from what is there)
python benchmarks/comparison.py              rewrites the table from benchmarks/results/comparison.json
python benchmarks/comparison.py --check      exit code 1 if the table is not up to date
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from hwgen.files import write_atomic

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "comparison.json"
PAGE = ROOT / "docs" / "comparison.md"
BEGIN, END = "<!-- table:begin -->", "<!-- table:end -->"
COMMAND = [
    "hwgen", "compare", "models/fashion_mnist.yaml", "--out", "build/comparison",
    "--set", "data.ood=digits", "--set", "exits.temperature=fit", "--set", "exits.calibration=risk_control",
    "--set", "exits.budget=1", "--set", "exits.policies=[0.2,0.5,1,1.5,2,3,5]",
]  # fmt: skip
LIMITS = (0.2, 1.0)
"""Measured drops, in points, below which the most saved is looked for."""


def most_saved(cell: dict[str, Any], static: float, limit: float) -> float | None:
    """The largest MAC reduction of a policy whose accuracy is at most `limit` points below the static network's."""
    found = [
        policy["mac_reduction"]
        for policy in cell["policies"]
        if 100 * (static - policy["dynamic_accuracy"]) <= limit + 1e-9
    ]
    return max(found, default=None)


def extract(document: dict[str, Any]) -> dict[str, Any]:
    """What the page needs of compare.json."""
    static = {network["method"]: network["accuracy"][-1] for network in document["networks"]}
    cells = []
    for cell in document["cells"]:
        active = cell["policies"][cell["active"]]
        cells.append(
            {
                "method": cell["method"],
                "variant": cell["variant"],
                "saved": active["mac_reduction"],
                "drop_points": active["measured_drop_points"],
                "risk_points": active["risk_points"],
                "most_saved": [most_saved(cell, static[cell["method"]], limit) for limit in LIMITS],
                "ideal_distance_points": 100 * (cell["ideal_reduction"] - active["mac_reduction"]),
                "auroc": [entry["auroc"] for entry in cell["exits"]],
                "ece": [entry["ece"] for entry in cell["exits"]],
                "overall_ece": cell["overall"]["ece"],
                "ood_auroc": cell["ood"]["overall"]["auroc"],
                "ood_fpr95": cell["ood"]["overall"]["fpr95"],
                "wrong_among_ignored": cell["ignored"]["wrong_among_ignored"],
                "gate_macs": sum(gate["macs"] for gate in cell["gates"]),
                "float_disagreement": max(policy["float_disagreement"] for policy in cell["policies"]),
            }
        )
    return {
        "command": " ".join(COMMAND),
        "versions": document["versions"],
        "budgets": document["budgets"],
        "networks": document["networks"],
        "cells": cells,
    }


def _percent(value: float | None, digits: int = 1) -> str:
    return "none" if value is None else f"{100 * value:.{digits}f} %"


def table(results: dict[str, Any]) -> str:
    """Both tables in Markdown."""
    lines = ["| trained by | accuracy of exit 1 | exit 2 | exit 3 |", "|---|---|---|---|"]
    for network in results["networks"]:
        cells = " | ".join(_percent(value, 2) for value in network["accuracy"])
        lines.append(f"| `{network['method']}` | {cells} |")
    lines += [
        "",
        "| trained by | decided by | saved at 1 point certified | drop | most saved at <= 0.2 points | at <= 1 point | "
        "to ideal | AUROC, exits | ECE, exits | OOD AUROC | FPR95 | wrong among ignored | gate MACs |",
        "|" + "---|" * 13,
    ]
    for cell in results["cells"]:
        row = [
            f"`{cell['method']}`",
            cell["variant"],
            _percent(cell["saved"]),
            f"{cell['drop_points']:.2f}",
            *(_percent(value) for value in cell["most_saved"]),
            f"{cell['ideal_distance_points']:.1f}",
            " ".join(f"{value:.3f}" for value in cell["auroc"]),
            " ".join(f"{value:.3f}" for value in cell["ece"]),
            f"{cell['ood_auroc']:.3f}",
            f"{cell['ood_fpr95']:.2f}",
            _percent(cell["wrong_among_ignored"], 0),
            f"{cell['gate_macs']:,}",
        ]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def with_table(text: str, content: str) -> str:
    """The page with the table between its markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE.name}: the markers {BEGIN} and {END} are missing")
    return f"{before}{BEGIN}\n{content}\n{END}{after}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.run:
        command = [sys.executable, "-m", "hwgen.cli", *COMMAND[1:], "--json"]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        found = extract(json.loads(done.stdout))
        write_atomic(RESULTS, json.dumps(found, indent=1) + "\n")
    old = PAGE.read_text()
    new = with_table(old, table(json.loads(RESULTS.read_text())))
    if options.check:
        if new != old:
            print("docs/comparison.md: the table is not up to date: python benchmarks/comparison.py")
        return int(new != old)
    write_atomic(PAGE, new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
