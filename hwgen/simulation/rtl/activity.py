"""Toggles per sample: by block, by kind of net, by exit, and against other pipelines.

A toggle is one bit of one net that changes. Nets count once, where they are driven; there is no delay in
this simulation, so glitches are not seen, and no capacitance, so toggles are no energy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from hwgen.errors import CheckFailed
from hwgen.fixedpoint import IntArray
from hwgen.simulation.rtl import SOURCE
from hwgen.simulation.rtl.bench import Run

KINDS = ("register", "clock", "other")
BlockOf = Callable[[str], str]
"""Name of the block a scope belongs to, from its path: `hwgen_pipeline.u_stage1.u_core`."""

_NUMBERED = re.compile(r"(stage|gate)_?(\d+)")


def block_of(path: str) -> str:
    """Default blocks: `stage1`, `gate1`, ... by the outermost instance so called, otherwise `control`.

    A gate inside a stage is a gate.
    """
    found = [match for part in path.split(".")[1:] for match in _NUMBERED.findall(part)]
    gates = [f"{name}{number}" for name, number in found if name == "gate"]
    stages = [f"{name}{number}" for name, number in found if name == "stage"]
    return (gates or stages or ["control"])[0]


def _place(block: str) -> tuple[bool, int, bool, str]:
    """Order of the blocks: stage 1, gate 1, stage 2, ... and last what has no number."""
    number = _NUMBERED.fullmatch(block)
    return (number is None, int(number[2]) if number else 0, block.startswith("gate"), block)


def _sums(run: Run, of: BlockOf) -> tuple[list[str], IntArray]:
    """Blocks, and toggles int64 (windows, blocks, kinds)."""
    if run.toggles is None or run.windows is None:
        raise CheckFailed("activity", "the run counted no toggles", "build the bench with trace='vcd'")
    groups = run.toggles["groups"]
    names = [of(group["scope"]) for group in groups]
    blocks = sorted(set(names), key=_place)
    sums = np.zeros((len(run.windows), len(blocks), len(KINDS)), dtype=np.int64)
    for column, (group, name) in enumerate(zip(groups, names, strict=True)):
        sums[:, blocks.index(name), KINDS.index(group["kind"])] += run.windows[:, column]
    return blocks, sums


def _entry(toggles: np.ndarray, samples: int) -> dict[str, float]:
    """Toggles per sample of one block: in all and per kind."""
    per_kind = {kind: float(toggles[i] / samples) for i, kind in enumerate(KINDS)}
    return {"total": sum(per_kind.values()), **per_kind}


def activity(run: Run, of: BlockOf = block_of) -> dict[str, Any]:
    """Toggles per sample of a traced run.

    Args:
        run: traced with toggles, without resets in the traced part.
        of: which block a scope belongs to.
    Returns:
        `samples` traced, `per_sample` in all, `blocks` {block: total, register, clock, other per sample},
        `per_exit` [{samples, blocks} or None] where every sample had a window of its own, `bits` {block: bits of
        nets counted}, `source`.
    """
    blocks, sums = _sums(run, of)
    first, end = run.settings.trace or (0, 0)
    samples = min(end, len(run.sends)) - first
    total = sums.sum(axis=0)
    exits = dict(zip(run.results[:, 0].tolist(), run.results[:, 3].tolist(), strict=True))
    per_exit: list[dict[str, Any] | None] = []
    if run.settings.each:
        if len(sums) != samples:
            raise CheckFailed(
                "activity", f"{len(sums)} windows for {samples} samples", "trace without resets"
            )
        left = np.array([exits.get(send, 0) for send in range(first, first + samples)])
        for number in range(1, len(run.summary["exits"]) + 1):
            here = sums[left == number]
            per_exit.append(
                {
                    "samples": len(here),
                    "blocks": {
                        name: _entry(here[:, i].sum(axis=0), len(here)) for i, name in enumerate(blocks)
                    },
                }
                if len(here)
                else None
            )
    bits = dict.fromkeys(blocks, 0)
    for group in (run.toggles or {})["groups"]:
        bits[of(group["scope"])] += group["bits"]
    return {
        "samples": samples,
        "per_sample": float(total.sum() / samples),
        "blocks": {name: _entry(total[i], samples) for i, name in enumerate(blocks)},
        "per_exit": per_exit,
        "bits": bits,
        "source": SOURCE,
    }


def against(runs: Mapping[str, dict[str, Any]], baseline: str) -> dict[str, Any]:
    """Puts activities side by side.

    Args:
        runs: by name, such as `early exit`, `exits disabled`, `static`; from `activity`.
        baseline: the one that the others are compared with.
    Returns:
        `runs`, `baseline`, `saved` {name: share of the baseline's toggles per sample}, `source`.
    """
    reference = runs[baseline]["per_sample"]
    saved = {name: 1 - run["per_sample"] / reference for name, run in runs.items() if name != baseline}
    return {"runs": dict(runs), "baseline": baseline, "saved": saved, "source": SOURCE}
