"""Flips single bits of a pipeline's registers and memories in simulation, and counts what each kind does.

    python benchmarks/pipeline_faults.py models/digits_mlp.yaml                 trains and generates what is not there
    python benchmarks/pipeline_faults.py RECIPE --tree build/digits_mlp --each 2000 --out results.json

Prints the table as Markdown, writes it as JSON with all places where a fault did something, and ends with exit code 1
if one fault hung the pipeline.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from hwgen.errors import ExitCode, HwgenError
from hwgen.files import write_atomic
from hwgen.simulation.rtl import faults
from hwgen.simulation.rtl.fault_campaign import campaign, state_of
from hwgen.simulation.rtl.fault_effects import Injection, table
from hwgen.simulation.rtl.fault_table import markdown
from hwgen.simulation.rtl.simulate import RtlSimulation
from hwgen.steps.job import Job
from hwgen.steps.verbs import open_job, run_verb

ROOT = Path(__file__).resolve().parent.parent


def tell(text: str) -> None:
    """Progress, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r{text:<60}", end="", file=sys.stderr, flush=True)


def simulation_of(job: Job) -> RtlSimulation:
    """The pipeline of a recipe's out folder."""
    return RtlSimulation(
        job.loaded,
        job.network,
        job.calibration,
        job.data.test.raw,
        job.out.firmware,
        job.out.simulation / "build" / "faults",
        lambda what, done, total: tell(f"{what}: {done} of {total}"),
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", type=Path, nargs="?", default=ROOT / "models" / "digits_mlp.yaml")
    parser.add_argument("--tree", type=Path, help="out folder of `hwgen run`, default build/NAME")
    parser.add_argument("--each", type=int, default=1000, help="faults of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="default benchmarks/results/faults_NAME.json")
    arguments = parser.parse_args()
    try:
        return measure(arguments)
    except HwgenError as error:
        print(f"\n{error}", file=sys.stderr)
        return int(error.exit_code)


def measure(arguments: argparse.Namespace) -> int:
    """The whole campaign of one recipe."""
    job = open_job(arguments.recipe, verb="generate", out=arguments.tree)
    run_verb(job, "generate")
    simulation = simulation_of(job)
    tell("compiling the pipeline")
    bench = faults.build(simulation.design, simulation.work / "bench", jobs=2)
    started = time.monotonic()
    injections = campaign(
        bench,
        simulation,
        arguments.each,
        simulation.work / "run",
        arguments.seed,
        progress=lambda done, total: tell(f"faults: {done} of {total}"),
    )
    seconds = time.monotonic() - started
    tell("")
    state = state_of(bench, simulation)
    result = table(injections, {kind: len(bits) for kind, bits in state.items()})
    name = job.loaded.recipe.name
    command = (
        f"python benchmarks/pipeline_faults.py models/{arguments.recipe.name} "
        f"--each {arguments.each} --seed {arguments.seed}"
    )
    print(f"\n{markdown(result)}\n{len(injections)} faults in {seconds:.0f} s: `{command}`")
    report_places(injections)
    out = arguments.out or ROOT / "benchmarks" / "results" / f"faults_{name}.json"
    acted = [item for item in injections if item.effect != "none"]
    places = Counter((item.kind, item.place, item.effect) for item in acted)
    rows = [
        {"kind": kind, "place": place, "effect": effect, "injections": count}
        for (kind, place, effect), count in sorted(places.items())
    ]
    write_atomic(
        out,
        json.dumps({"command": command, "recipe": name, **result, "places": rows}, indent=1) + "\n",
    )
    hung = [item for item in injections if item.effect == "hang"]
    for item in hung[:20]:
        print(f"hung: {json.dumps(asdict(item))}")
    return int(ExitCode.CHECK_FAILED if hung else ExitCode.OK)


def report_places(injections: list[Injection]) -> None:
    """Where faults stayed until a reset, and where a host's access stood still."""
    for what, chosen in (
        ("Stays until the host writes it again or resets", [item for item in injections if item.stays]),
        (
            "A register access stands until reset",
            [item for item in injections if item.effect == "host stands"],
        ),
    ):
        places = Counter(item.place for item in chosen)
        if places:
            print(f"\n{what}: {', '.join(f'{place} ({count})' for place, count in places.most_common())}")


if __name__ == "__main__":
    sys.exit(main())
