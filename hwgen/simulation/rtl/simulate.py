"""Runs the pipeline of a tree over the test set: right or not, how fast, how busy, how much it toggles."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hwgen.calibration import Calibration
from hwgen.criteria import observe, read_embeddings
from hwgen.data import DataSet
from hwgen.files import write_atomic
from hwgen.firmware.registers import decide_policy, registers
from hwgen.fixedpoint import IntArray
from hwgen.recipe import LoadedRecipe
from hwgen.reference.network import IntegerNetwork
from hwgen.simulation.remembered import reference_values
from hwgen.simulation.rtl import SOURCE, measures
from hwgen.simulation.rtl.bench import Bench, Run, Settings
from hwgen.simulation.rtl.campaign import Findings, campaign
from hwgen.simulation.rtl.design import beats_of, expected_answers, read_tree
from hwgen.simulation.rtl.dpi import calls, modelled_of, with_models
from hwgen.simulation.rtl.host import Host
from hwgen.simulation.rtl.script import Script
from hwgen.simulation.rtl.stimuli import Stimuli
from hwgen.simulation.rtl.toggling import toggles

Tell = Callable[[str, int, int], None]

MISMATCHES = "rtl_mismatches.json"
TRACE = "pipeline.fst"
"""Waves of the first `WATCHED` samples; in the simulation folder."""
WATCHED = 32
"""Samples of the timeline and of waves."""
GAP = 4
"""Empty cycles between two samples of the spaced runs, beyond those in which clocks run on after a sample."""


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
        self.found = Findings()

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
        self.found.add(name, run, expected, self._uncalled(run))
        return run

    def _uncalled(self, run: Run) -> list[str]:
        """Modelled stages whose code did not run once for each sample that the shell started."""
        starts = run.summary["starts"]
        found = []
        names = [stage.name for stage in self.network.stages]
        for stage, count in calls(self.modelled, self.work / "run").items():
            started = starts[names.index(stage)]
            if count != started:
                found.append(f"{stage}: its code ran {count} times for {started} starts")
        return found

    def waves(self, folder: Path) -> str:
        """Leaves a trace of the first samples in a folder; returns the name of its file.

        Raises:
            ToolMissing: what Verilator's FST writer needs is absent.
        """
        self.progress("rtl, building with waves", 0, 1)
        bench = self.design.build(self.work / "waves", "fst", jobs=2)
        count = min(WATCHED, len(self.raw))
        settings = Settings(junk=False, trace=(0, count))
        run = self.run(bench, "waves", self.script(self.calibration.active), settings, count)
        assert run.fst is not None  # the bench was built to write one
        write_atomic(folder / TRACE, run.fst.read_bytes())
        return TRACE

    def campaign_script(self, sends: int) -> Script:
        """The active policy, and three switches in mid-stream: nobody leaves early, policy 0, the active one."""
        script = self.script(self.calibration.active)
        for part, policy in enumerate((self.unknown, 0, self.calibration.active), 1):
            script.switch(self.host.select(policy), policy, due=part * sends // 4)
        return script

    def verify(self, bench: Bench) -> tuple[Run, Run]:
        """The active policy undisturbed, every way to upset it (see `campaign`), and each of the other policies.

        Returns:
            the active policy back to back, and with one sample at a time.
        """
        active = self.calibration.active
        full = self.run(bench, "full rate", self.script(active), Settings(watch=(0, WATCHED)))
        alone = self.run(bench, "one at a time", self.script(active), Settings(spaced=self.gap))
        campaign(
            bench,
            self.stimuli(),
            self.expected,
            self.campaign_script,
            self.work / "run",
            progress=lambda what, done, total: self.progress(f"rtl, {what}", done, total),
            found=self.found,
        )
        for policy in range(self.unknown + 1):
            if policy != active:
                self.run(bench, f"policy {policy}", self.script(policy), Settings())
        return full, alone


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
        out: the `simulation` folder: for `rtl_mismatches.json`, if there are any, the SAIF file, and the trace if
            the recipe asks for it.
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
    trace = run.waves(out) if loaded.recipe.simulation.trace == "fst" else None
    bench = run.design.build(run.work / "fast", jobs=2)
    compiled = time.monotonic()
    full, alone = run.verify(bench)
    verified = time.monotonic()
    # The registers of a model are not those of the stage: its toggles would say nothing.
    activity = None if run.modelled else toggles(run, out)
    if not run.found.passed:
        write_atomic(out / MISMATCHES, json.dumps(run.found.wrong(), indent=1) + "\n")
    return {
        "samples": len(raw),
        **run.found.to_dict(),
        "stage_runs": full.summary["starts"],
        "seconds": round(verified - compiled, 3),
        "compile_seconds": round(compiled - started, 3),
        "latency": {"one_at_a_time": measures.latency(alone), "full_rate": measures.latency(full)},
        "throughput": measures.throughput(full),
        "occupancy": measures.occupancy(full),
        "stages": {"one_at_a_time": measures.stages(alone), "full_rate": measures.stages(full)},
        "timeline": measures.timeline(full),
        "activity": activity,
        "trace": trace,
        "pipeline": run.pipeline.facts,
        "source": SOURCE,
    }
