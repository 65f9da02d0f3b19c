"""The kernel with real exits against hls4ml on the same network without exits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from csim.case import Case, without_exits
from csim.hls4ml_graph import Graph
from csim.stages import Say
from csim.timing import Effort, fastest
from hwgen.criteria import observe
from hwgen.firmware.registers import Register, decide_policy, register_bank
from hwgen.simulation.blocks import Firmware


def _kernel(case: Case, firmware: Firmware, bank: list[Register], effort: Effort) -> dict[str, Any]:
    """The active policy on the whole test set, with as many processes as `firmware` may start."""
    raw = case.data.test.raw
    answers: list[Any] = []

    def run() -> None:
        answers[:] = firmware.run_kernel(raw, bank, case.calibration.active)

    seconds = fastest(run, 2 * effort.repeats)
    results, counts = answers
    runs = counts[: len(case.network.stages)]
    spent = [stage.macs + stage.head_macs for stage in case.network.stages]
    return {
        "samples": len(raw),
        "seconds": round(seconds, 3),
        "samples_per_second": round(len(raw) / seconds, 1),
        "processes": firmware.toolchain.jobs,
        "stage_runs": runs.tolist(),
        "macs_per_sample": round(float(np.dot(runs, spent)) / len(raw)),
        "classes": results[:, 0],
        "exits": results[:, 1],
    }


def _judged(case: Case, found: dict[str, Any], policy: int) -> dict[str, Any]:
    """The measurement with a count of wrong answers in place of the answers."""
    right = decide_policy(case.calibration, observe(case.gates, case.values), policy)
    wrong = int((found.pop("classes") != right.class_).sum() + (found.pop("exits") != right.exit + 1).sum())
    return found | {"mismatches": wrong}


def measure_whole(case: Case, folder: Path, effort: Effort, say: Say) -> dict[str, Any]:
    """Both, for one io type: the kernel with its exits, with exits disabled, in one process; hls4ml."""
    say("kernel: compiling")
    firmware = Firmware(case.write(folder / "firmware"), case.network, case.gates, folder / "fast", "fast")
    firmware.build()
    bank = register_bank(case.calibration)
    disabled = [(threshold, 0) for threshold, _ in bank]
    none, active = len(case.calibration.policies), case.calibration.active  # no such policy: nobody leaves
    say("kernel: running")
    found: dict[str, Any] = {
        "exits": _judged(case, _kernel(case, firmware, bank, effort), active),
        "exits_disabled": _judged(case, _kernel(case, firmware, disabled, effort), none),
    }
    firmware.toolchain.jobs = 1
    found["exits_one_process"] = _judged(case, _kernel(case, firmware, bank, effort), active)
    found["policy_points"] = case.calibration.policies[active].points
    if effort.quick:
        return found
    say("network without exits: hls4ml -O3")
    graph = Graph(without_exits(case.network), True, case.loaded, folder / "hls4ml" / "whole")
    entry: dict[str, Any] = {"macs_per_sample": case.network.static_macs, **graph.compile()}
    entry |= graph.predict(case.data.test.raw, case.values[-1].logits, effort)
    return found | {"hls4ml": entry}
