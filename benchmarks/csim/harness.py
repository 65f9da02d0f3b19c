"""The firmware as `hwgen simulate` compiles and runs it, with fast or reference types."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from csim.case import Case, cycled
from csim.timing import Effort, sustained
from hwgen.simulation.blocks import Firmware
from hwgen.simulation.processes import Progress
from hwgen.simulation.toolchain import Toolchain, Unit


class OneByOne(Toolchain):
    """Compiles the units of some stages one after another, and notes how long each takes.

    What belongs to other blocks is left out: their objects and programs are not there.
    """

    stages: tuple[str, ...] = ()
    seconds: dict[str, float]

    def compile(self, units: dict[str, Unit], progress: Progress | None = None) -> dict[str, Path]:
        self.seconds = {}
        objects = dict.fromkeys(units, self.cache / "left_out.o")
        for name, unit in units.items():
            if name.removesuffix(" main") in self.stages:
                start = time.perf_counter()
                objects |= super().compile({name: unit}, progress)
                self.seconds[name] = time.perf_counter() - start
        return objects

    def link(self, name: str, objects: list[Path]) -> Path:
        if name not in self.stages:
            return self.cache / "left_out"
        start = time.perf_counter()
        target = super().link(name, objects)
        self.seconds[f"{name} link"] = time.perf_counter() - start
        return target


def compile_alone(
    case: Case, tree: Path, work: Path, types: str, stages: tuple[str, ...]
) -> tuple[Firmware, dict[str, float]]:
    """Compiles some stages from an empty cache.

    Returns:
        (programs of these stages, for each the seconds of unit, main and link one after the other).
    """
    shutil.rmtree(work, ignore_errors=True)
    firmware = Firmware(tree, case.network, case.gates, work, types)
    toolchain = OneByOne(firmware.tree, firmware.work / "objects", types)
    toolchain.stages = stages
    firmware.toolchain = toolchain
    firmware.build()
    parts = ("", " main", " link")
    return firmware, {
        stage: round(sum(toolchain.seconds[stage + part] for part in parts), 2) for stage in stages
    }


def stage_rate(case: Case, firmware: Firmware, index: int, effort: Effort, start: int = 64) -> dict[str, Any]:
    """Samples a second of one stage in one process, files written and read included; differing values.

    Args:
        start: samples to begin with; an effort of no seconds keeps to them.
    """
    firmware.toolchain.jobs = 1
    raw, right = case.inputs(index), case.values[index]
    answers: list[Any] = []

    def prepare(count: int) -> Callable[[], None]:
        samples = cycled(raw, count)

        def run() -> None:
            answers[:] = firmware.run_stage(index, samples)

        return run

    found = sustained(prepare, start, effort)
    features, _, logits = answers
    wrong = int((logits != cycled(right.logits, found["samples"])).sum())
    if not case.is_last(index):
        expected = cycled(right.features.reshape(len(raw), -1), found["samples"])
        wrong += int((features != expected).sum())
    return found | {"mismatches": wrong}
