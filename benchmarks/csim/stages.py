"""Each stage alone: hls4ml, our harness with both sets of types, and loops written by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from csim.case import Case
from csim.harness import compile_alone, stage_rate
from csim.hls4ml_graph import Graph
from csim.nest import nest_rate
from csim.timing import Effort

Say = Callable[[str], None]


def measure_hls4ml(case: Case, folder: Path, effort: Effort, say: Say) -> dict[str, Any]:
    """hls4ml's compile and predict, stage by stage."""
    found: dict[str, Any] = {}
    for index, stage in enumerate(case.network.stages[: 1 if effort.quick else None]):
        say(f"{stage.name}: hls4ml -O1")
        graph = Graph(stage, case.is_last(index), case.loaded, folder / stage.name)
        entry: dict[str, Any] = {"script_seconds_o1": round(graph.build("-O1"), 2)}
        say(f"{stage.name}: hls4ml -O3")
        entry |= graph.compile()
        entry |= graph.predict(case.inputs(index), case.values[index].logits, effort)
        found[stage.name] = entry
    return found


def measure_stages(case: Case, folder: Path, effort: Effort, say: Say) -> dict[str, Any]:
    """All contestants on all stages of one io type.

    Returns:
        contestant -> stage -> what was measured.
    """
    tree = case.write(folder / "firmware")
    found: dict[str, Any] = {"hls4ml": measure_hls4ml(case, folder / "hls4ml", effort, say)}
    names = tuple(stage.name for stage in case.network.stages)
    for types in ("reference", "fast"):
        chosen = names[:1] if effort.quick and types == "reference" else names
        say(f"compiling with {types} types")
        firmware, compiled = compile_alone(case, tree, folder / types, types, chosen)
        found[types] = {}
        for index, name in enumerate(chosen):
            say(f"{name}: {types} types")
            rate = stage_rate(case, firmware, index, effort)
            found[types][name] = {"compile_seconds": compiled[name], **rate}
            if types == "fast":
                # At once, so that both find the machine in the same state.
                say(f"{name}: loops written by hand")
                loops = nest_rate(case, firmware, index, folder / "nest", rate["samples"])
                found.setdefault("loop_nest", {})[name] = loops
    return found
