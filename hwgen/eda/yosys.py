"""Yosys: what RTL costs on a family of FPGAs, by open synthesis.

Found in this order: the binary that HWGEN_YOSYS names, the Python package `pyosys`, `yosys` on PATH; 0.60 or
newer. It always runs in a process of its own: what it crashes or fills with memory is not the caller's.

The counts are Yosys's. No vendor tool has seen the RTL: Vivado places two small functions in one LUT and has
carry chains of 8, so its figures differ.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from hwgen.eda.run import Version, require, run_tool, version_of
from hwgen.errors import ToolFailed, ToolMissing

NEEDED: Version = (0, 60)
OVERRIDE = "HWGEN_YOSYS"
REMEDY = "install it with `pip install pyosys`, or name a binary in HWGEN_YOSYS"
MEMORY_BYTES = 8 << 30
"""A synthesis that wants more is ended."""
_PYOSYS = "import sys; from pyosys import libyosys as y; y.run_pass('script ' + sys.argv[1], y.Design())"
_LUTRAM_LUTS = {
    "RAM16X1D": 2,
    "RAM32X1D": 2,
    "RAM64X1D": 2,
    "RAM128X1D": 4,
    "RAM256X1D": 8,
    "RAM32M": 4,
    "RAM64M": 4,
    "RAM32M16": 8,
    "RAM64M8": 8,
    "RAM32X1S": 1,
    "RAM64X1S": 1,
    "RAM128X1S": 2,
    "RAM256X1S": 4,
    "RAM512X1S": 8,
}
_BRAM = {"RAMB18E1": 0.5, "RAMB18E2": 0.5, "RAMB36E1": 1.0, "RAMB36E2": 1.0, "FIFO18E2": 0.5, "FIFO36E2": 1.0}


@dataclass(frozen=True)
class Counts:
    """Primitives of one netlist.

    Args:
        lut: cells LUT1..LUT6 and inverters (INV), each as one: those in front of carry chains too, and two
            small ones are not taken together as a LUT6_2.
        lutram: LUTs used as memory or shift register (RAM*, SRL*), not in `lut`.
        ff: FDRE, FDSE, FDCE, FDPE and latches.
        carry: CARRY4 or CARRY8 cells as Yosys makes them (CARRY4 even for xcup).
        dsp: DSP48 cells.
        bram: block RAMs of 36 kbit; one of 18 kbit is a half.
        muxf: MUXF7, MUXF8, MUXF9: beside the LUTs, not of them.
        other: every cell that is none of these, by type (clock buffers, for example).
    """

    lut: int
    lutram: int
    ff: int
    carry: int
    dsp: int
    bram: float
    muxf: int
    other: Mapping[str, int]

    def to_dict(self) -> dict[str, object]:
        """Ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Yosys:
    """One Yosys.

    Args:
        command: what runs it on a script that follows as the last argument.
        version: (major, minor).
    """

    command: tuple[str, ...]
    version: Version


def _checked(found: Yosys, what: str) -> Yosys:
    shown = (".".join(map(str, found.version)), ".".join(map(str, NEEDED)))
    require(f"yosys ({what})", found.version, NEEDED, shown, REMEDY)
    return found


def _of_path(name: str) -> Yosys | None:
    program = shutil.which(name)
    if program is None:
        return None
    result = subprocess.run([program, "-V"], capture_output=True, text=True, check=False)
    return Yosys((program, "-q", "-s"), version_of(result.stdout)[:2])


@cache
def _find(override: str | None) -> Yosys:
    if override:
        named = _of_path(override)
        if named is None:
            raise ToolMissing(OVERRIDE, f"names {override}, which is no program", REMEDY)
        return _checked(named, override)
    too_old: ToolMissing | None = None
    if importlib.util.find_spec("pyosys") is not None:
        packaged = Yosys(
            (sys.executable, "-c", _PYOSYS), version_of(importlib.metadata.version("pyosys"))[:2]
        )
        try:
            return _checked(packaged, "Python package pyosys")
        except ToolMissing as error:
            too_old = error
    found = _of_path("yosys")
    if found is None:
        needed = ".".join(map(str, NEEDED))
        raise too_old or ToolMissing("yosys", f"not found, {needed} or newer needed", REMEDY)
    return _checked(found, found.command[0])


def find() -> Yosys:
    """The Yosys to use.

    Raises:
        ToolMissing: there is none, or it is too old.
    """
    return _find(os.environ.get(OVERRIDE))


def run_script(lines: Sequence[str], folder: Path, timeout: float | None = None) -> str:
    """Runs Yosys commands, one a line, in a folder; returns the log.

    Raises:
        ToolMissing: no Yosys, or too old.
        ToolFailed: a command failed, ran out of `MEMORY_BYTES` or of time.
    """
    tool = find()
    script = folder / "script.ys"
    script.write_text("\n".join(lines) + "\n")
    limit = ["bash", "-c", f'ulimit -v {MEMORY_BYTES >> 10}; exec "$@"', "yosys"]
    return run_tool("yosys", [*limit, *tool.command, script.name], folder, timeout=timeout)


def _quoted(path: Path) -> str:
    text = str(Path(path).resolve())
    return f'"{text}"' if " " in text else text  # read_slang takes no quotes


def read_commands(
    files: Sequence[Path],
    top: str,
    parameters: Mapping[str, int],
    defines: Mapping[str, str],
    front_end: str = "verilog",
) -> list[str]:
    """The commands that read a design and set its parameters; afterwards its top module is called `top`."""
    sources = " ".join(map(_quoted, files))
    macros = "".join(f" -D {name}={value}" if value else f" -D {name}" for name, value in defines.items())
    if front_end == "slang":
        given = "".join(f" -G {name}={value}" for name, value in parameters.items())
        return [f"read_slang --top {top}{given}{macros} {sources}"]
    given = "".join(f" -chparam {name} {value}" for name, value in parameters.items())
    return [f"read_verilog -sv -defer{macros} {sources}", f"hierarchy -check -top {top}{given}"]


def count(cells: Mapping[str, int]) -> Counts:
    """Sorts the cells of a netlist, number by type, into `Counts`."""
    sums = {"lut": 0, "lutram": 0, "ff": 0, "carry": 0, "dsp": 0, "muxf": 0}
    bram, other = 0.0, {}
    for kind, number in cells.items():
        if re.fullmatch(r"LUT[1-6]|INV", kind):
            sums["lut"] += number
        elif re.match(r"SRL", kind):
            sums["lutram"] += number
        elif kind in _BRAM:
            bram += number * _BRAM[kind]
        elif re.match(r"RAM\d", kind):
            sums["lutram"] += number * _LUTRAM_LUTS.get(kind, 1)
        elif re.fullmatch(r"FD[RSCP]E(_1)?|LD[CP]E", kind):
            sums["ff"] += number
        elif re.match(r"CARRY[48]", kind):
            sums["carry"] += number
        elif re.match(r"DSP48", kind):
            sums["dsp"] += number
        elif re.match(r"MUXF[789]", kind):
            sums["muxf"] += number
        elif not kind.startswith("$"):  # $scopeinfo and the like are notes
            other[kind] = number
    return Counts(**sums, bram=bram, other=other)


def synthesise(
    files: Sequence[Path],
    top: str,
    parameters: Mapping[str, int] | None = None,
    family: str = "xcup",
    *,
    defines: Mapping[str, str] | None = None,
    front_end: str = "verilog",
    timeout: float | None = None,
) -> Counts:
    """Synthesises a module and counts its primitives.

    `synth_xilinx -family F -flatten -noiopad -noclkbuf`: ports are no pads, the clock has no buffer.

    Args:
        files: sources.
        top: top module.
        parameters: of the top module.
        family: of synth_xilinx: `xcup` (UltraScale+), `xcu`, `xc7`, ...
        defines: macros.
        front_end: `verilog` (Yosys's own reader) or `slang`.
        timeout: seconds.
    Raises:
        ToolMissing: no Yosys, or too old.
        ToolFailed: the sources do not synthesise.
    """
    with tempfile.TemporaryDirectory(prefix="hwgen-yosys-") as name:
        folder = Path(name)
        lines = [
            *read_commands(files, top, parameters or {}, defines or {}, front_end),
            f"synth_xilinx -family {family} -top {top} -flatten -noiopad -noclkbuf",
            "tee -q -o stat.json stat -json",
        ]
        log = run_script(lines, folder, timeout)
        try:
            modules = json.loads((folder / "stat.json").read_text())["modules"]
            cells = modules[f"\\{top}"]["num_cells_by_type"]
        except (OSError, ValueError, KeyError) as error:
            raise ToolFailed("yosys", f"wrote no counts of {top}", log_tail=log[-2000:]) from error
    return count(cells)
