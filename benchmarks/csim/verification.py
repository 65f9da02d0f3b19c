"""How long `hwgen simulate` takes, first from nothing and then with everything remembered."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from csim.case import RECIPE, ROOT
from csim.stages import Say
from csim.timing import Effort, seconds_of
from hwgen.errors import ExitCode

KEYS = ("seconds", "compile_seconds", "reference_seconds")


def _simulate(out: Path, io: str, *options: str) -> dict[str, Any]:
    """One call: what results.json says, and seconds of the whole command."""
    command = [sys.executable, "-m", "hwgen.cli", "simulate", str(RECIPE), "--out", str(out)]
    command += ["--set", f"firmware.io={io}", *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def run() -> None:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=False)
        if done.returncode != ExitCode.OK:
            raise SystemExit(f"hwgen simulate: exit code {done.returncode}")

    wall = seconds_of(run)
    results = json.loads((out / "simulation" / "results.json").read_text())
    found = {key: results[key] for key in KEYS}
    wrong = sum(results["mismatches"].values())
    return found | {"samples": results["samples"], "mismatches": wrong, "command_seconds": round(wall, 2)}


def measure_verification(io: str, folder: Path, effort: Effort, say: Say) -> dict[str, Any]:
    """The first call compiles, runs the reference and QKeras; later ones only run the firmware."""
    say("hwgen simulate: the first time")
    out = folder / "simulate"
    shutil.rmtree(out, ignore_errors=True)  # nothing may be remembered from an earlier benchmark
    first = _simulate(out, io)
    say("hwgen simulate: again")
    again = [_simulate(out, io, "--force") for _ in range(effort.repeats)]
    return {"first": first, "again": min(again, key=lambda found: float(found["seconds"]))}
