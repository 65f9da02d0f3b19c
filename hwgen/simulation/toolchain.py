"""Compiles the firmware as it lies in the tree with g++, side by side, each object once.

Objects are kept by the hash of what the preprocessor makes of their source, the flags and the
compiler's version: an edit compiles again exactly what it can change. The working folder is the
tree itself, so a moved tree finds its weights and its objects.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from hwgen.errors import ToolFailed, ToolMissing
from hwgen.files import sha256_of

# -O1 compiles in a fraction of -O2's time and simulates as fast; see docs/simulation.md.
FLAGS = ("-std=c++17", "-O1", "-w")
_TAIL_LINES = 12


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


def _run(command: list[str], folder: Path, what: str) -> bytes:
    """Runs the compiler; returns what it writes to its standard output."""
    result = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    if result.returncode:
        tail = "\n".join(
            (result.stderr or result.stdout).decode(errors="replace").splitlines()[-_TAIL_LINES:]
        )
        raise ToolFailed(
            f"g++, {what}",
            f"failed with exit code {result.returncode}",
            "the last lines are shown above; the tree is compiled as it lies",
            tail,
        )
    return result.stdout


class Toolchain:
    """A compiler and its cache of objects.

    Args:
        tree: folder of the firmware.
        cache: folder of the objects.
    """

    def __init__(self, tree: Path, cache: Path) -> None:
        self.tree = tree
        self.cache = cache
        self.compiler = find_compiler()
        self.version = compiler_version(self.compiler)
        self.jobs = max(1, len(os.sched_getaffinity(0)))
        cache.mkdir(parents=True, exist_ok=True)

    def _object(self, unit: Unit) -> Path:
        """Compiles one unit, unless its object is in the cache."""
        includes = [f"-I{folder}" for folder in unit.includes]
        command = [self.compiler, *FLAGS, *includes, *(f"-D{define}" for define in unit.defines)]
        # -P leaves out file names and line numbers: only the text that is compiled counts.
        text = _run([*command, "-E", "-P", unit.source], self.tree, unit.source)
        name = sha256_of(text, self.version, list(FLAGS))
        target = self.cache / f"{Path(unit.source).stem}-{name[:20]}.o"
        if not target.exists():
            temporary = target.with_suffix(f".{os.getpid()}.tmp")
            try:
                _run([*command, "-c", unit.source, "-o", str(temporary)], self.tree, unit.source)
                os.replace(temporary, target)
            finally:
                temporary.unlink(missing_ok=True)
        return target

    def compile(self, units: dict[str, Unit]) -> dict[str, Path]:
        """Compiles what is not in the cache, as many at a time as there are cores.

        Args:
            units: name -> unit.
        Returns:
            name -> object file.
        Raises:
            ToolFailed: a unit does not compile; holds g++'s last lines.
        """
        with ThreadPoolExecutor(self.jobs) as pool:
            return dict(zip(units, pool.map(self._object, units.values()), strict=True))

    def link(self, name: str, objects: list[Path]) -> Path:
        """Links an executable; its name holds the hash of its objects."""
        target = self.cache / f"{name}-{sha256_of(*[item.name for item in objects])[:20]}"
        if not target.exists():
            temporary = target.with_suffix(f".{os.getpid()}.tmp")
            try:
                _run([self.compiler, *map(str, objects), "-o", str(temporary)], self.tree, name)
                os.replace(temporary, target)
            finally:
                temporary.unlink(missing_ok=True)
        return target
