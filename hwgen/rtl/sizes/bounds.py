"""Sizes that follow from timing alone, whatever the samples do.

They count a FIFO or buffer as this pipeline builds it: an entry written in one cycle is there in the
next, and a place given back in one cycle can be taken in the next. Hence the `+ 1`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hwgen.errors import RecipeError
from hwgen.rtl.sizes.describe import DOOR, Pipeline, StageTiming

if TYPE_CHECKING:
    from hwgen.rtl.sizes.choose import Sizes

TAG_KEY = "firmware.tag_bits"


def meta_depth(stage: StageTiming) -> int:
    """Entries of the shell's meta FIFO that keep the stage at full rate.

    A sample holds its entry from admission, a cycle before it enters the core, until the gate takes its
    logits, and the place is free one cycle later: depth * pace >= logits + 2. The gate carries its own
    sideband.
    """
    return -(-meta_cycles(stage) // stage.pace)


def meta_cycles(stage: StageTiming) -> int:
    """Cycles for which a sample holds its entry in the meta FIFO when nothing stalls."""
    return DOOR + stage.logits + 1


def gate_places(stage: StageTiming) -> int:
    """Samples that can be inside the gate at once."""
    return -(-stage.gate_latency // stage.gate_interval)


def decision_slots(stage: StageTiming) -> int:
    """Feature slots that samples without a decision hold at full rate.

    A slot is reserved at admission and, if the sample leaves, free the cycle after the decision:
    slots * pace >= decision + 1. With fewer, even a stream in which all leave is slowed to
    slots / (decision + 1) samples per cycle. ATHEENA's `buff_min_delay` is the same rule, counted
    from the first feature beat instead of the reservation.
    """
    return -(-(stage.decision + 1) // stage.pace)


def deadlock_slots(stage: StageTiming, reserved: bool = True) -> int:
    """Fewest feature slots without deadlock.

    Args:
        stage: the stage.
        reserved: a slot is reserved at admission, as the stage shell does: then one slot is enough,
            since whatever is inside the core already owns the place it needs to get to its decision.
            False: the core itself waits for a slot at its first feature beat, all its registers with
            it (one enable, as a stalling HLS pipeline). Samples whose features appear before the
            first one's logits, cycle `logits` included, must all find a place, or the core waits for
            a decision that it holds back itself.
    """
    if reserved:
        return 1
    return (stage.logits - stage.features_from) // stage.interval + 1


def slow_rate(stage: StageTiming, slots: int) -> float:
    """Samples per cycle that `slots` feature slots allow when every sample leaves."""
    return min(1 / stage.pace, slots / (stage.decision + 1))


def in_flight(pipeline: Pipeline, sizes: Sizes) -> int:
    """Most samples between admission and output, whatever the stream and the stalls.

    Every sample from its admission to a stage until its decision, or until it has moved to the
    buffer's output register, owns a feature slot there; each of those registers may hold one more, and so may
    each gate: a sample whose slot is free and whose result FIFO is full. In the last stage a sample owns
    a meta entry or a place in the gate; after that a place in a result FIFO. A reorder buffer gives out
    its entries at admission and so bounds everything.
    """
    if sizes.reorder is not None:
        return sizes.reorder
    last = pipeline.stages[-1]
    stages = sum(held + 2 for held in sizes.slots) + sizes.meta[-1] + gate_places(last)
    return stages + len(pipeline.stages) * sizes.exit_depth + sizes.out_depth


def least_tag_bits(most: int) -> int:
    """Bits of the smallest tag with more values than `most` samples in flight."""
    return max(1, int(most).bit_length())


def check_tag_bits(tag_bits: int, most: int) -> None:
    """Refuses a tag that could name two samples in flight.

    Raises:
        RecipeError: names the key, the value and the minimum.
    """
    least = least_tag_bits(most)
    if tag_bits < least:
        raise RecipeError(
            TAG_KEY,
            f"is {tag_bits}, but {most} samples can be in flight at once and need {least} bits",
            f"give {least} or more",
        )
