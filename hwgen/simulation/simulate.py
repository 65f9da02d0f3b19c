"""Runs a firmware tree on the whole test set and compares it with the reference and with QKeras."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.calibration import Calibration
from hwgen.criteria import Seen, observe, read_embeddings
from hwgen.data import DataSet
from hwgen.errors import ToolMissing
from hwgen.files import MANIFEST, file_hashes, write_atomic
from hwgen.firmware import edited_files
from hwgen.firmware.registers import Register, decide_policy, register_bank, registers
from hwgen.firmware.vectors import edge_cases, gate_answers, gate_settings
from hwgen.fixedpoint import IntArray
from hwgen.recipe import LoadedRecipe
from hwgen.reference.executor import StageValues
from hwgen.reference.network import IntegerNetwork
from hwgen.simulation.blocks import Firmware
from hwgen.simulation.compare import Comparison, add_up
from hwgen.simulation.remembered import qkeras_verdict, reference_values
from hwgen.simulation.weights import compare_weight_copies

Tell = Callable[[str, int, int], None]
"""Told what runs, how many samples are done, how many there are."""

OTHER_POLICIES_SAMPLES = 256
"""Samples on which the kernel is run under the policies that are not active."""


class Simulation:
    """One simulation of one tree.

    Args:
        network: the integer network.
        calibration: gates and policies.
        raw: int64 (n, *input shape), the test set.
        tree: the firmware folder, taken as it lies.
        work: folder for objects and intermediate files.
        tell: told about progress.
        types: the number types to compile with, `fast` or `reference`.
    """

    def __init__(
        self,
        network: IntegerNetwork,
        calibration: Calibration,
        raw: IntArray,
        tree: Path,
        work: Path,
        tell: Tell,
        types: str,
    ) -> None:
        self.network = network
        self.calibration = calibration
        self.raw = raw
        self.tell = tell
        reading = read_embeddings(calibration.gates)
        self.values = reference_values(network, raw, work, reading)
        self.seen = observe(calibration.gates, self.values)
        self.numbers = [number for number, gate in enumerate(calibration.gates, 1) if gate is not None]
        self.firmware = Firmware(tree, network, calibration.gates, work, types)
        self.comparisons: list[Comparison] = []

    def _new(self, block: str, against: str = "reference") -> Comparison:
        self.comparisons.append(Comparison(block, against))
        return self.comparisons[-1]

    def judged(self, block: str, against: str) -> None:
        """Lists a comparison that was made earlier and found no difference, unless it is listed."""
        if not any((item.block, item.against) == (block, against) for item in self.comparisons):
            self._new(block, against)

    def _progress(self, what: str, total: int) -> Callable[[int], None]:
        return lambda done: self.tell(what, done, total)

    def stages(self) -> None:
        """Every stage alone, fed with what the reference says reaches it."""
        source = self.raw
        for index, (stage, values) in enumerate(zip(self.network.stages, self.values, strict=True)):
            comparison = self._new(stage.name)
            compare_weight_copies(self.firmware.tree / stage.name, comparison)
            features, embedding, logits = self.firmware.run_stage(
                index, source, self._progress(stage.name, len(self.raw))
            )
            if embedding is not None and values.embedding is not None:
                comparison.compare("features", embedding, values.embedding, "embedding")
            if index < len(self.network.stages) - 1:
                comparison.compare(
                    "features", features, values.features.reshape(len(self.raw), -1), "features"
                )
            comparison.compare("logits", logits, values.logits, "logits")
            source = values.features

    def gates(self) -> None:
        """Every gate alone: all policies, disabled, over-wide, around thresholds of real samples, and on edge cases.

        Sample numbers beyond the test set are rows of `edge_cases`.
        """
        policies = range(len(self.calibration.policies))
        for slot, number in enumerate(self.numbers):
            gate = self.calibration.gates[number - 1]
            assert gate is not None
            seen = Seen.join([self.seen[number - 1], edge_cases(gate)])
            settings = gate_settings(
                gate, [registers(self.calibration, policy)[slot] for policy in policies], seen
            )
            answers, sums = self.firmware.run_gate(number, seen, settings)
            comparison = self._new(f"gate{number}")
            if sums is not None:
                comparison.compare("logits", sums, gate.carry(seen), f"gate{number}/sums")
            last = number == len(self.network.stages)
            for setting, answer in zip(settings, answers, strict=True):
                note = f"threshold {setting[0]}, enable {setting[1]}"
                comparison.compare("class", answer[:, 0], gate.labels(seen), f"gate{number}/class", note=note)
                right = gate_answers(gate, setting, seen)
                comparison.compare(
                    "abstain" if last else "exit", answer[:, 1], right, f"gate{number}/leave", note=note
                )

    def kernel(self) -> list[int]:
        """The kernel: the active policy on all samples, the others and an unknown one on the first.

        Returns:
            how often each stage's code ran under the active policy.
        """
        bank: list[Register] = register_bank(self.calibration)
        runs: list[int] = []
        for policy in range(len(self.calibration.policies) + 1):
            active = policy == self.calibration.active
            count = len(self.raw) if active else min(len(self.raw), OTHER_POLICIES_SAMPLES)
            what = "kernel" if active else f"kernel, policy {policy}"
            answers, counts = self.firmware.run_kernel(
                self.raw[:count], bank, policy, self._progress(what, count)
            )
            right = decide_policy(self.calibration, [here.take(slice(count)) for here in self.seen], policy)
            comparison = self._new("kernel" if active else f"kernel policy {policy}")
            comparison.compare("class", answers[:, 0], right.class_, "kernel/class")
            comparison.compare("exit", answers[:, 1], right.exit + 1, "kernel/exit")
            comparison.compare("abstain", answers[:, 2], right.abstain, "kernel/abstain")
            comparison.compare("class", answers[:, 3], np.arange(count), "kernel/tag")
            depth = len(self.network.stages)
            expected = [int((right.exit >= stage).sum()) for stage in range(depth)]
            comparison.compare(
                "exit",
                counts,
                [*expected, *expected, 0],
                "kernel/stage_runs",
                note="calls of each stage's code, then the kernel's counters; sample counts entries",
            )
            if active:
                runs = counts[:depth].tolist()
        return runs

    def qkeras(self, values: list[StageValues]) -> Comparison:
        """Compares what QKeras computes with the reference."""
        comparison = self._new("qkeras", "qkeras")
        for index, (stage, mine, theirs) in enumerate(
            zip(self.network.stages, self.values, values, strict=True)
        ):
            if index < len(self.network.stages) - 1:
                comparison.compare("features", theirs.features, mine.features, f"{stage.name}/features")
            comparison.compare("logits", theirs.logits, mine.logits, f"{stage.name}/logits")
        return comparison


def _qkeras_values(loaded: LoadedRecipe, model: Path, raw: IntArray) -> list[StageValues] | str:
    """QKeras on the test set, or why it could not be asked."""
    from hwgen.training import load_trained, qkeras_values

    try:
        return qkeras_values(load_trained(loaded, model).keras, raw)
    except ToolMissing as error:
        return str(error)


def _qkeras(loaded: LoadedRecipe, run: Simulation, out: Path) -> dict[str, Any]:
    """QKeras against the reference on the test set, or why it could not be asked."""
    from hwgen.training.storage import WEIGHTS_NAME

    model = out.parent / "model"
    weights = model / WEIGHTS_NAME
    if not weights.is_file():
        return {"samples": 0, "reason": f"model/{WEIGHTS_NAME} is not there"}

    def ask() -> dict[str, Any]:
        theirs = _qkeras_values(loaded, model, run.raw)
        if isinstance(theirs, str):
            return {"samples": 0, "reason": theirs}
        return {"samples": len(run.raw), "mismatches": run.qkeras(theirs).counts}

    verdict = qkeras_verdict(run.network, run.raw, weights.read_bytes(), out / "build", ask)
    if "mismatches" in verdict:
        run.judged("qkeras", "qkeras")
    return verdict


def _edited(tree: Path) -> list[str]:
    path = tree / MANIFEST
    try:
        manifest = json.loads(path.read_text())
        manifest["files"].keys()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # missing, or edited beyond reading
        return [MANIFEST]
    hashes = file_hashes(tree)
    del hashes[MANIFEST]
    return edited_files(hashes, manifest)


def simulate(
    loaded: LoadedRecipe,
    network: IntegerNetwork,
    calibration: Calibration,
    data: DataSet,
    firmware: Path,
    out: Path,
    progress: Tell = lambda what, done, total: None,
) -> dict[str, Any]:
    """Compiles a tree as it lies, runs the test set, compares every value.

    Args:
        loaded: the recipe.
        network: the integer network.
        calibration: gates and policies.
        data: its test split is run.
        firmware: the tree; never changed.
        out: the `simulation` folder; `mismatches.json` is written there if there are any.
        progress: told what runs, samples done, samples in all.
    Returns:
        the content of results.json, without its key.
    Raises:
        ToolMissing: no compiler.
        ToolFailed: the tree does not compile; holds the compiler's last lines.
        CheckFailed: the firmware crashed or hung; names block and sample.
    """
    started = time.monotonic()
    raw = data.test.raw
    types = loaded.recipe.simulation.types
    progress("reference", 0, len(raw))
    run = Simulation(network, calibration, raw, firmware, out / "build", progress, types)
    prepared = time.monotonic()
    run.firmware.build(lambda done, total: progress("compiling", done, total))
    compiled = time.monotonic()
    run.stages()
    run.gates()
    stage_runs = run.kernel()
    simulated = time.monotonic()
    progress("QKeras", 0, 1)
    qkeras = _qkeras(loaded, run, out)
    progress("QKeras", 1, 1)
    named = [entry for comparison in run.comparisons for entry in comparison.named]
    if named:
        write_atomic(out / "mismatches.json", json.dumps(named, indent=1) + "\n")
    return {
        "types": types,
        "compiler": run.firmware.toolchain.version,
        "samples": len(data.test.raw),
        "mismatches": add_up(run.comparisons),
        "by_block": [comparison.to_dict() for comparison in run.comparisons],
        "qkeras": qkeras,
        "stage_runs": stage_runs,
        "seconds": round(simulated - compiled, 3),
        "compile_seconds": round(compiled - prepared, 3),
        "reference_seconds": round(prepared - started, 3),
        "edited_files": _edited(firmware),
    }
