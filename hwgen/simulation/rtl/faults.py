"""Builds and runs the bench that flips single bits of a pipeline's state (sim/rtl/fault_bench.cpp)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwgen.eda import verilator
from hwgen.errors import CheckFailed
from hwgen.fixedpoint import IntArray
from hwgen.material import material
from hwgen.simulation.processes import run as run_process
from hwgen.simulation.rtl.bench import MODEL_FLAGS, TOP, Design
from hwgen.simulation.rtl.nets import TREE, list_nets, registers_of
from hwgen.simulation.rtl.script import Script
from hwgen.simulation.rtl.stimuli import Stimuli

_BATCH = ("wrong", "wrong_tag", "doubled", "lost", "end", "unsent", "cycles", "host")
COLUMNS = (
    *_BATCH,
    *(f"fresh_{name}" for name in _BATCH),
    *(f"reset_{name}" for name in _BATCH),
    "errors",
    "raised",
    "raised_again",
    "reset",
)
"""What the bench writes of each injection; see `Column` there."""
NO_FAULT = (-1, 0, 0, 0)


@dataclass(frozen=True)
class Element:
    """A register or memory.

    Args:
        path: from the top module on.
        words: of a memory; 1 for a register.
        bits: of a word.
    """

    path: str
    words: int
    bits: int


@dataclass(frozen=True)
class Load:
    """What passes while a fault strikes.

    Args:
        gaps: percent of cycles in which the source offers nothing.
        stalls: percent of cycles in which the sink is not ready.
        seed: of both, of junk and of registers that no reset sets.
    """

    gaps: int
    stalls: int
    seed: int = 1


@dataclass(frozen=True)
class Batches:
    """What is sent: a batch that the fault falls into, and two fresh ones.

    Args:
        stimuli: of all sends.
        answers: int64 (sends, 3): class, exit (from 1), abstain of each send.
        main: sends of the first batch.
        fresh: sends of each other; `main + 2 * fresh` in all.
        script: register accesses; due before sends of the first batch only.
        error_address: of the error register.
        patience: cycles in which nothing moves before a batch is given up: more than the watchdog waits.
    """

    stimuli: Stimuli
    answers: IntArray
    main: int
    fresh: int
    script: Script
    error_address: int
    patience: int


@dataclass(frozen=True)
class Outcomes:
    """What came of each injection.

    Args:
        faults: int64 (n, 4): element, word, bit, cycle (from 1).
        columns: int64 (n, len(COLUMNS)).
        quiet: int64 (len(COLUMNS),), the same without a fault.
    """

    faults: IntArray
    columns: IntArray
    quiet: IntArray

    def __getitem__(self, name: str) -> IntArray:
        """One column, int64 (n,)."""
        return self.columns[:, COLUMNS.index(name)]

    def undisturbed(self, name: str) -> int:
        """The column's value without a fault."""
        return int(self.quiet[COLUMNS.index(name)])


@dataclass(frozen=True)
class FaultBench:
    """A compiled bench and the state it can reach.

    Args:
        program: the executable.
        elements: all registers and memories, by number.
    """

    program: Path
    elements: tuple[Element, ...]

    def number(self, path: str) -> int:
        """Number of an element."""
        return next(index for index, element in enumerate(self.elements) if element.path == path)

    def quiet(self, batches: Batches, load: Load, folder: Path) -> IntArray:
        """Runs without a fault, int64 (len(COLUMNS),).

        Raises:
            CheckFailed: even so something is wrong.
        """
        found = self._run(batches, load, folder, np.array([NO_FAULT]), (), lambda done: None)[0]
        values = dict(zip(COLUMNS, found.tolist(), strict=True))
        bad = {
            name: value
            for name, value in values.items()
            if not name.endswith("cycles") and value != (-1 if name == "raised" else 0)
        }
        if bad:
            raise CheckFailed("faults", f"without any fault the pipeline gave {bad}", "run `hwgen simulate`")
        return found

    def inject(
        self,
        batches: Batches,
        load: Load,
        folder: Path,
        faults: IntArray,
        quiet: IntArray,
        cleared: Sequence[str] = (),
        progress: Callable[[int], None] = lambda done: None,
    ) -> Outcomes:
        """One experiment per fault.

        Args:
            batches: what is sent.
            load: how.
            folder: for the files of the run.
            faults: int64 (n, 4): element, word, bit, cycle from 1 on.
            quiet: from `quiet` under the same load.
            cleared: paths of elements that are held at 0 throughout.
            progress: told how many experiments are done.
        """
        return Outcomes(faults, self._run(batches, load, folder, faults, cleared, progress), quiet)

    def _run(
        self,
        batches: Batches,
        load: Load,
        folder: Path,
        faults: IntArray,
        cleared: Sequence[str],
        progress: Callable[[int], None],
    ) -> IntArray:
        folder = folder.resolve()
        files = batches.stimuli.write(folder)
        (folder / "script.txt").write_text(batches.script.text())
        class_, exit_, abstain = batches.answers.T
        (class_ | exit_ << 16 | abstain << 24).astype("<i8").tofile(folder / "answers.bin")
        faults.astype("<i8").tofile(folder / "faults.bin")
        numbers = {
            "main": batches.main,
            "fresh": batches.fresh,
            "injections": len(faults),
            "error": batches.error_address,
            "patience": batches.patience,
            "gaps": load.gaps,
            "stalls": load.stalls,
            "seed": load.seed,
            "answers": folder / "answers.bin",
            "faults": folder / "faults.bin",
            "script": folder / "script.txt",
            "cleared": ",".join(str(self.number(path)) for path in cleared),
        }
        words = [f"{name}={value}" for name, value in numbers.items()]
        run_process([str(self.program), *files, *words, str(folder / "run")], folder, TOP, progress)
        found = np.fromfile(folder / "run.faults", dtype="<i8").reshape(-1, len(COLUMNS))
        if len(found) != len(faults):
            raise CheckFailed("faults", f"{len(found)} outcomes of {len(faults)} injections")
        return found


def build(design: Design, folder: Path, jobs: int = 1, optimise: str = "-O1") -> FaultBench:
    """Compiles a pipeline whose registers and memories can be reached.

    Args:
        design: the pipeline.
        folder: where it is built.
        jobs: processes of make.
        optimise: g++'s level.
    Raises:
        ToolMissing: no Verilator.
        ToolFailed: something does not compile.
        CheckFailed: registers of the source are not among those of the model.
    """
    nets = list_nets(design.files, TOP, folder, design.parameters)
    found = registers_of(json.loads((folder / TREE).read_text()))
    public = folder / "state.vlt"
    lines = [f'public_flat_rw -module "{module}" -var "{name}"\n' for module, name in found]
    public.write_text("".join(["`verilator_config\n", *lines]))
    program = verilator.build(
        [public, *design.files],
        TOP,
        [material("sim") / "rtl" / "fault_bench.cpp", *design.mains],
        folder,
        parameters=design.parameters,
        optimise=optimise,
        flags=MODEL_FLAGS,
        compiler_flags=design.compiler_flags(),
        linked=design.linked,
        jobs=jobs,
    )
    run_process([str(program), "list=1", str(folder / "run")], folder, TOP, lambda done: None)
    rows = [line.split() for line in (folder / "run.state").read_text().splitlines()]
    elements = tuple(Element(path, int(words), int(bits)) for path, words, bits in rows)
    listed = {line.split()[1] for line in nets.read_text().splitlines() if line.startswith("r ")}
    absent = listed - {element.path for element in elements}
    if absent:
        raise CheckFailed("faults", f"the model lacks registers of the source: {sorted(absent)[:5]}")
    return FaultBench(program, elements)
