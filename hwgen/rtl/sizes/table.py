"""Rows of the report's table: what each depth costs in bits and throughput."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hwgen.rtl.sizes.bounds import decision_slots
from hwgen.rtl.sizes.choose import Plan, Sizes, cost_of, pipeline_rate
from hwgen.rtl.sizes.describe import Pipeline
from hwgen.rtl.sizes.memory import Memory

POINTS = (-10, -5, 0, 5, 10)
"""Percentage points more of the samples that continue at every exit."""


@dataclass(frozen=True)
class Row:
    """One choice of one depth; the others as planned.

    Args:
        choice: which depth: `stage1 slots`, `stage1 meta`, `exit FIFOs`, `reorder`.
        depth: in samples.
        chosen: whether it is the planned one.
        bits: what this buffer, or these buffers, hold.
        memory: what they are built of.
        throughput: samples per cycle of the pipeline at each of POINTS.
        ideal: the same with buffers without end.
        source: always "estimate".
    """

    choice: str
    depth: int
    chosen: bool
    bits: int
    memory: Memory
    throughput: tuple[float, ...]
    ideal: tuple[float, ...]
    source: str = "estimate"


def depths_of(chosen: int, least: int = 1) -> list[int]:
    """Depths worth a row: doublings from `least`, the choice with its neighbours, and twice the choice."""
    wanted = {least, chosen - 1, chosen, chosen + 1, 2 * chosen}
    step = 1
    while step < chosen:
        wanted.add(step)
        step *= 2
    return sorted(depth for depth in wanted if depth >= 1)


def rows(pipeline: Pipeline, plan: Plan, depths: Iterable[int] | None = None) -> list[Row]:
    """Rows of the table.

    Args:
        pipeline: at the calibrated shares.
        plan: its sizes.
        depths: depths to show of every choice; None: a few around each choice.
    """
    fixed = None if depths is None else sorted(set(depths))
    answer = []
    for index, stage in enumerate(pipeline.stages[:-1]):
        chosen = plan.sizes.slots[index]
        for depth in fixed or depths_of(chosen, decision_slots(stage)):
            slots = (*plan.sizes.slots[:index], depth, *plan.sizes.slots[index + 1 :])
            sizes = replace(plan.sizes, slots=slots)
            answer.append(
                _row(pipeline, sizes, f"{stage.name} slots", [f"{stage.name} features"], depth, chosen)
            )
    for index, stage in enumerate(pipeline.stages):
        chosen = plan.sizes.meta[index]
        for depth in fixed or depths_of(chosen):
            meta = (*plan.sizes.meta[:index], depth, *plan.sizes.meta[index + 1 :])
            sizes = replace(plan.sizes, meta=meta)
            answer.append(_row(pipeline, sizes, f"{stage.name} meta", [f"{stage.name} meta"], depth, chosen))
    results = [f"{stage.name} results" for stage in pipeline.stages]
    for depth in fixed or depths_of(plan.sizes.exit_depth):
        sizes = replace(plan.sizes, exit_depth=depth)
        answer.append(_row(pipeline, sizes, "exit FIFOs", results, depth, plan.sizes.exit_depth))
    if plan.sizes.reorder is not None:
        for depth in fixed or depths_of(plan.sizes.reorder):
            sizes = replace(plan.sizes, reorder=depth)
            answer.append(_row(pipeline, sizes, "reorder", ["reorder"], depth, plan.sizes.reorder))
    return answer


def _row(pipeline: Pipeline, sizes: Sizes, choice: str, buffers: list[str], depth: int, chosen: int) -> Row:
    cost = cost_of(pipeline, sizes)
    needed = sum((cost[name] for name in buffers), Memory())
    shifted = [pipeline.shifted(points) for points in POINTS]
    return Row(
        choice,
        depth,
        depth == chosen,
        needed.bits,
        needed,
        tuple(pipeline_rate(moved, sizes) for moved in shifted),
        tuple(moved.ideal for moved in shifted),
    )
