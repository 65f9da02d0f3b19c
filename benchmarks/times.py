"""How long a user waits: `hwgen run` from nothing and again, `hwgen --help`, the integer reference.

    python benchmarks/times.py [--out results.json]

Wall-clock seconds of single runs (the shortest of five for --help) on an otherwise idle machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hwgen.data import load_data
from hwgen.data.fashion_mnist import find_folder
from hwgen.errors import ExitCode
from hwgen.files import write_atomic
from hwgen.recipe import load_recipe
from hwgen.reference.executor import execute
from hwgen.reference.storage import load_network

ROOT = Path(__file__).resolve().parent.parent


def hwgen(*arguments: str) -> float:
    """Seconds of one call of the command line; anything but success or a failed check ends the benchmark."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    command = [sys.executable, "-m", "hwgen.cli", *arguments]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=False)
    if done.returncode not in (ExitCode.OK, ExitCode.CHECK_FAILED):
        raise SystemExit(f"{' '.join(arguments)}: exit code {done.returncode}")
    return time.perf_counter() - start


def reference() -> float | None:
    """Seconds for 10,000 images through the shipped network; None without the data."""
    if find_folder() is None:
        return None
    network = load_network(ROOT / "models" / "fashion_mnist")
    raw = load_data(load_recipe(ROOT / "models" / "fashion_mnist.yaml")).test.raw
    start = time.perf_counter()
    execute(network, raw)
    return time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "times.json")
    options = parser.parse_args()
    help_seconds = min(hwgen("--help") for _ in range(5))
    with tempfile.TemporaryDirectory() as folder:
        command = ("run", str(ROOT / "models" / "digits.yaml"), "--out", f"{folder}/digits")
        first, again = hwgen(*command), hwgen(*command)
    found = {"run": first, "resume": again, "help": help_seconds, "reference": reference()}
    cores = len(os.sched_getaffinity(0))
    document = {
        "command": "python benchmarks/times.py",
        "machine": f"{cores} cores, {platform.machine()}, Python {platform.python_version()}",
        "seconds": {key: None if value is None else round(value, 2) for key, value in found.items()},
    }
    print(json.dumps(document, indent=1))
    write_atomic(options.out, json.dumps(document, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
