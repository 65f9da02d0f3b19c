"""How much a pipeline toggles: with early exits, without, and the static network beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwgen.errors import RecipeError
from hwgen.files import write_atomic
from hwgen.simulation.rtl.activity import activity, against
from hwgen.simulation.rtl.bench import Run, Settings
from hwgen.simulation.rtl.design import STATIC, write_static
from hwgen.simulation.rtl.script import Script

if TYPE_CHECKING:
    from hwgen.simulation.rtl.simulate import RtlSimulation

TRACED = 256
"""Samples whose toggles are counted."""
EARLY, DISABLED = "early exits", "exits disabled"
SAIF = "pipeline.saif"
"""Bit by bit, of the active policy at full rate; in the simulation folder."""


def toggles(simulation: RtlSimulation, folder: Path) -> dict[str, Any]:
    """Activity with and without early exits, and of the static network, on the first `TRACED` samples.

    Args:
        simulation: of a pipeline whose stages are all RTL.
        folder: where the SAIF file is left.
    Returns:
        the entry `activity` of rtl.json.
    """
    count = min(TRACED, len(simulation.raw))
    simulation.progress("rtl, building with traces", 0, 1)
    bench = simulation.design.build(simulation.work / "traced", "vcd", jobs=2)
    script, unknown = simulation.script(simulation.calibration.active), simulation.script(simulation.unknown)
    static = _static(simulation, count)
    found: dict[str, Any] = {} if isinstance(static, dict) else {"no_static": static}
    for rate, settings in _traced(simulation, count).items():
        early = simulation.run(bench, f"toggles, {rate}", script, settings, count)
        if not settings.each:
            write_atomic(folder / SAIF, _saif(early))
            found["saif"] = SAIF
        disabled = simulation.run(bench, f"toggles, {rate}, no exits", unknown, settings, count)
        runs = {EARLY: activity(early), DISABLED: activity(disabled)}
        if isinstance(static, dict):
            found[rate] = against({**runs, STATIC: static[rate]}, STATIC)
        else:
            found[rate] = against(runs, DISABLED)
    return found


def _saif(run: Run) -> bytes:
    assert run.saif is not None  # the bench counts toggles
    return run.saif.read_bytes()


def _traced(simulation: RtlSimulation, count: int) -> dict[str, Settings]:
    """How the first `count` samples are traced: in one window back to back, and each in its own, spaced."""
    quiet = Settings(junk=False, trace=(0, count))
    return {"full_rate": quiet, "spaced": replace(quiet, spaced=simulation.gap, each=True)}


def _static(simulation: RtlSimulation, count: int) -> dict[str, Any] | str:
    """Activity of backbone and last head alone, without any of the pipeline's control; or why not."""
    simulation.progress("rtl, building the static network", 0, 1)
    work = simulation.work
    try:
        design = write_static(simulation.network, simulation.firmware, work / "static_rtl")
    except RecipeError as error:
        return str(error)
    bench = design.build(work / "static", "vcd", jobs=2)
    found: dict[str, Any] = {}
    for rate, settings in _traced(simulation, count).items():
        run = bench.run(simulation.stimuli(count), work / "run", Script(), settings)
        whole = activity(run)
        core = whole["blocks"]["stage1"]
        # What keeps it company in its pipeline is not held against it.
        found[rate] = whole | {"blocks": {"stage1": core}, "per_sample": core["total"], "per_exit": []}
    return found
