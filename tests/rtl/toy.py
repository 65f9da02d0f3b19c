"""The toy pipeline of toy_pipeline.sv: its samples, its registers, and what it must answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwgen.fixedpoint import IntArray
from hwgen.simulation.rtl.bench import Design
from hwgen.simulation.rtl.script import Script, write
from hwgen.simulation.rtl.stimuli import Stimuli, mixed_tags, pack

D1, D2 = 3, 5
BITS, TAG_BITS = 72, 16
THRESHOLD, ENABLE, COUNTS, MUTANT = 0x0, 0x4, (0x8, 0xC), 0x10
POLICIES = (0x80, 0x20, 0xF0)
"""Thresholds."""

DESIGN = Design((Path(__file__).parent / "toy_pipeline.sv",), 2, TAG_BITS)


def samples(count: int, seed: int = 1) -> IntArray:
    """Bytes of each sample, int64 (count, 9)."""
    return np.random.default_rng(seed).integers(0, 256, (count, 9))


def stimuli(raw: IntArray, sends: int | None = None) -> Stimuli:
    return Stimuli(pack(raw, 8), BITS, 1, mixed_tags(len(raw) if sends is None else sends, TAG_BITS))


def answers(raw: IntArray, threshold: int, enable: bool = True) -> IntArray:
    """Class, exit, abstain, int64 (n, 3)."""
    leaves = (raw[:, 1] >= threshold) & enable
    class_ = np.where(leaves, raw[:, 0] & 15, raw[:, 0] >> 4)
    return np.stack([class_, np.where(leaves, 1, 2), np.where(leaves, 0, raw[:, 2] & enable)], axis=1)


def expected(raw: IntArray) -> list[IntArray]:
    return [answers(raw, threshold) for threshold in POLICIES]


def script(sends: int, mutant: int = 0) -> Script:
    """Policy 0, 1 in mid-stream, 2 with the sample waiting for it."""
    made = Script()
    made.add([write(MUTANT, mutant), write(ENABLE, 1)])
    made.switch([write(THRESHOLD, POLICIES[0])], 0)
    made.switch([write(THRESHOLD, POLICIES[1])], 1, due=sends // 3)
    made.switch([write(THRESHOLD, POLICIES[2])], 2, due=2 * sends // 3, hold=True)
    made.read_at_end(COUNTS)
    return made


def plain(threshold: int = POLICIES[0], enable: int = 1) -> Script:
    """One policy, with abstention unless disabled."""
    made = Script()
    made.add([write(MUTANT, 0), write(ENABLE, enable)])
    made.switch([write(THRESHOLD, threshold)], 0)
    return made
