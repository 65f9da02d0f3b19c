"""Builds and runs the C++ bench of a pipeline (sim/rtl/bench.cpp)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.eda import verilator
from hwgen.errors import CheckFailed, ToolFailed, ToolMissing
from hwgen.fixedpoint import IntArray
from hwgen.material import material
from hwgen.simulation.processes import run as run_process
from hwgen.simulation.rtl.nets import list_nets
from hwgen.simulation.rtl.script import Script
from hwgen.simulation.rtl.stimuli import Stimuli

TOP = "hwgen_pipeline"
_TRACES = {None: 0, "vcd": 1, "fst": 2}
MODEL_FLAGS = ("--x-initial", "unique", "--x-assign", "unique", "-Wno-fatal", "--output-split-cfuncs", "300")
"""What Verilator has to be told for any bench.

Registers that no reset sets must not look as if one did. An unrolled stage in one C++ function would take g++ a
minute; in pieces it runs as fast.
"""
ANSWERED, CUT_BY_RESET = 1, 2
"""States of a send; 0 was never sent, 3 got no answer."""


@dataclass(frozen=True)
class Design:
    """The RTL of one pipeline.

    Args:
        files: sources, packages first.
        stages: number of stages.
        tag_bits: width of the tag.
        parameters: of the top.
        flags: more of g++'s, for DPI models.
        mains: C++ sources besides the bench, such as DPI models.
        linked: objects and libraries.
    """

    files: tuple[Path, ...]
    stages: int
    tag_bits: int
    parameters: Mapping[str, int] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    mains: tuple[Path, ...] = ()
    linked: tuple[Path, ...] = ()

    def build(self, folder: Path, trace: str | None = None, jobs: int = 1, optimise: str = "-O1") -> Bench:
        """Compiles the bench.

        Args:
            folder: where it is built.
            trace: `vcd` to count toggles, `fst` for a trace to look at, None for speed.
            jobs: processes of make.
            optimise: g++'s level.
        Raises:
            ToolMissing: no Verilator, or what its FST writer needs is absent.
            ToolFailed: something does not compile.
        """
        try:
            program = self._compile(folder, trace, jobs, optimise)
        except ToolFailed as error:
            if trace == "fst" and any(name in error.log_tail for name in ("lz4", "zlib.h", "-lz")):
                raise ToolMissing(
                    "FST traces",
                    "Verilator's FST writer needs the headers and libraries of lz4 and zlib",
                    "install them (Debian: liblz4-dev, zlib1g-dev)",
                ) from error
            raise
        nets = list_nets(self.files, TOP, folder, self.parameters) if trace == "vcd" else None
        return Bench(program, self, nets)

    def compiler_flags(self) -> list[str]:
        """What g++ has to be told for any bench of this pipeline."""
        sim = material("sim")
        return ["-std=c++17", f"-I{sim / 'rtl'}", f"-I{sim / 'csim'}", *self.flags]

    def _compile(self, folder: Path, trace: str | None, jobs: int, optimise: str) -> Path:
        return verilator.build(
            self.files,
            TOP,
            [material("sim") / "rtl" / "bench.cpp", *self.mains],
            folder,
            parameters=self.parameters,
            trace=trace,
            optimise=optimise,
            flags=MODEL_FLAGS,
            compiler_flags=[
                *self.compiler_flags(),
                f"-DHWGEN_STAGES={self.stages}",
                f"-DHWGEN_TRACE={_TRACES[trace]}",
            ],
            linked=self.linked,
            jobs=jobs,
        )


@dataclass(frozen=True)
class Settings:
    """How one run goes; see sim/rtl/bench.cpp.

    Args:
        gaps: percent of cycles in which the source offers nothing.
        stalls: percent of cycles in which the sink is not ready.
        spaced: empty cycles before a sample may enter; None: back to back.
        seed: of stalls, junk and unset registers.
        junk: random data while nothing is offered; off for counting toggles.
        resend: samples lost to a reset are sent again.
        silence: cycles without a handshake that count as a hang.
        limit: cycles after which the run is given up; None: never.
        watch: sends whose way through the stages is written down, first and one past the last.
        trace: sends that are traced, likewise; None: none.
        each: a window of activity per send rather than one over all.
        depth: scopes below this depth are added to the scope at it.
    """

    gaps: int = 0
    stalls: int = 0
    spaced: int | None = None
    seed: int = 1
    junk: bool = True
    resend: bool = False
    silence: int = 10_000
    limit: int | None = None
    watch: tuple[int, int] = (0, 0)
    trace: tuple[int, int] | None = None
    each: bool = False
    depth: int = 3

    def arguments(self) -> list[str]:
        first, end = self.trace or (0, 0)
        numbers = {
            "gaps": self.gaps,
            "stalls": self.stalls,
            "spaced": -1 if self.spaced is None else self.spaced,
            "seed": self.seed,
            "junk": int(self.junk),
            "resend": int(self.resend),
            "silence": self.silence,
            "watch_from": self.watch[0],
            "watch_to": self.watch[1],
            "trace_from": first,
            "trace_to": end,
            "depth": self.depth,
        }
        if self.limit is not None:
            numbers["limit"] = self.limit
        words = [f"{name}={value}" for name, value in numbers.items()]
        return [*words, f"windows={'each' if self.each else 'one'}"]


@dataclass(frozen=True)
class Run:
    """What one run gave.

    Args:
        stimuli: what was sent.
        script: what happened besides.
        settings: how it ran.
        summary: counters, the content of PREFIX.json.
        results: int64 (m, 7): send, tag, class, exit (from 1), abstain, cycle in, cycle out, in the order they
            came; send is -1 where no sample in flight had the tag.
        sends: int64 (n, 4): cycle in, cycle out, times entered, state.
        timeline: int64 (k, 4): send, stage (from 0), event (0 enters, 1 leaves, 2 goes on), cycle.
        toggles: content of PREFIX.toggles, if toggles were counted.
        windows: int64 (windows, groups), toggles, if counted.
        saif: the SAIF file, if toggles were counted.
        fst: the trace, if there is one.
    """

    stimuli: Stimuli
    script: Script
    settings: Settings
    summary: dict[str, Any]
    results: IntArray
    sends: IntArray
    timeline: IntArray
    toggles: dict[str, Any] | None = None
    windows: IntArray | None = None
    saif: Path | None = None
    fst: Path | None = None

    def values_read(self) -> list[int]:
        """What the reads after the last result gave, in their order."""
        commands = self.script.ordered()
        log = self.summary["script"]
        return [
            entry[4]
            for entry in log
            if commands[entry[0]].words.startswith("read ") and entry[1] == (1 << 63) - 1
        ]


def _rows(path: Path, columns: int) -> IntArray:
    return np.fromfile(path, dtype="<i8").reshape(-1, columns)


@dataclass(frozen=True)
class Bench:
    """A compiled bench.

    Args:
        program: the executable.
        design: what it simulates.
        nets: list of nets, if it counts toggles.
    """

    program: Path
    design: Design
    nets: Path | None = None

    def run(
        self,
        stimuli: Stimuli,
        folder: Path,
        script: Script | None = None,
        settings: Settings | None = None,
        progress: Callable[[int], None] = lambda done: None,
        more: Sequence[str] = (),
    ) -> Run:
        """Runs the pipeline.

        Args:
            stimuli: what is sent.
            folder: for the files of this run.
            script: register accesses and resets.
            settings: how it goes.
            progress: told the number of results so far.
            more: further arguments of the bench.
        Raises:
            CheckFailed: the simulation crashed. A pipeline that hangs is no error here: see `faults`.
        """
        script, settings = script or Script(), settings or Settings()
        folder = folder.resolve()
        files = stimuli.write(folder)
        (folder / "script.txt").write_text(script.text())
        prefix = folder / "run"
        command = [str(self.program), *files, *settings.arguments(), f"script={folder / 'script.txt'}"]
        command += [f"nets={self.nets}"] if self.nets is not None else []
        run_process([*command, *more, str(prefix)], folder, TOP, progress)
        try:
            summary = json.loads(prefix.with_suffix(".json").read_text())
        except (OSError, ValueError) as error:
            raise CheckFailed(TOP, f"the bench left no readable summary: {error}") from error
        counted = self.nets is not None
        toggles = json.loads(prefix.with_suffix(".toggles").read_text()) if counted else None
        fst = prefix.with_suffix(".fst")
        return Run(
            stimuli,
            script,
            settings,
            summary,
            _rows(prefix.with_suffix(".results"), 7),
            _rows(prefix.with_suffix(".sends"), 4),
            _rows(prefix.with_suffix(".timeline"), 4),
            toggles,
            _rows(prefix.with_suffix(".windows"), len(toggles["groups"])) if toggles is not None else None,
            prefix.with_suffix(".saif") if counted else None,
            fst if fst.is_file() else None,
        )
