"""Every way that could upset a pipeline, each over all samples, with every answer compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.fixedpoint import IntArray
from hwgen.simulation.compare import Comparison, add_up
from hwgen.simulation.rtl.bench import Bench, Run, Settings
from hwgen.simulation.rtl.check import COMPARED, compare_run, faults
from hwgen.simulation.rtl.script import Script
from hwgen.simulation.rtl.stimuli import Stimuli

STALLS = (0, 10, 50, 90)
"""Percent of cycles in which a side stands still, tried on both sides."""
RESETS = 6
"""Resets in mid-stream of a run that has any."""

ScriptFor = Callable[[int], Script]
"""Makes the script of a run with that many sends: policies before the first sample and in mid-stream."""


@dataclass
class Findings:
    """What all runs on one pipeline found.

    Args:
        comparisons: one per run.
        runs: one entry per run: name, samples answered, cycles, samples lost to resets, faults.
    """

    comparisons: list[Comparison] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, run: Run, expected: Sequence[IntArray], more: Sequence[str] = ()) -> None:
        """Judges one run; `more` are faults that only the caller can see."""
        self.comparisons.append(compare_run(run, expected, f"rtl, {name}"))
        self.runs.append(
            {
                "run": name,
                "answered": run.summary["answered"],
                "cut_by_reset": run.summary["cut_by_reset"],
                "resets": len(run.script.resets),
                "cycles": run.summary["cycles"],
                "mismatches": dict(self.comparisons[-1].counts),
                "faults": [*faults(run), *more],
            }
        )

    @property
    def passed(self) -> bool:
        return not any(item.total for item in self.comparisons) and not any(
            run["faults"] for run in self.runs
        )

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON. Features and logits are inside the pipeline: they are not among `compared`."""
        return {
            "runs": len(self.runs),
            "compared": [*COMPARED, "tag"],
            "mismatches": add_up(self.comparisons),
            "broken_rules": [f"rtl, {run['run']}: {text}" for run in self.runs for text in run["faults"]],
            "by_run": self.runs,
        }

    def wrong(self) -> dict[str, Any]:
        """The answers that differ, as far as they are named, and the rules that were broken."""
        named = [entry for comparison in self.comparisons for entry in comparison.named]
        return {"answers": named, "rules": self.to_dict()["broken_rules"]}


def campaign(
    bench: Bench,
    stimuli: Stimuli,
    expected: Sequence[IntArray],
    script_for: ScriptFor,
    folder: Path,
    settings: Settings | None = None,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
    found: Findings | None = None,
) -> Findings:
    """Stalls of 0, 10, 50 and 90 % on both sides, back to back and spaced, each without and with resets.

    With resets the samples that were cut off are sent again, so every run answers every sample.

    Args:
        bench: compiled without traces.
        stimuli: what is sent in each run.
        expected: per policy, int64 (samples, 3): class, exit (from 1), abstain.
        script_for: the script; called once per run.
        folder: for the files of the runs; each run overwrites the last.
        settings: seed and limits.
        progress: told what runs, results so far and in all.
        found: of runs before, to be added to.
    Returns:
        the findings of all runs.
    """
    base, found = settings or Settings(), Findings() if found is None else found
    sends = len(stimuli.tags)
    for number, (stall, spaced) in enumerate((s, p) for s in STALLS for p in (None, 0)):
        name = f"{stall} % stalls, {'back to back' if spaced is None else 'spaced'}"
        here = replace(base, gaps=stall, stalls=stall, spaced=spaced, seed=base.seed + number)

        def advance(done: int, what: str = name) -> None:
            progress(what, done, sends)

        plain = bench.run(stimuli, folder, script_for(sends), here, advance)
        found.add(name, plain, expected)
        script = script_for(sends)
        random = np.random.default_rng(here.seed)
        cycles = max(RESETS + 1, plain.summary["cycles"] - 1)
        for cycle in np.sort(random.choice(cycles, RESETS, replace=False)):
            script.reset(int(cycle), int(random.integers(1, 4)))
        run = bench.run(stimuli, folder, script, replace(here, resend=True), advance)
        found.add(f"{name}, {RESETS} resets", run, expected)
    return found
