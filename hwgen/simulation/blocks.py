"""Builds and runs stages, gates and kernel of a tree on raw samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hwgen.criteria import Gate, Seen
from hwgen.errors import UsageError
from hwgen.firmware.stage_hls4ml import EMBEDDING, stage_outputs
from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.material import material
from hwgen.reference.network import IntegerNetwork
from hwgen.simulation.processes import Progress, Share, run_shares, shares
from hwgen.simulation.toolchain import Toolchain, Unit

NativeArray = npt.NDArray[np.integer[npt.NBitBase]]
"""Integers of any size, as the firmware wrote them."""


def _file_type(fmt: FixedPoint) -> str:
    """The smallest integer type that holds a format in the files between Python and C++: `uint8`."""
    bits = next(bits for bits in (8, 16, 32, 64) if fmt.width <= bits)
    return f"{'' if fmt.signed else 'u'}int{bits}"


class Firmware:
    """A firmware tree, compiled as it lies.

    Args:
        tree: the firmware folder.
        network: the integer network it was made from.
        gates: one per exit, None where there is none.
        work: folder for objects and intermediate files.
        types: the number types to compile with, `fast` or `reference`.
    Raises:
        UsageError: a part of the tree is missing.
    """

    def __init__(
        self, tree: Path, network: IntegerNetwork, gates: Sequence[Gate | None], work: Path, types: str
    ) -> None:
        self.tree = tree.resolve()
        self.network = network
        self.gate_of = {number: gate for number, gate in enumerate(gates, 1) if gate is not None}
        self.gates = list(self.gate_of)
        self.work = work.resolve()
        self.toolchain = Toolchain(self.tree, self.work / "objects", types)
        self.harness = material("sim") / "csim"
        self.support = material("firmware_templates") / "hls" / "testbench"
        self.programs: dict[str, Path] = {}
        for name in self._parts():
            if not (self.tree / name).exists():
                raise UsageError(str(tree / name), "is missing", "run `hwgen generate --force`")

    def _parts(self) -> list[str]:
        names = [f"{stage.name}/firmware/{stage.name}.cpp" for stage in self.network.stages]
        names += [f"gate{number}/gate{number}.cpp" for number in self.gates]
        return [*names, "kernel/kernel.cpp", "kernel/stages.h", "include/hwgen"]

    def build(self, progress: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Compiles and links all programs: one per stage and gate, one for the kernel.

        Args:
            progress: told how many units are compiled, and how many there are.
        """
        include = self.toolchain.types.include
        types = include(self.network.stages[0].name)
        shared = ("include", "include/gxx", str(self.support), str(self.harness))
        units: dict[str, Unit] = {}
        for number in self.gates:
            name = f"gate{number}"
            folders = (types, *shared, name)
            units[name] = Unit(f"{name}/{name}.cpp", folders)
            gate = self.gate_of[number]
            defines: tuple[str, ...] = (
                f"HWGEN_GATE={name}",
                f'HWGEN_GATE_HEADER="{name}.h"',
                f"HWGEN_READS_EMBEDDING={int(gate.reads_embedding)}",
                f"HWGEN_CARRIES={int(gate.carries)}",
            )
            units[f"{name} main"] = Unit(str(self.harness / "gate_main.cpp"), folders, defines)
        for index, stage in enumerate(self.network.stages):
            folders = (include(stage.name), *shared, "kernel")
            units[stage.name] = Unit(f"kernel/{stage.name}_call.cpp", folders)
            last = index == len(self.network.stages) - 1
            features = 0 if last else stage.features.size
            units[f"{stage.name} main"] = Unit(
                str(self.harness / "stage_main.cpp"),
                folders,
                (
                    f"HWGEN_STAGE={stage.name}",
                    f"HWGEN_INPUTS={stage.source.size}",
                    f"HWGEN_FEATURES={features}",
                    f"HWGEN_EMBEDDING={self._embedding(index)}",
                    f"HWGEN_INPUT_FILE={_file_type(stage.source.format)}_t",
                    f"HWGEN_FEATURE_FILE={_file_type(stage.features.format)}_t",
                ),
            )
        calls = ", ".join(f"static_cast<int64_t>({stage.name}_calls)" for stage in self.network.stages)
        folders = (types, *shared, "kernel")
        units["kernel"] = Unit("kernel/kernel.cpp", folders)
        inputs = f"HWGEN_INPUT_FILE={_file_type(self.network.stages[0].source.format)}_t"
        told = (f"HWGEN_CALLS={calls}", inputs)
        units["kernel main"] = Unit(str(self.harness / "kernel_main.cpp"), folders, told)
        objects = self.toolchain.compile(units, lambda done: progress(done, len(units)))
        blocks = [stage.name for stage in self.network.stages] + [f"gate{number}" for number in self.gates]
        for name in blocks:
            self.programs[name] = self.toolchain.link(name, [objects[name], objects[f"{name} main"]])
        parts = [
            objects["kernel"],
            objects["kernel main"],
            *(objects[stage.name] for stage in self.network.stages),
        ]
        self.programs["kernel"] = self.toolchain.link("kernel", parts)

    def _embedding(self, index: int) -> int:
        """Length of the embedding that a stage outputs by itself; 0 if it does not."""
        stage, gate = self.network.stages[index], self.gate_of.get(index + 1)
        is_last = index == len(self.network.stages) - 1
        own = EMBEDDING in stage_outputs(stage, is_last, gate is not None and gate.reads_embedding)
        return stage.embedding.size if own and stage.embedding is not None else 0

    def _write(self, name: str, values: IntArray, kind: str) -> str:
        path = self.work / name
        values.astype(kind).tofile(path)
        return str(path)

    def _read(self, name: str, parts: list[Share], kind: str, columns: int) -> NativeArray:
        pieces = []
        for index in range(len(parts)):
            path = self.work / f"{name}.{index}"
            pieces.append(np.fromfile(path, dtype=kind))
            path.unlink()
        return np.concatenate(pieces).reshape(-1, columns)

    def run_stage(
        self, index: int, raw: IntArray, progress: Progress | None = None
    ) -> tuple[NativeArray, NativeArray | None, NativeArray]:
        """Runs one stage alone.

        Args:
            index: 0 for the first stage.
            raw: int64 (n, *stage.source.shape).
            progress: called with the number of finished samples.
        Returns:
            (features (n, size), or (n, 0) for the last stage, in the smallest integer type that holds
            them; embedding int64 (n, D), or None if the stage does not output it; logits int64 (n, classes)).
        Raises:
            CheckFailed: the firmware crashed or hung.
        """
        stage = self.network.stages[index]
        features = 0 if index == len(self.network.stages) - 1 else stage.features.size
        source = self._write(f"{stage.name}.input", raw, _file_type(stage.source.format))
        parts = shares(len(raw), self.toolchain.jobs)
        commands = [
            [
                str(self.programs[stage.name]),
                source,
                str(part.first),
                str(part.count),
                str(self.work / f"features.{number}"),
                str(self.work / f"logits.{number}"),
                str(self.work / f"embedding.{number}"),
            ]
            for number, part in enumerate(parts)
        ]
        run_shares(commands, parts, self.tree, stage.name, progress)
        Path(source).unlink()
        logits = self._read("logits", parts, "int64", self.network.classes)
        size = self._embedding(index)
        embedding = self._read("embedding", parts, "int64", size) if size else None
        if features:
            return (
                self._read("features", parts, _file_type(stage.features.format), features),
                embedding,
                logits,
            )
        for number in range(len(parts)):
            (self.work / f"features.{number}").unlink()
        return np.empty((len(raw), 0), dtype=np.int8), embedding, logits

    def run_gate(
        self, number: int, seen: Seen, settings: list[tuple[int, int]]
    ) -> tuple[NativeArray, NativeArray | None]:
        """Runs one gate alone.

        Args:
            number: 1 for the first exit.
            seen: what reaches the gate, n samples.
            settings: (raw threshold, enable) pairs.
        Returns:
            (int32 (settings, n, 2): class and leave; the sums it passes on, int64 (n, classes), or None).
        """
        name = f"gate{number}"
        inputs = [self._write(f"{name}.logits", seen.logits, "int64")]
        inputs.append(self._write(f"{name}.settings", np.array(settings, dtype=np.int64), "int64"))
        nothing = np.zeros(0, dtype=np.int64)
        for what, values in (("embedding", seen.embedding), ("carried", seen.carried)):
            inputs.append(self._write(f"{name}.{what}", nothing if values is None else values, "int64"))
        part = Share(0, len(settings))
        results = [str(self.work / "decisions.0"), str(self.work / "sums.0")]
        command = [str(self.programs[name]), str(len(seen)), str(len(settings)), *inputs, *results]
        run_shares([command], [part], self.tree, name, None)
        for path in inputs:
            Path(path).unlink()
        decisions = self._read("decisions", [part], "int32", 2).reshape(len(settings), -1, 2)
        sums = self._read("sums", [part], "int64", self.network.classes)
        return decisions, sums if self.gate_of[number].carries else None

    def run_kernel(
        self, raw: IntArray, slots: list[tuple[int, int]], policy: int, progress: Progress | None = None
    ) -> tuple[NativeArray, NativeArray]:
        """Runs the kernel.

        Args:
            raw: int64 (n, *input shape).
            slots: (raw threshold, enable) of every policy and gate slot.
            policy: the policy to run.
            progress: called with the number of finished samples.
        Returns:
            (answers int32 (n, 4): class, exit, abstain, tag; counts int64: calls of each stage's
            code, then the kernel's own counters, the last of them truncated samples).
        """
        source = self._write("kernel.input", raw, _file_type(self.network.stages[0].source.format))
        table = self._write("kernel.settings", np.array(slots, dtype=np.int64), "int64")
        parts = shares(len(raw), self.toolchain.jobs)
        commands = [
            [
                str(self.programs["kernel"]),
                source,
                str(part.first),
                str(part.count),
                table,
                str(policy),
                str(self.work / f"answers.{number}"),
                str(self.work / f"counts.{number}"),
            ]
            for number, part in enumerate(parts)
        ]
        run_shares(commands, parts, self.tree, "kernel", progress)
        Path(source).unlink()
        Path(table).unlink()
        answers = self._read("answers", parts, "int32", 4)
        counts = self._read("counts", parts, "int64", 2 * len(self.network.stages) + 1)
        return answers, counts.sum(axis=0)
