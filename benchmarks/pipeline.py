"""What the gated pipeline of a recipe whose stages are RTL does, costs and saves.

    python benchmarks/pipeline.py [models/digits_mlp.yaml] [--without-synthesis]

`hwgen run RECIPE --level rtl` and `hwgen synth RECIPE`, then the speed of the simulation without traces. Everything
but the speed is a count; the speed is wall-clock time of a run of 200,000 samples, once with early exits and once
with exits disabled.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hwgen.files import write_atomic
from hwgen.report.versions import versions
from hwgen.simulation.rtl.bench import Settings
from hwgen.simulation.rtl.design import beats_of
from hwgen.simulation.rtl.simulate import RtlSimulation
from hwgen.simulation.rtl.stimuli import Stimuli
from hwgen.steps import open_job

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
SENDS = 200_000


def hwgen(*arguments: str) -> dict[str, Any]:
    """One call of the command line; what it says with --json."""
    command = [sys.executable, "-m", "hwgen.cli", *arguments, "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(arguments)}: exit code {done.returncode}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def proportions(activity: dict[str, Any]) -> list[dict[str, float]]:
    """Per later stage at full rate: the shares of the traced samples that reach it and of its register toggles."""
    runs = activity["full_rate"]["runs"]
    exits = activity["spaced"]["runs"]["early exits"]["per_exit"]
    left = [0 if entry is None else entry["samples"] for entry in exits]
    found = []
    for index in range(1, len(left)):
        with_exits, without = (
            runs[name]["blocks"][f"stage{index + 1}"]["register"]
            for name in ("early exits", "exits disabled")
        )
        share = sum(left[index:]) / sum(left)
        found.append({"stage": index + 1, "share": share, "register_toggles": with_exits / without})
    return found


def speed(recipe: Path, out: Path, work: Path) -> dict[str, Any]:
    """Samples per second of the bench without traces, the test set sent again and again."""
    job = open_job(recipe, verb="simulate", out=out)
    simulation = RtlSimulation(
        job.loaded, job.network, job.calibration, job.data.test.raw, job.out.firmware, work,
        lambda what, done, total: None,
    )  # fmt: skip
    bench = simulation.design.build(work / "fast", jobs=2)
    stimuli = Stimuli.of(
        simulation.raw,
        simulation.network.source.format,
        simulation.firmware.tag_bits,
        beats_of(simulation.pipeline.facts),
        sends=SENDS,
    )
    found: dict[str, Any] = {"samples": SENDS}
    policies = {"early_exits": simulation.calibration.active, "exits_disabled": simulation.unknown}
    for name, policy in policies.items():
        run = bench.run(stimuli, work / "run", simulation.script(policy), Settings())
        if run.summary["answered"] != SENDS:
            raise SystemExit("not every sample was answered")
        found[name] = {"samples_per_second": round(SENDS / run.summary["seconds"])}
    return found


def figures(recipe: Path, folder: Path, *, synthesis: bool) -> dict[str, Any]:
    """Everything that the table of numbers and the page about the pipeline say."""
    out = folder / "out"
    report = hwgen("run", str(recipe), "--level", "rtl", "--out", str(out))
    rtl, told = report["verification"]["rtl"], report["rtl"]
    activity = told["activity"]
    found = {
        "recipe": recipe.stem,
        "versions": versions(),
        "static_accuracy": report["accuracy"]["static"],
        "dynamic_accuracy": report["accuracy"]["dynamic"],
        "drop_points": report["budget"]["measured_drop_points"],
        "samples": rtl["samples"],
        "runs": rtl["runs"],
        "answers": sum(run["answered"] for run in rtl["by_run"]),
        "resets": sum(run["resets"] for run in rtl["by_run"]),
        "mismatches": sum(rtl["mismatches"].values()),
        "broken_rules": len(rtl["broken_rules"]),
        "stage_runs": rtl["stage_runs"],
        "samples_per_cycle": told["throughput"]["samples_per_cycle"],
        "latency": told["latency"]["one_at_a_time"]["per_exit"],
        "toggles": {
            rate: {
                "per_sample": {name: run["per_sample"] for name, run in activity[rate]["runs"].items()},
                "saved": activity[rate]["saved"],
            }
            for rate in ("full_rate", "spaced")
        },
        "stage_activity": proportions(activity),
        "stages": {rate: told["stages"][rate]["stages"] for rate in ("full_rate", "one_at_a_time")},
        "speed": speed(recipe, out, folder / "speed"),
    }
    if synthesis:
        found["synthesis"] = cells(recipe, out)
    return found


def cells(recipe: Path, out: Path) -> dict[str, Any]:
    """Cells by group; the controller of an early exit, its own blocks and with all that exits share put on it."""
    counted = hwgen("synth", str(recipe), "--family", "xcup", "--out", str(out))
    sums = counted["sums"]
    plain = ("--set", "firmware.parity=false", "--out", str(out))
    hwgen("generate", str(recipe), *plain)
    without = hwgen("synth", str(recipe), "--family", "xcup", *plain)["sums"]["early_exits"]
    exits = sums["early_exits"]
    return {
        "tool": f"yosys {counted['yosys']}, {counted['family']}",
        "sums": {name: sums[name] for name in ("stage", "gate", "controller", "registers", "memory", "all")},
        "controller_per_early_exit": {
            "own": max(exits["own"].values(), key=lambda counts: counts["lut"]),
            "with_shared": exits["mean"],
            "own_without_parity": max(without["own"].values(), key=lambda counts: counts["lut"]),
            "with_shared_without_parity": without["mean"],
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("recipe", nargs="?", type=Path, default=ROOT / "models" / "digits_mlp.yaml")
    parser.add_argument("--without-synthesis", action="store_true")
    parser.add_argument("--results", type=Path, help="default benchmarks/results/pipeline_RECIPE.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hwgen-") as temporary:
        found = figures(arguments.recipe, Path(temporary), synthesis=not arguments.without_synthesis)
    found = {"command": f"python benchmarks/pipeline.py models/{arguments.recipe.name}", **found}
    write_atomic(
        arguments.results or RESULTS / f"pipeline_{arguments.recipe.stem}.json",
        json.dumps(found, indent=1) + "\n",
    )
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
