"""Depths and widths of a pipeline's buffers, and the throughput that they cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from hwgen.errors import RecipeError
from hwgen.rtl.sizes.bounds import (
    check_tag_bits,
    decision_slots,
    in_flight,
    least_tag_bits,
    meta_cycles,
    meta_depth,
    slow_rate,
)
from hwgen.rtl.sizes.describe import FETCH, RESULT, Pipeline, StageTiming
from hwgen.rtl.sizes.memory import Memory, memory
from hwgen.rtl.sizes.merge import exit_depth, merge_loss
from hwgen.rtl.sizes.parts import check_fit
from hwgen.rtl.sizes.queue import extra_wait, longest_wait

LOSS = 0.01
"""Throughput that a feature buffer may cost, against one without end."""
SAFE_POINTS = (0, 5)
"""Percentage points more of the samples that continue, at which it may cost no more."""
MOST_SLOTS = 64
"""Feature slots up to which a queue is given more: near a load of 1 each further one brings less and
less, and beyond it the search for a free slot limits the clock (feature_buffer.sv)."""
RARE = 1e-3
"""Share of samples that may wait longer than the reorder buffer is deep for."""
OUT_DEPTH = 2
"""The output FIFO only separates handshakes: results that wait do so in front of the merge."""


@dataclass(frozen=True)
class Sizes:
    """Depths of a pipeline's buffers, in samples.

    Args:
        slots: feature slots per stage but the last.
        meta: entries of each shell's meta FIFO.
        exit_depth: results in front of the merge, per exit.
        out_depth: results behind it.
        reorder: entries of the reorder buffer; None: results leave as they come.
    Raises:
        RecipeError: a depth below 1, or not one meta FIFO per stage and one buffer between two.
    """

    slots: tuple[int, ...]
    meta: tuple[int, ...]
    exit_depth: int
    out_depth: int = OUT_DEPTH
    reorder: int | None = None

    def __post_init__(self) -> None:
        depths = (*self.slots, *self.meta, self.exit_depth, self.out_depth, self.reorder or 1)
        if min(depths) < 1 or self.reorder == 0 or len(self.meta) != len(self.slots) + 1:
            raise RecipeError("sizes", f"are {self}", "give every buffer a depth of 1 or more, one per stage")


@dataclass(frozen=True)
class Plan:
    """Sizes with what follows from them.

    Args:
        sizes: the depths.
        in_flight: most samples between admission and output.
        tag_bits: bits of the tag.
        cost: per buffer, by name.
        notes: what a reader has to know: losses above the aim, a part that is not in the table.
    """

    sizes: Sizes
    in_flight: int
    tag_bits: int
    cost: dict[str, Memory]
    notes: tuple[str, ...]


def buffer_rate(stage: StageTiming, after: StageTiming, slots: int, service: float) -> float:
    """Samples per cycle that one feature buffer lets a busy stage decide; a lower bound.

    Args:
        stage: the stage in front of the buffer.
        after: the stage behind it.
        slots: feature slots.
        service: cycles between samples that `after` takes, waiting further on included.
    """
    if slots == 1:
        return 1 / max(stage.pace, stage.decision + 1 + stage.continues * (service + after.in_beats))
    best = 0.0
    # Slots divided between samples without a decision and the queue: the best division counts. A slower
    # stage in front waits no longer, so that waits at full pace bound the waits at any.
    wanted = slots - decision_slots(stage)
    for places in {max(1, wanted), slots - 1, 3 * slots // 4, slots // 2, max(1, slots // 4)} - {0, slots}:
        pace = 1 / slow_rate(stage, slots - places)
        waits = extra_wait(stage.continues, stage.pace, service, after.in_beats, places)
        best = max(best, 1 / (pace + waits))
    return best


def pipeline_rate(pipeline: Pipeline, sizes: Sizes) -> float:
    """Samples per cycle of the whole pipeline, an estimate on the lower side.

    From the last stage backwards: what a full buffer makes a stage wait is part of the interval at
    which it serves the buffer in front of it. The merge's and the reorder buffer's limits come on top.
    """
    stages = pipeline.stages
    service = max(stages[-1].pace, meta_cycles(stages[-1]) / sizes.meta[-1])
    for index in range(len(stages) - 2, -1, -1):
        rate = buffer_rate(stages[index], stages[index + 1], sizes.slots[index], service)
        service = max(1 / rate, meta_cycles(stages[index]) / sizes.meta[index])
    rate = 1 / service
    if len(stages) > 1:
        rate *= 1 - merge_loss(pipeline, sizes.exit_depth, queued_places(pipeline, sizes.slots))
    if sizes.reorder is not None:
        rate = min(rate, sizes.reorder / longest(pipeline))
    return rate


def queued_places(pipeline: Pipeline, slots: tuple[int, ...]) -> tuple[int, ...]:
    """Slots per stage but the last that are there for the queue behind it."""
    return tuple(
        max(0, held - decision_slots(stage)) for held, stage in zip(slots, pipeline.stages, strict=False)
    )


def longest(pipeline: Pipeline) -> int:
    """Cycles of a sample that leaves last, from admission until its place is free, without waiting.

    One to be written to the reorder buffer and one until the place can be given out again.
    """
    return sum(stage.decision + FETCH for stage in pipeline.stages) - FETCH + RESULT + 2


def choose_slots(pipeline: Pipeline, index: int) -> int:
    """Smallest number of feature slots behind stage `index` (from 0) that loses at most LOSS.

    Against a buffer without end, at each of SAFE_POINTS; MOST_SLOTS, or one for the queue, if none does.
    """
    base = decision_slots(pipeline.stages[index])
    low, high = 1, max(1, MOST_SLOTS - base)

    def enough(places: int) -> bool:
        return all(_loss(pipeline.shifted(points), index, base + places) <= LOSS for points in SAFE_POINTS)

    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return base + low


def _loss(pipeline: Pipeline, index: int, slots: int) -> float:
    stage, after = pipeline.stages[index : index + 2]
    ideal = 1 / max(stage.pace, stage.continues * after.pace)
    return 1 - buffer_rate(stage, after, slots, after.pace) / ideal


def choose_sizes(pipeline: Pipeline) -> Sizes:
    """Sizes for full rate, with little loss at SAFE_POINTS."""
    stages = pipeline.stages
    slots = tuple(choose_slots(pipeline, index) for index in range(len(stages) - 1))
    shifted = [pipeline.shifted(points) for points in SAFE_POINTS]
    places = queued_places(pipeline, slots)
    results = max(exit_depth(moved, places) for moved in shifted)
    sizes = Sizes(slots, tuple(meta_depth(stage) for stage in stages), results)
    if not pipeline.reorder:
        return sizes
    return replace(sizes, reorder=max(_reorder_depth(moved, places) for moved in shifted))


def _reorder_depth(pipeline: Pipeline, places: tuple[int, ...]) -> int:
    """Samples that enter while the slowest one, but for RARE ones, is on its way."""
    cycles = longest(pipeline)
    for before, after, held in zip(pipeline.stages[:-1], pipeline.stages[1:], places, strict=True):
        about = (before.continues, before.pace, after.pace, after.in_beats)
        cycles += longest_wait(*about, max(1, held), RARE)
    return ceil(cycles * pipeline.ideal)


def cost_of(pipeline: Pipeline, sizes: Sizes) -> dict[str, Memory]:
    """Memory of every buffer, by name; without the registers that any depth has."""
    cost = {}
    for stage, slots in zip(pipeline.stages[:-1], sizes.slots, strict=True):
        # Beside the features: three queues of slot numbers, the committed ones with their sideband.
        number = max(1, (slots - 1).bit_length())
        kept = stage.meta_bits if stage.kept_meta_bits is None else stage.kept_meta_bits
        queues = 2 * [memory(slots, number)] + [memory(slots, number + kept)]
        words = memory(slots * stage.feature_beats, stage.feature_bits, block=True)
        cost[f"{stage.name} features"] = sum(queues, words)
    for stage, depth in zip(pipeline.stages, sizes.meta, strict=True):
        cost[f"{stage.name} meta"] = memory(depth, stage.meta_bits)
    for stage in pipeline.stages:
        cost[f"{stage.name} results"] = memory(sizes.exit_depth, pipeline.result_bits)
    cost["output"] = memory(sizes.out_depth, pipeline.result_bits)
    if sizes.reorder is not None:
        cost["reorder"] = memory(sizes.reorder, pipeline.result_bits + 1)
    return cost


def plan_sizes(
    pipeline: Pipeline, part: str, tag_bits: int | None = None, sizes: Sizes | None = None
) -> Plan:
    """Chooses sizes, or takes given ones, and checks them.

    Args:
        pipeline: timing, widths and calibrated shares.
        part: the recipe's `firmware.part`.
        tag_bits: bits of the tag; None: as many as are needed.
        sizes: depths to take instead of the computed ones.
    Raises:
        RecipeError: buffers that the part cannot hold; a tag that is too narrow.
    """
    sizes = sizes or choose_sizes(pipeline)
    most = in_flight(pipeline, sizes)
    if tag_bits is not None:
        check_tag_bits(tag_bits, most)
    cost = cost_of(pipeline, sizes)
    notes = check_fit(part, sum(cost.values(), Memory()))
    for index, stage in enumerate(pipeline.stages[:-1]):
        lost = max(_loss(pipeline.shifted(points), index, sizes.slots[index]) for points in SAFE_POINTS)
        if lost > LOSS:
            notes.append(f"{stage.name}: {sizes.slots[index]} feature slots cost up to {lost:.1%} throughput")
    return Plan(sizes, most, tag_bits or least_tag_bits(most), cost, tuple(notes))
