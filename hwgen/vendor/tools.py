"""Finds the vendor's programs and asks for their version, once each.

In this order: the program that an environment variable names (`OVERRIDES`), PATH, the folder of an installation whose
settings64.sh was sourced (`INSTALLATIONS`).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hwgen.errors import ToolMissing, UsageError
from hwgen.vendor.versions import OLDEST, PROGRAMS, RELEASES, TCL, Release, number, release_of

OVERRIDES = {
    "vivado_hls": "HWGEN_VIVADO_HLS",
    "vitis_hls": "HWGEN_VITIS_HLS",
    "vitis-run": "HWGEN_VITIS_RUN",
    "v++": "HWGEN_VPP",
    "vivado": "HWGEN_VIVADO",
}
"""Program -> variable that names it."""
INSTALLATIONS = ("XILINX_HLS", "XILINX_VITIS", "XILINX_VIVADO")
_ASK = {"vitis-run": "--version", "v++": "--version"}
_SECONDS = 120
# A patched tool adds the number of the patch: v2020.2_AR76780.
_VERSION = re.compile(r"\bv(20\d\d\.\d(?:\.\d)?)(?![\d.])")


@dataclass(frozen=True)
class Tool:
    """One program of one version.

    Args:
        name: vitis_hls, vitis-run, v++, vivado_hls or vivado.
        path: where it lies.
        version: as it says it.
        release: row of the table of versions.
        warning: if the version is not in that table.
    """

    name: str
    path: str
    version: str
    release: Release
    warning: str = ""

    @property
    def tcl_command(self) -> list[str]:
        """What runs a Tcl script whose path follows."""
        rows = [row for row in RELEASES if row.hls == self.name]
        return [self.path, *rows[0].tcl] if rows else [self.path, "-mode", "batch", "-notrace", "-source"]


def _remedy(name: str) -> str:
    return f"source settings64.sh of an installation, or name the program in {OVERRIDES[name]}"


def _path_of(name: str) -> str | None:
    variable = OVERRIDES[name]
    named = os.environ.get(variable)
    if named:
        found = shutil.which(named)
        if found is None:
            raise ToolMissing(variable, f"names {named}, which is no program", _remedy(name))
        return found
    folders = [str(Path(os.environ[key]) / "bin") for key in INSTALLATIONS if os.environ.get(key)]
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(folders) or os.devnull)


@cache
def _version_of(path: str, question: str) -> tuple[str, str]:
    """Version, and what the program said; the version is empty if it said none."""
    try:
        answer = subprocess.run(
            [path, question], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", " ".join(str(error).split())
    said = answer.stdout + answer.stderr
    found = _VERSION.search(said)
    return (found[1] if found else ""), re.sub(r"[^ -~]", "?", " ".join(said.split()))[:200]


def find(name: str, oldest: str = OLDEST) -> Tool:
    """One program.

    Args:
        name: key of `OVERRIDES`.
        oldest: version that is needed.
    Raises:
        ToolMissing: it is not there, too old, or does not say its version.
    """
    path = _path_of(name)
    if path is None:
        raise ToolMissing(name, f"not found, {oldest} or newer needed", _remedy(name))
    version, said = _version_of(path, _ASK.get(name, "-version"))
    if not version:
        raise ToolMissing(name, f"{path} does not say its version: {said or 'no answer'}", _remedy(name))
    if number(version) < number(oldest):
        raise ToolMissing(name, f"version {version} found, {oldest} or newer needed", _remedy(name))
    release, warning = release_of(version)
    return Tool(name, path, version, release, f"{name}: {warning}" if warning else "")


def find_hls(backend: str, road: str = TCL) -> list[Tool]:
    """The programs that run C synthesis of a backend on a road.

    Args:
        backend: `firmware.backend`: Vitis or Vivado.
        road: tcl or unified.
    Returns:
        the one program of the Tcl road; or vitis-run and v++.
    Raises:
        ToolMissing: none is there, or too old.
        UsageError: the backend has no such road.
    """
    rows = [row for row in RELEASES if row.backend == backend]
    if road != TCL:
        if backend != "Vitis":
            raise UsageError("--road", f"{road} is not for firmware.backend {backend}", "take tcl")
        oldest = next(row.version for row in RELEASES if row.unified)
        return [find("vitis-run", oldest), find("v++", oldest)]
    absent = True
    # Whoever names a program means it, whatever else is on PATH.
    named = [name for name in PROGRAMS[backend] if os.environ.get(OVERRIDES[name])]
    for name in named or PROGRAMS[backend]:
        # vitis_hls lives on beside vitis-run for some versions.
        oldest = next(row.version for row in rows if name in (row.hls, "vitis_hls"))
        if _path_of(name) is not None:
            absent, found = False, _tried(name, oldest)
            if isinstance(found, Tool):
                return [found]
            problem = found
    if not absent:
        raise problem
    names, oldest = PROGRAMS[backend], rows[0].version
    raise ToolMissing(" or ".join(names), f"not found, {oldest} or newer needed", _remedy(names[-1]))


def warnings(hls: Sequence[Tool], vivado: Tool | None, built: Sequence[str] = ()) -> list[str]:
    """What to say of the tools that will run.

    Args:
        hls: as `find_hls` gives them; may be empty.
        vivado: that takes their IPs, if it runs.
        built: name, version and road behind the IPs that are there already.
    """
    found = [tool.warning for tool in (*hls, *([vivado] if vivado else ())) if tool.warning]
    makers = {f"{tool.name} {tool.version}" for tool in hls[:1]}
    makers |= {" ".join(tool.split()[:2]) for tool in built}
    for maker in sorted(makers) if vivado else ():
        if vivado and number(maker.split()[1]) != number(vivado.version):
            pair = f"{vivado.name} {vivado.version} takes IPs of {maker}"
            found.append(f"{pair}: use both of the same version")
    return found


def _tried(name: str, oldest: str) -> Tool | ToolMissing:
    try:
        return find(name, oldest)
    except ToolMissing as error:
        return error
