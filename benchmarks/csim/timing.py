"""Clocks: everything is wall-clock seconds as a user sees them."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.simulation.toolchain import compiler_version, find_compiler


@dataclass(frozen=True)
class Effort:
    """How long is measured.

    Args:
        least: seconds that one measurement takes at least; its samples are chosen for that.
        repeats: measurements, of which the fastest counts: whatever else runs only slows down.
        quick: leaves out what compiles for minutes.
    """

    least: float
    repeats: int
    quick: bool = False


FULL, QUICK = Effort(3.0, 3), Effort(0.3, 1, quick=True)
TRIAL, SAME = Effort(0.5, 2), Effort(0.0, 4)
"""For figures that only illustrate; for a number of samples that is given."""


def seconds_of(call: Callable[[], Any]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def fastest(call: Callable[[], Any], repeats: int) -> float:
    """Seconds of the fastest of some calls."""
    return min(seconds_of(call) for _ in range(repeats))


def sustained(prepare: Callable[[int], Callable[[], Any]], start: int, effort: Effort) -> dict[str, Any]:
    """Samples a second, over so many samples that starting up does not count.

    Args:
        prepare: for a number of samples, what is to be measured; what it does itself is not.
        start: samples of the first call, which warms up and is not kept.
        effort: for how long.
    Returns:
        the fastest measurement. `processor_share` near 1 says that it did not have to wait for others.
    """
    count = start
    run = prepare(count)
    run()
    best = _measured(run)
    while best[0] < effort.least:
        count = max(2 * count, int(1.2 * count * effort.least / best[0]))
        run = prepare(count)
        best = _measured(run)
    for _ in range(effort.repeats - 1):
        best = min(best, _measured(run))
    seconds, busy = best
    return {
        "samples": count,
        "seconds": round(seconds, 3),
        "samples_per_second": round(count / seconds, 1),
        "processor_share": round(busy / seconds, 3),
    }


def _measured(run: Callable[[], Any]) -> tuple[float, float]:
    """(wall-clock seconds, seconds of processor time in this process and those it waited for)."""
    before = os.times()
    seconds = seconds_of(run)
    after = os.times()
    return seconds, sum(after[:4]) - sum(before[:4])


def exponent(x: list[float], y: list[float]) -> float:
    """Of the power of x that fits y best: the slope of a line through the logarithms."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def machine() -> dict[str, Any]:
    """What the numbers depend on beside the code, and who else was using it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        cpu = platform.processor() or platform.machine()
    compiler = find_compiler()
    return {
        "cpu": cpu,
        "cores": len(os.sched_getaffinity(0)),
        "compiler": compiler_version(compiler),
        "target": _target(compiler),
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 2),
    }


def _target(compiler: str) -> str:
    """What the compiler takes -march=native for."""
    command = [compiler, "-march=native", "-Q", "--help=target"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return next(line.split()[1] for line in lines if line.strip().startswith("-march="))
