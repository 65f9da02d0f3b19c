"""Rewrites the table of numbers in README.md from benchmarks/results/*.json.

    python benchmarks/readme_table.py                    rewrites the table
    python benchmarks/readme_table.py --check            exit code 1 if the table is not up to date
    python benchmarks/readme_table.py --take REPORT      first keeps the figures of a report.json in results/

What has not been measured is shown as such; no number stands here without the command that makes it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hwgen.files import write_atomic

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
README = ROOT / "README.md"
BEGIN, END = "<!-- numbers:begin -->", "<!-- numbers:end -->"
NOT_MEASURED = "not measured"
FAMILY_MEMBERS = 12

Row = tuple[str, str, str, str]
"""What, the number, what was aimed at, the command."""
Results = Mapping[str, Mapping[str, Any]]
"""File name without .json -> content; files that are absent are missing."""


def extract(report: Mapping[str, Any], command: str) -> dict[str, Any]:
    """The figures of a report.json that the table needs."""
    csim = report["verification"]["csim"]
    return {
        "command": command,
        "versions": report["versions"],
        "static_accuracy": report["accuracy"]["static"],
        "dynamic_accuracy": report["accuracy"]["dynamic"],
        "budget_points": report["budget"]["points"],
        "drop_points": report["budget"]["measured_drop_points"],
        "mac_reduction": report["macs"]["reduction"],
        "static_macs": report["macs"]["static"],
        "dynamic_macs": report["macs"]["dynamic_mean"],
        "mismatches": sum(csim["mismatches"].values()),
        "qkeras_samples": (csim["qkeras"] or {}).get("samples", 0),
        "samples": csim["samples"],
        "stage_runs": csim["stage_runs"],
        "simulate_seconds": csim["seconds"],
        "compile_seconds": csim["compile_seconds"],
    }


def take(path: Path) -> Path:
    """Keeps the figures of a report; returns the file written."""
    report = json.loads(path.read_text())
    name, io = report["recipe"]["name"], report["firmware"]["io"]
    stem = name if io == "stream" else f"{name}_{io}"
    options = "" if io == "stream" else f" --set firmware.io={io} --out build/{stem}"
    target = RESULTS / f"{stem}.json"
    command = f"hwgen run models/{name}.yaml{options}"
    write_atomic(target, json.dumps(extract(report, command), indent=1) + "\n")
    return target


def read_results(folder: Path = RESULTS) -> dict[str, dict[str, Any]]:
    """All result files."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def percent(value: float | None) -> str:
    """0.9712 -> 97.1 %."""
    return NOT_MEASURED if value is None else f"{100 * value:.1f} %"


def points(value: float | None) -> str:
    """Percentage points."""
    return NOT_MEASURED if value is None else f"{value:.2f} points"


def seconds(value: float | None) -> str:
    """Seconds, with a decimal below ten."""
    return NOT_MEASURED if value is None else f"{value:.1f} s" if value < 10 else f"{value:.0f} s"


def _digits(results: Results) -> list[Row]:
    found = results.get("digits_seeds", {})
    mean, seeds = found.get("mean", {}), found.get("seeds", [])
    what = f"digits, mean of {len(seeds)} seeds" if seeds else "digits, mean of seeds"
    command = "`python benchmarks/digits_seeds.py`"
    return [
        (f"{what}: static accuracy", percent(mean.get("static")), ">= 97 %", command),
        (f"{what}: MACs saved", percent(mean.get("mac_reduction")), ">= 60 %", command),
        (f"{what}: measured drop", points(mean.get("drop_points")), "<= 1 point", command),
    ]


def _mismatches(results: Results, name: str, what: str, command: str) -> Row:
    found = results.get(name, {})
    count = found.get("mismatches")
    number = NOT_MEASURED if count is None else f"{count} on {found.get('samples', 0):,} test samples"
    return (f"{what}: differing values, features to abstain bit", number, "0", f"`{command}`")


def _fashion(results: Results) -> list[Row]:
    found = results.get("fashion_mnist", {})
    command = "`hwgen run models/fashion_mnist.yaml`"
    static, alone = (
        found.get("static_accuracy"),
        _family(results).get("depth3_width1", {}).get("test_accuracy"),
    )
    below = None if static is None or alone is None else 100 * (alone - static)
    reduction, drop = found.get("mac_reduction"), found.get("drop_points")
    both = NOT_MEASURED if reduction is None or drop is None else f"{percent(reduction)} at {points(drop)}"
    return [
        ("fashion_mnist: static accuracy", percent(static), ">= 92.0 %", command),
        (
            "fashion_mnist: below the same backbone trained with its last exit alone", points(below), "<= 0.5 points",
            "`python benchmarks/static_family.py`",
        ),
        ("fashion_mnist: MACs saved at a measured drop", both, ">= 75 % at <= 1 point", command),
    ]  # fmt: skip


def _family(results: Results) -> Mapping[str, Mapping[str, Any]]:
    networks: Mapping[str, Mapping[str, Any]] = results.get("static_family", {}).get("networks", {})
    return networks


def best_static(networks: Mapping[str, Mapping[str, Any]], accuracy: float) -> tuple[str, int] | None:
    """(name, MACs) of the cheapest static network at least as accurate, or None if there is none."""
    good = [
        (int(entry["macs"]), name) for name, entry in networks.items() if entry["test_accuracy"] >= accuracy
    ]
    return (min(good)[1], min(good)[0]) if good else None


def _against_static(results: Results) -> list[Row]:
    found, networks = results.get("fashion_mnist", {}), _family(results)
    accuracy, macs = found.get("dynamic_accuracy"), found.get("dynamic_macs")
    command = "`python benchmarks/static_family.py`"
    rows = []
    # One family member may miss the accuracy by a handful of images: both figures, or neither is fair.
    for what, allowance in (("at least as accurate", 0.0), ("at most 0.1 points less accurate", 0.001)):
        number, times = NOT_MEASURED, NOT_MEASURED
        if accuracy is not None and macs is not None and networks:
            best = best_static(networks, accuracy - allowance)
            number = f"none ({len(networks)} of {FAMILY_MEMBERS} members trained)"
            if best is not None:
                number = f"{best[1]:,} MACs ({best[0]}; {len(networks)} of {FAMILY_MEMBERS} members trained)"
                times = f"{best[1] / macs:.1f} times ({macs:,.0f} MACs a sample)"
        rows.append((f"fashion_mnist: cheapest static network {what}", number, "", command))
        rows.append(("how many times fewer MACs the dynamic one needs than that", times, "", command))
    return rows


def _compared(results: Results) -> list[Row]:
    """Certified budgets, and the best of all criteria."""
    found = results.get("risk_control", {})
    proven = found.get("methods", {}).get("risk_control, probability", {})
    number, aim = NOT_MEASURED, ""
    if proven:
        number = (
            f"{percent(proven['share_risk_exceeds_budget'])} of {found['splits']} splits, "
            f"{percent(proven['mean_mac_reduction'])} of MACs saved"
        )
        aim = f"<= {percent(found['delta_plus_two_standard_errors'])}, >= 60 %"
    what = "fashion_mnist: `risk_control` at 1 point, delta 10 %: risk above the budget"
    rows = [(what, number, aim, "`python benchmarks/risk_control.py`")]
    cells = results.get("comparison", {}).get("cells", [])
    for place, (limit, goal) in enumerate(((0.2, ">= 70 %"), (1.0, ">= 85 %"))):
        saved = [(cell["most_saved"][place] or 0.0, cell["variant"]) for cell in cells]
        best = f"{percent(max(saved)[0])} ({max(saved)[1]})" if saved else NOT_MEASURED
        what = f"fashion_mnist: most MACs saved by any criterion at a measured drop <= {limit:g} points"
        rows.append((what, best, goal, "`python benchmarks/comparison.py --run`"))
    runs = results.get("criteria_exactness", {}).get("runs", [])
    wrong = sum(sum(run["mismatches"].values()) for run in runs)
    number = f"{wrong} in {len(runs)} runs" if runs else NOT_MEASURED
    what = "all criteria, parallel, serial, ensembled, whole test sets: differing values"
    return [
        *rows,
        (
            what,
            number,
            "0",
            "`python benchmarks/criteria_exactness.py models/digits.yaml models/fashion_mnist.yaml`",
        ),
    ]


def _pipeline(results: Results) -> list[Row]:
    """The gated pipeline in RTL."""
    found = results.get("pipeline_digits_mlp", {})
    command = "`python benchmarks/pipeline.py`"
    if not found:
        return [("digits_mlp, pipeline in RTL", NOT_MEASURED, "", command)]
    saved = {rate: found["toggles"][rate]["saved"]["early exits"] for rate in ("full_rate", "spaced")}
    speeds = [found["speed"][name]["samples_per_second"] for name in ("early_exits", "exits_disabled")]
    exits = found.get("synthesis", {}).get("controller_per_early_exit")
    controller = NOT_MEASURED
    if exits is not None:
        with_parity, without = exits["with_shared"]["lut"], exits["with_shared_without_parity"]["lut"]
        controller = (
            f"{exits['own']['lut']} and {with_parity:.0f} LUT; without parity "
            f"{exits['own_without_parity']['lut']} and {without:.0f}"
        )
    return [
        (
            "digits_mlp, pipeline in RTL: differing classes, exits, abstain bits, tags",
            f"{found['mismatches']} in {found['answers']:,} answers: {found['runs']} runs, {found['resets']} resets, "
            "stalls up to 90 %",
            "0",
            command,
        ),
        (
            "the same: toggles saved against the static network, back to back and one at a time",
            f"{percent(saved['full_rate'])} and {percent(saved['spaced'])} at {points(found['drop_points'])}",
            ">= 45 %",
            command,
        ),
        ("the same: samples per cycle", f"{found['samples_per_cycle']:.3f}", "1", command),
        (
            "the same: controller per early exit (Yosys, xcup): its own blocks; with all that is shared",
            controller,
            "<= 400 LUT",
            command,
        ),
        (
            "the same: simulated samples per second, with early exits and with exits disabled",
            " and ".join(f"{speed:,}" for speed in speeds),
            ">= 100,000",
            command,
        ),
    ]


def _equal_area(results: Results) -> list[Row]:
    """Sized stages against the sized static network."""
    cases = results.get("equal_area", {}).get("cases")
    command = "`python benchmarks/equal_area.py`"
    what = "fashion_mnist, throughput with early exits against the static network in the same area (estimate)"
    if cases is None:
        return [(what, NOT_MEASURED, ">= 2 times", command)]
    whole = cases["1 point"]
    most, less = cases["1 point, 80 % of the part"], cases["1 point, 60 % of the part"]
    same = whole["equal_throughput"]

    def gained(case: Mapping[str, Any]) -> str:
        fast, slow = (case["designs"][name]["runs"]["test_set"] for name in ("dynamic", "static"))
        rates = f"{fast['samples_per_second']:,} and {slow['samples_per_second']:,} samples/s"
        return f"{case['ratio']['cycle_model']:.4g} times ({rates})"

    samples = whole["designs"]["dynamic"]["runs"]["test_set"]["samples"]
    return [
        (
            what,
            f"{gained(less)} in 60 % of an {whole['part']}, {gained(most)} in 80 %, {gained(whole)} in all of it; "
            f"{samples:,} test samples through the cycle model",
            ">= 2 times",
            command,
        ),
        (
            "the same: area at the static network's throughput",
            percent(same["dynamic"] / same["static"]),
            "46 % (ATHEENA)",
            command,
        ),
    ]


def _times(results: Results) -> list[Row]:
    found = results.get("times", {})
    command = "`python benchmarks/times.py`"
    aims = {
        "run": ("`hwgen run models/digits.yaml` from nothing", "<= 240 s"),
        "resume": ("the same again", "<= 20 s"),
        "help": ("`hwgen --help`", "<= 0.5 s"),
        "reference": ("integer reference, 10,000 Fashion-MNIST images", "<= 30 s"),
    }
    return [
        (what, seconds(found.get("seconds", {}).get(key)), aim, command) for key, (what, aim) in aims.items()
    ]


def table(results: Results) -> str:
    """The table in Markdown."""
    rows = [
        *_digits(results),
        _mismatches(results, "digits", "digits, io_stream", "hwgen run models/digits.yaml"),
        _mismatches(
            results, "digits_parallel", "digits, io_parallel",
            "hwgen run models/digits.yaml --set firmware.io=parallel --out build/digits_parallel",
        ),
        *_fashion(results),
        _mismatches(
            results, "fashion_mnist", "fashion_mnist, io_stream", "hwgen run models/fashion_mnist.yaml"
        ),
        *_against_static(results),
        *_compared(results),
        *_pipeline(results),
        *_equal_area(results),
        *_times(results),
    ]  # fmt: skip
    lines = ["| what | measured | aim | command |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    machine = results.get("times", {}).get("machine")
    if machine:
        lines += ["", f"Times: {machine}."]
    return "\n".join(lines)


def with_table(text: str, content: str, name: str = README.name) -> str:
    """The text of a page with the table between its markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{name}: the markers {BEGIN} and {END} are missing")
    return f"{before}{BEGIN}\n{content}\n{END}{after}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--take", type=Path, action="append", default=[], metavar="REPORT")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    for path in options.take:
        print(f"{take(path)} written")
    old = README.read_text()
    new = with_table(old, table(read_results()))
    if options.check:
        if new != old:
            print("README.md: the table of numbers is not up to date: python benchmarks/readme_table.py")
        return int(new != old)
    write_atomic(README, new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
