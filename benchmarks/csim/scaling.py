"""How time grows with the number of samples and with the work per sample, in one process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from csim.case import Case, cycled
from csim.harness import stage_rate
from csim.networks import SIZES, random_case
from csim.stages import Say
from csim.timing import Effort, exponent, fastest
from hwgen.simulation.blocks import Firmware

SAMPLES = (100, 200, 500, 1000, 2000, 5000, 10000)
REPEATS = 5
CHECKED = 24
"""Random samples of each network that are run over and over, and compared with the reference."""


def measure_samples(case: Case, folder: Path, say: Say) -> dict[str, Any]:
    """Seconds for two decades of sample counts on the last stage, which does the most work per byte."""
    index = len(case.network.stages) - 1
    say("cost of samples")
    firmware = Firmware(case.write(folder / "firmware"), case.network, case.gates, folder / "fast", "fast")
    firmware.build()
    firmware.toolchain.jobs = 1
    seconds = []
    for count in SAMPLES:
        raw = cycled(case.inputs(index), count)
        firmware.run_stage(index, raw)
        seconds.append(fastest(lambda raw=raw: firmware.run_stage(index, raw), REPEATS))  # type: ignore[misc]
    found = zip(SAMPLES, seconds, strict=True)
    # A line through all points, the short ones counting as much as the long ones.
    each, start_up = np.polyfit(SAMPLES, seconds, 1, w=1 / np.array(seconds))
    return {
        "stage": case.network.stages[index].name,
        "points": [{"samples": count, "seconds": round(value, 4)} for count, value in found],
        "exponent": round(exponent([float(count) for count in SAMPLES], seconds), 3),
        "start_up_seconds": round(float(start_up), 4),
        "microseconds_per_sample": round(1e6 * float(each), 2),
    }


def measure_macs(base: Case, folder: Path, effort: Effort, say: Say) -> dict[str, Any]:
    """Seconds per sample for two decades of MACs per sample."""
    points = []
    for side, channels in SIZES:
        case = random_case(base, side, channels, CHECKED)
        macs = case.network.exit_macs()[-1]
        say(f"cost of MACs: {macs:,}")
        place = folder / f"macs{macs}"
        firmware = Firmware(case.write(place / "firmware"), case.network, [], place / "work", "fast")
        firmware.build()
        rate = stage_rate(case, firmware, 0, effort)
        per_sample = 1 / rate["samples_per_second"]
        points.append(
            {
                "input": f"{side}x{side}x3",
                "macs": macs,
                **rate,
                "microseconds_per_sample": round(1e6 * per_sample, 2),
                "gmacs_per_second": round(macs / per_sample / 1e9, 2),
            }
        )
    costs = [1 / point["samples_per_second"] for point in points]
    return {"points": points, "exponent": round(exponent([point["macs"] for point in points], costs), 3)}
