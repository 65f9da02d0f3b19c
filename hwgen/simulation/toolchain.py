"""Compiles the firmware as it lies in the tree with g++, side by side, each object once.

Objects are kept by the hash of what the preprocessor makes of their source, the flags and the
compiler's version: an edit compiles again exactly what it can change. The working folder is the
tree itself, so a moved tree finds its weights and its objects.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from hwgen.errors import ToolFailed, ToolMissing
from hwgen.files import sha256_of
from hwgen.material import material
from hwgen.simulation.processes import Progress
from hwgen.simulation.types import SWITCH, TYPES

_TAIL_LINES = 12
_PRECOMPILE_FROM = 4
"""Fewer missing units than this and one more are compiled without a precompiled header."""


@dataclass(frozen=True)
class Unit:
    """One source to compile.

    Args:
        source: path of the source, relative to the tree or absolute (harness).
        includes: `-I` folders in order, relative to the tree or absolute.
        defines: `-D` arguments without the -D.
    """

    source: str
    includes: tuple[str, ...]
    defines: tuple[str, ...] = ()


def find_compiler() -> str:
    """Path of g++ (or what CXX names).

    Raises:
        ToolMissing: there is none.
    """
    name = os.environ.get("CXX", "g++")
    path = shutil.which(name)
    if path is None:
        raise ToolMissing(name, "not found on PATH", "install it with `apt-get install g++`")
    return path


def compiler_version(compiler: str) -> str:
    """First line of the compiler's version.

    Raises:
        ToolFailed: it does not run.
    """
    result = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False)
    if result.returncode:
        raise ToolFailed(
            compiler, f"--version failed with exit code {result.returncode}", log_tail=result.stderr
        )
    return result.stdout.splitlines()[0]


def _essence(log: str) -> str:
    """The lines of a compiler's output that say what is wrong, or its last ones."""
    lines = log.splitlines()
    # The linker's own words stand before collect2's last line.
    errors = [line for line in lines if "error:" in line and "collect2:" not in line]
    return "\n".join(errors[:_TAIL_LINES] or lines[-_TAIL_LINES:])


class Toolchain:
    """A compiler and its cache of objects.

    Args:
        tree: folder of the firmware.
        cache: folder of the objects.
        types: the number types to compile with, `fast` or `reference`.
    Raises:
        ToolMissing: no compiler, or one too old for the types.
    """

    def __init__(self, tree: Path, cache: Path, types: str) -> None:
        self.tree = tree
        self.cache = cache
        self.types = TYPES[types]
        self.compiler = find_compiler()
        self.version = compiler_version(self.compiler)
        self.types.check(self.compiler)
        self.jobs = max(1, len(os.sched_getaffinity(0)))
        cache.mkdir(parents=True, exist_ok=True)
        # What -march=native means here: objects of another machine must not be taken for ours.
        self.target = self._run([self.compiler, *self.types.flags, "-Q", "--help=target"], "the target")

    def _run(self, command: list[str], what: str) -> bytes:
        """Runs the compiler; returns what it writes to its standard output."""
        result = subprocess.run(command, cwd=self.tree, capture_output=True, check=False)
        if result.returncode:
            log = (result.stderr or result.stdout).decode(errors="replace")
            remedy = "its errors are shown above; the tree is compiled as it lies"
            if self.types.name == "fast":
                remedy += f"; if the fast types lack something, simulate with {SWITCH}"
            raise ToolFailed(
                f"g++, {what}", f"failed with exit code {result.returncode}", remedy, _essence(log)
            )
        return result.stdout

    def _command(self, unit: Unit) -> list[str]:
        includes = [f"-I{folder}" for folder in unit.includes]
        return [self.compiler, *self.types.flags, *includes, *(f"-D{define}" for define in unit.defines)]

    def _name(self, unit: Unit) -> tuple[Path, int]:
        """Where the object of a unit lies or will lie, and how long its preprocessed text is."""
        # -P leaves out file names and line numbers: only the text that is compiled counts.
        text = self._run([*self._command(unit), "-E", "-P", unit.source], unit.source)
        name = sha256_of(text, self.version, self.target, list(self.types.flags))
        return self.cache / f"{Path(unit.source).stem}-{name[:20]}.o", len(text)

    def _precompile(self) -> Path:
        """Compiles what all units include; returns the header to name before anything else."""
        header = self.cache / f"precompiled.{os.getpid()}.h"
        shutil.copyfile(material("sim") / "csim" / "precompiled.h", header)
        include = f"-I{self.types.include('')}"
        command = [self.compiler, *self.types.flags, include, "-x", "c++-header", str(header)]
        self._run([*command, "-o", f"{header}.gch"], header.name)
        return header

    def _object(self, unit: Unit, target: Path, precompiled: Future[Path] | None) -> None:
        temporary = target.with_suffix(f".{os.getpid()}.tmp")
        command = self._command(unit)
        if precompiled is not None:
            command += ["-include", str(precompiled.result())]
        try:
            self._run([*command, "-c", unit.source, "-o", str(temporary)], unit.source)
            os.replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)

    def compile(self, units: dict[str, Unit], progress: Progress | None = None) -> dict[str, Path]:
        """Compiles what is not in the cache, as many at a time as there are cores.

        Args:
            units: name -> unit.
            progress: called with the number of units that are compiled.
        Returns:
            name -> object file.
        Raises:
            ToolFailed: a unit does not compile; holds g++'s errors.
        """
        with ThreadPoolExecutor(self.jobs) as pool:
            named = dict(zip(units, pool.map(self._name, units.values()), strict=True))
            objects = {name: target for name, (target, _) in named.items()}
            missing = [name for name, target in objects.items() if not target.exists()]
            done = len(units) - len(missing)
            # The longest sources first, so that none of them starts alone at the end.
            missing.sort(key=lambda name: -named[name][1])
            # It takes as long as three units save, and only pays where all stages share one set of types.
            shared = self.types.name == "fast" and len(missing) > _PRECOMPILE_FROM
            precompiled = pool.submit(self._precompile) if shared else None
            jobs = [
                # While one worker precompiles, another starts with the longest unit at once.
                pool.submit(self._object, units[name], objects[name], precompiled if index else None)
                for index, name in enumerate(missing)
            ]
            try:
                for job in as_completed(jobs):
                    job.result()
                    done += 1
                    if progress is not None:
                        progress(done)
            finally:
                pool.shutdown(cancel_futures=True)
                for path in self.cache.glob(f"precompiled.{os.getpid()}.h*"):
                    path.unlink(missing_ok=True)  # as large as all objects together
        return objects

    def link(self, name: str, objects: list[Path]) -> Path:
        """Links an executable; its name holds the hash of its objects."""
        target = self.cache / f"{name}-{sha256_of(*[item.name for item in objects])[:20]}"
        if not target.exists():
            temporary = target.with_suffix(f".{os.getpid()}.tmp")
            try:
                self._run([self.compiler, *self.types.flags, *map(str, objects), "-o", str(temporary)], name)
                os.replace(temporary, target)
            finally:
                temporary.unlink(missing_ok=True)
        return target
