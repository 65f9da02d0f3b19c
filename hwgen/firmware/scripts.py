"""Plans scripts/: what a designer runs as it is, from Make, Tcl or the unified configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hwgen.firmware.blocks import Files
from hwgen.firmware.templates import banner, fixed, render
from hwgen.recipe.schema import Firmware
from hwgen.vendor.versions import RELEASES, SUBCOMMANDS, UNIFIED_KEYS

FOLDER = "scripts"
FIXED = {"hls.tcl": "vitis/hls.tcl", "common.tcl": "vitis/common.tcl", "vivado.tcl": "vivado/vivado.tcl"}
"""Copied as they are."""
UNCERTAINTY = {"Vitis": "27%", "Vivado": "12.5%"}
_VARIABLES = {"v++": '"$VPP"', "vitis-run": '"$VITIS_RUN"'}
_STANDARD = "-std=c++11"
_INCLUDES = "-I@/include -I@/kernel -I@/testbench"


@dataclass(frozen=True)
class Source:
    """One file of an HLS project.

    Args:
        path: in the tree.
        flags: of the compiler; an at-sign stands for the tree.
        bench: whether it is of the test bench.
    """

    path: str
    flags: str = ""
    bench: bool = False


def sources_of(block: str, stages: Sequence[str]) -> list[Source]:
    """What a block's project is made of, the sources before the test bench.

    Args:
        block: `stage1`, `gate1`, ... or `kernel`.
        stages: names of all stages.
    """
    flags = f"{_STANDARD} {_INCLUDES}"
    bench = Source(f"testbench/{block}_test.cpp", flags, bench=True)
    if block in stages:
        return [
            Source(f"{block}/firmware/{block}.cpp", _STANDARD),
            Source(f"kernel/{block}_call.cpp", f"{flags} -DHWGEN_STAGE_ALONE", bench=True),
            Source(f"{block}/firmware/weights", bench=True),
            bench,
        ]
    if block == "kernel":
        calls = [Source(f"kernel/{stage}_call.cpp", flags) for stage in stages]
        return [Source("kernel/kernel.cpp", flags), *calls, bench]
    return [Source(f"{block}/{block}.cpp", flags), bench]


def has_delay_groups(part: str) -> bool:
    """Whether a part has groups of clocks of equal delay (UltraScale and later; not the 7 series)."""
    return re.match(r"x[acq]7", part.lower()) is None


def script_files(
    stages: Sequence[str],
    gates: Sequence[int],
    firmware: Firmware,
    recipe: str,
    inputs_sha256: str,
    pipeline: Mapping[str, Any] | None,
    wrappers: Sequence[str],
) -> Files:
    """The files of scripts/.

    Args:
        stages: their names.
        gates: numbers of the exits that have one.
        firmware: the recipe's `firmware`.
        recipe: its name.
        inputs_sha256: hash of everything the firmware is made from.
        pipeline: what the manifest says of it, or None.
        wrappers: RTL below pipeline/ that holds IPs.
    """
    blocks = [*stages, *(f"gate{number}" for number in gates), "kernel"]
    cores = (pipeline or {}).get("stages", [])
    common: dict[str, Any] = {
        "blocks": blocks,
        "stages": stages,
        "backend": firmware.backend,
        "part": firmware.part,
        "clock_ns": f"{firmware.clock_ns:g}",
        "clock_uncertainty": UNCERTAINTY[firmware.backend],
        "ips": [name for name, core in zip(stages, cores, strict=bool(cores)) if core["core"] == "hls"],
        "inputs_sha256": inputs_sha256,
    }
    sources = {block: sources_of(block, stages) for block in blocks}

    def made(name: str, template: str, **values: Any) -> Files:
        line = banner(name, recipe, inputs_sha256)
        return {f"{FOLDER}/{name}": render(f"vitis/{template}", banner=line, **common, **values)}

    files = {f"{FOLDER}/{name}": fixed(path) for name, path in FIXED.items() if cores or name != "vivado.tcl"}
    rows = [row for row in RELEASES if row.backend == firmware.backend]
    files |= made(
        "design.tcl",
        "design.tcl.j2",
        sources=sources,
        solution=rows[0].solution,
        extras=sorted({row.extra for row in rows if row.extra}),
        wrappers=wrappers,
        gated_clocks=firmware.gating == "clock",
        delay_groups=has_delay_groups(firmware.part),
    )
    files |= made("Makefile", "Makefile.j2")
    if firmware.backend != "Vitis":  # Vivado HLS has no other road
        return files
    for block in blocks:
        files |= made(
            f"cfg/{block}.cfg", "block.cfg.j2", block=block, sources=sources[block], keys=UNIFIED_KEYS
        )
    first = next(release.version for release in RELEASES if release.unified)
    commands = {
        step: " ".join([_VARIABLES[program], *arguments])
        for step, (program, *arguments) in SUBCOMMANDS.items()
    }
    return files | made("unified.sh", "unified.sh.j2", first=first, commands=commands)
