"""Runs the pipeline of a tree over the test set: right or not, how fast, how busy, how much it toggles."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from hwgen.calibration import Calibration
from hwgen.criteria import observe, read_embeddings
from hwgen.data import DataSet
from hwgen.errors import RecipeError
from hwgen.files import write_atomic
from hwgen.firmware.registers import decide_policy, registers
from hwgen.fixedpoint import IntArray
from hwgen.recipe import LoadedRecipe
from hwgen.reference.network import IntegerNetwork
from hwgen.simulation.compare import Comparison, add_up
from hwgen.simulation.remembered import reference_values
from hwgen.simulation.rtl import SOURCE, measures
from hwgen.simulation.rtl.activity import activity, against
from hwgen.simulation.rtl.bench import Bench, Run, Settings
from hwgen.simulation.rtl.check import COMPARED, compare_run, faults
from hwgen.simulation.rtl.design import STATIC, beats_of, expected_answers, read_tree, write_static
from hwgen.simulation.rtl.dpi import modelled_of, with_models
from hwgen.simulation.rtl.host import Host
from hwgen.simulation.rtl.script import Script
from hwgen.simulation.rtl.stimuli import Stimuli

Tell = Callable[[str, int, int], None]

MISMATCHES = "rtl_mismatches.json"
STALLS = (10, 50, 90)
"""Percent of cycles without a sample at the entrance, and without a taker at the output."""
TRACED = 256
"""Samples whose toggles are counted."""
WATCHED = 32
"""Samples of the timeline."""
GAP = 4
"""Empty cycles between two samples of the spaced runs, beyond those in which clocks run on after a sample."""
EARLY, DISABLED = "early exits", "exits disabled"


class RtlSimulation:
    """One tree's pipeline and what it must answer.

    Args:
        loaded: the recipe.
        network: the integer network.
        calibration: gates and policies.
        raw: int64 (n, *input shape), the samples.
        tree: the firmware.
        work: folder for builds and runs.
        progress: told what runs, samples done, samples in all.
    """

    def __init__(
        self,
        loaded: LoadedRecipe,
        network: IntegerNetwork,
        calibration: Calibration,
        raw: IntArray,
        tree: Path,
        work: Path,
        progress: Tell,
    ) -> None:
        self.firmware = loaded.recipe.firmware
        self.network, self.calibration, self.raw = network, calibration, raw
        self.work, self.progress = work, progress
        self.pipeline = read_tree(tree)
        self.modelled = modelled_of(network, self.pipeline.facts)
        self.design = with_models(
            self.pipeline.design,
            tree,
            network,
            self.modelled,
            work.parent,
            loaded.recipe.simulation.types,
            lambda done, total: progress("rtl, compiling stages", done, total),
        )
        self.host = Host(self.pipeline.folder)
        values = reference_values(network, raw, work.parent, read_embeddings(calibration.gates))
        seen = observe(calibration.gates, values)
        policies = range(len(calibration.policies) + 1)
        # The last one is an unknown policy: nothing leaves early.
        self.expected = expected_answers([decide_policy(calibration, seen, policy) for policy in policies])
        self.comparisons: list[Comparison] = []
        self.problems: list[str] = []

    @property
    def gap(self) -> int:
        """Empty cycles between two samples of the spaced runs: no clock still runs for the one before."""
        return GAP + self.firmware.hysteresis

    @property
    def unknown(self) -> int:
        """The policy that does not exist: all samples run to the end."""
        return len(self.calibration.policies)

    def script(self, policy: int) -> Script:
        """Loads all policies and chooses one before the first sample."""
        script = Script()
        banks = [registers(self.calibration, index) for index in range(len(self.calibration.policies))]
        if banks[0]:
            script.add([*self.host.writable(1), *self.host.load(1, banks), *self.host.commit(1)])
        script.switch(self.host.select(policy), policy)
        return script

    def stimuli(self, count: int | None = None) -> Stimuli:
        """The first `count` samples; all by default."""
        raw = self.raw if count is None else self.raw[:count]
        return Stimuli.of(
            raw, self.network.source.format, self.firmware.tag_bits, beats_of(self.pipeline.facts)
        )

    def run(
        self, bench: Bench, name: str, script: Script, settings: Settings, count: int | None = None
    ) -> Run:
        """Runs, compares and keeps what is wrong."""
        stimuli = self.stimuli(count)
        run = bench.run(
            stimuli,
            self.work / "run",
            script,
            settings,
            lambda done: self.progress(f"rtl, {name}", done, stimuli.samples),
        )
        expected = [answers[: stimuli.samples] for answers in self.expected]
        self.comparisons.append(compare_run(run, expected, block=f"rtl, {name}"))
        self.problems += [f"rtl, {name}: {fault}" for fault in faults(run)]
        return run

    def verify(self, bench: Bench) -> tuple[Run, Run]:
        """All policies, stalls on both sides, a reset and switches in mid-stream.

        Returns:
            the active policy back to back, and with one sample at a time.
        """
        active, samples = self.calibration.active, len(self.raw)
        watched = Settings(watch=(0, WATCHED))
        full = self.run(bench, "full rate", self.script(active), watched)
        alone = self.run(bench, "one at a time", self.script(active), Settings(spaced=self.gap))
        for percent in STALLS:
            script = self.script(active)
            for part, policy in enumerate((self.unknown, 0, active), 1):
                script.switch(self.host.select(policy), policy, due=part * samples // 4)
            script.reset(2 * samples + 7 * percent, 2)
            settings = Settings(gaps=percent, stalls=percent, seed=percent, resend=True)
            self.run(bench, f"stalls {percent} %", script, settings)
        for policy in range(len(self.calibration.policies) + 1):
            if policy != active:
                self.run(bench, f"policy {policy}", self.script(policy), Settings())
        return full, alone

    def toggles(self) -> dict[str, Any]:
        """Activity with and without early exits, and of the static network, on a subset."""
        count = min(TRACED, len(self.raw))
        self.progress("rtl, building with traces", 0, 1)
        bench = self.design.build(self.work / "traced", "vcd", jobs=2)
        script, unknown = self.script(self.calibration.active), self.script(self.unknown)
        static = self._static(count)
        found: dict[str, Any] = {} if isinstance(static, dict) else {"no_static": static}
        for rate, settings in self._traced(count).items():
            runs = {
                EARLY: activity(self.run(bench, f"toggles, {rate}", script, settings, count)),
                DISABLED: activity(self.run(bench, f"toggles, {rate}, no exits", unknown, settings, count)),
            }
            if isinstance(static, dict):
                found[rate] = against({**runs, STATIC: static[rate]}, STATIC)
            else:
                found[rate] = against(runs, DISABLED)
        return found

    def _traced(self, count: int) -> dict[str, Settings]:
        """How the first `count` samples are traced: in one window back to back, and each in its own, spaced."""
        quiet = Settings(junk=False, trace=(0, count))
        return {"full_rate": quiet, "spaced": replace(quiet, spaced=self.gap, each=True)}

    def _static(self, count: int) -> dict[str, Any] | str:
        """Activity of backbone and last head alone, without any of the pipeline's control; or why not."""
        self.progress("rtl, building the static network", 0, 1)
        try:
            design = write_static(self.network, self.firmware, self.work / "static_rtl")
        except RecipeError as error:
            return str(error)
        bench = design.build(self.work / "static", "vcd", jobs=2)
        found: dict[str, Any] = {}
        for rate, settings in self._traced(count).items():
            run = bench.run(self.stimuli(count), self.work / "run", Script(), settings)
            whole = activity(run)
            core = whole["blocks"]["stage1"]
            # What keeps it company in its pipeline is not held against it.
            found[rate] = whole | {"blocks": {"stage1": core}, "per_sample": core["total"], "per_exit": []}
        return found


def simulate_rtl(
    loaded: LoadedRecipe,
    network: IntegerNetwork,
    calibration: Calibration,
    data: DataSet,
    firmware: Path,
    out: Path,
    progress: Tell = lambda what, done, total: None,
) -> dict[str, Any]:
    """Simulates the pipeline of a tree as it lies.

    Args:
        loaded: the recipe.
        network: the integer network.
        calibration: gates and policies.
        data: its test split is run.
        firmware: the tree; never changed.
        out: the `simulation` folder; `rtl_mismatches.json` is written there if there are any.
        progress: told what runs, samples done, samples in all.
    Returns:
        the content of rtl.json, without its key.
    Raises:
        UsageError: the tree has no pipeline.
        ToolMissing: no Verilator, or one too old.
        ToolFailed: the RTL does not compile.
        CheckFailed: the simulation crashed.
    """
    raw = data.test.raw
    run = RtlSimulation(loaded, network, calibration, raw, firmware, out / "build" / "rtl", progress)
    progress("rtl, building", 0, 1)
    started = time.monotonic()
    bench = run.design.build(run.work / "fast", jobs=2)
    compiled = time.monotonic()
    full, alone = run.verify(bench)
    verified = time.monotonic()
    # The registers of a model are not those of the stage: its toggles would say nothing.
    toggles = None if run.modelled else run.toggles()
    named = [entry for comparison in run.comparisons for entry in comparison.named]
    if named or run.problems:
        write_atomic(out / MISMATCHES, json.dumps({"answers": named, "rules": run.problems}, indent=1) + "\n")
    return {
        "samples": len(raw),
        "runs": len(run.comparisons),
        "compared": [*COMPARED, "tag"],
        "mismatches": add_up(run.comparisons),
        "broken_rules": run.problems,
        "by_run": [comparison.to_dict() for comparison in run.comparisons],
        "stage_runs": full.summary["starts"],
        "seconds": round(verified - compiled, 3),
        "compile_seconds": round(compiled - started, 3),
        "latency": {"one_at_a_time": measures.latency(alone), "full_rate": measures.latency(full)},
        "throughput": measures.throughput(full),
        "occupancy": measures.occupancy(full),
        "stages": {"one_at_a_time": measures.stages(alone), "full_rate": measures.stages(full)},
        "timeline": measures.timeline(full),
        "activity": toggles,
        "pipeline": run.pipeline.facts,
        "source": SOURCE,
    }
