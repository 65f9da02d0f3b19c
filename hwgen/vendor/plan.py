"""Which steps a request comes to, with their commands, for a firmware tree as it lies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwgen.errors import UsageError
from hwgen.files import hash_file, sha256_of
from hwgen.vendor.imports import REPORTS
from hwgen.vendor.step import Step
from hwgen.vendor.tools import Tool
from hwgen.vendor.versions import (
    HLS_STEPS,
    NEEDS,
    PIPELINE,
    REPORT_FOLDERS,
    STEPS,
    TCL,
    VIVADO_STEPS,
)

HLS, VIVADO, LOGS = "hls", "vivado", "logs"
STOP = "stop"
_MANIFEST = "manifest.json"
_AGAIN = "write the tree anew with hwgen generate"


@dataclass(frozen=True)
class Tree:
    """What the manifest of a firmware tree says.

    Args:
        folder: of the tree.
        firmware: hash of the inputs it was generated from.
        backend, part: that it is for.
        stages: their names.
        gates: numbers of the exits that have one.
        ips: stages that the pipeline takes as IPs; None without a pipeline.
        files: generated files as they lie -> hash.
    """

    folder: Path
    firmware: str
    backend: str
    part: str
    stages: tuple[str, ...]
    gates: tuple[int, ...]
    ips: tuple[str, ...] | None
    files: Mapping[str, str]

    @classmethod
    def of(cls, folder: Path) -> Tree:
        """Reads a tree.

        Raises:
            UsageError: there is no manifest, or it is damaged.
        """
        path = folder / _MANIFEST
        try:
            manifest: dict[str, Any] = json.loads(path.read_text())
            planned = set(manifest["files"])
            stages = tuple(stage["name"] for stage in manifest["stages"])
            cores = (manifest["pipeline"] or {}).get("stages")
            ips = None
            if cores is not None:
                ips = tuple(name for name, core in zip(stages, cores, strict=True) if core["core"] == "hls")
            return cls(
                folder,
                str(manifest["inputs_sha256"]),
                str(manifest["firmware"]["backend"]),
                str(manifest["firmware"]["part"]),
                stages,
                tuple(number for number, gate in enumerate(manifest["gates"], 1) if gate is not None),
                ips,
                # What a designer's own runs left below scripts/ is large, and none of it is read.
                {name: hash_file(folder / name) for name in sorted(planned) if (folder / name).is_file()},
            )
        except FileNotFoundError as error:
            raise UsageError(str(path), "is not there", _AGAIN) from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(str(path), "is damaged", _AGAIN) from error

    @property
    def blocks(self) -> list[str]:
        """Blocks with an HLS project."""
        return [*self.stages, *(f"gate{number}" for number in self.gates), "kernel"]

    def key(self, block: str) -> str:
        """Hash of the files that a block's steps read, as they lie."""
        others = {f"{name}/" for name in self.blocks} - {f"{block}/", "kernel/"}
        if block in ("kernel", PIPELINE):
            others = set()
        elif block != PIPELINE:
            others |= {f"{PIPELINE}/"}
        return sha256_of(
            {
                name: value
                for name, value in self.files.items()
                if not name.startswith(tuple(others)) and name != "README.md"
            }
        )

    def keys(self) -> dict[str, str]:
        """The same of every step."""
        found = {f"{block}.{step}": self.key(block) for block in self.blocks for step in HLS_STEPS}
        return found | {f"{PIPELINE}.{step}": self.key(PIPELINE) for step in VIVADO_STEPS}


def wanted(tree: Tree, steps: Sequence[str], names: Sequence[str]) -> list[tuple[str, str]]:
    """(block, step) of a request, with what they need before them.

    Args:
        tree: the firmware.
        steps: that were asked for.
        names: blocks; all if empty.
    Raises:
        UsageError: an unknown block, one without such steps, or no pipeline.
    """
    known = [*tree.blocks, PIPELINE]
    for name in names:
        if name not in known:
            raise UsageError(
                "--block", f"{name!r} is no block of this firmware", f"one of {', '.join(known)}"
            )
    found: dict[tuple[str, str], None] = {}

    def add(block: str, step: str) -> None:
        for need in NEEDS[step]:
            for before in (tree.ips or ()) if step == "synth" else (block,):
                add(before, need)
        found[block, step] = None

    for step in (step for step in STEPS if step in steps):
        if step in HLS_STEPS:
            for block in tree.blocks:
                if not names or block in names:
                    add(block, step)
        elif not names or PIPELINE in names:
            if tree.ips is None:
                raise UsageError(str(tree.folder / PIPELINE), "is not there", "the manifest says why")
            add(PIPELINE, step)
    if not found:
        raise UsageError(
            "--block", f"{', '.join(names)}: no step {', '.join(steps)}", "leave one of them out"
        )
    return list(found)


def needs_of(tree: Tree, chosen: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Name of each step -> names of the steps it needs."""
    return {
        f"{block}.{step}": [
            f"{before}.{need}"
            for need in NEEDS[step]
            for before in ((tree.ips or ()) if step == "synth" else (block,))
        ]
        for block, step in chosen
    }


def _results(block: str, step: str, road: str) -> tuple[str, ...]:
    solution = f"{block}/{REPORT_FOLDERS[road]}"
    return {
        "csim": (),
        "csynth": (f"{solution}/syn/report/{block}_csynth.xml",),
        "cosim": (f"{solution}/sim/report/{block}_cosim.rpt",),
        "export": (f"{solution}/impl/ip/component.xml",),
        "synth": ("synth.dcp", *(f"reports/{name}" for name in REPORTS["synth"])),
        "impl": ("routed.dcp", *(f"reports/{name}" for name in REPORTS["impl"])),
    }[step]


def step_of(
    tree: Tree,
    work: Path,
    block: str,
    step: str,
    road: str,
    hls: Sequence[Tool],
    vivado: Tool | None,
    saif: Path | None,
) -> Step:
    """What to run for one step.

    Args:
        tree: the firmware.
        work: folder for everything that comes of it.
        block, step: which one.
        road: of the HLS steps.
        hls: their programs, as `find_hls` gives them.
        vivado: program of the steps in Vivado.
        saif: switching activity for the power of the pipeline.
    """
    scripts, work = (tree.folder / "scripts").resolve(), work.resolve()
    folder = work / (HLS if step in HLS_STEPS else VIVADO)
    if step in VIVADO_STEPS:
        assert vivado is not None
        tool = f"{vivado.name} {vivado.version}"
        command = [*vivado.tcl_command, str(scripts / "vivado.tcl")]
        environment = {"HWGEN_STEPS": step, "HWGEN_OUT": str(folder), "HWGEN_HLS": str(work / HLS)}
        if saif is not None and step == "impl":
            environment["HWGEN_SAIF"] = str(saif.resolve())
            tool += f" activity {hash_file(saif)[:16]}"
    elif road == TCL:
        tool = f"{hls[0].name} {hls[0].version} {road}"
        command = [*hls[0].tcl_command, str(scripts / "hls.tcl")]
        environment = {"HWGEN_BLOCK": block, "HWGEN_STEPS": step, "HWGEN_HLS": str(folder)}
    else:
        tool = f"{hls[0].name} {hls[0].version} {road}"
        command = ["bash", str(scripts / "unified.sh"), block, step]
        environment = {"HWGEN_HLS": str(folder), "VITIS_RUN": hls[0].path, "VPP": hls[1].path}
    key = tree.key(block)
    environment |= {"HWGEN_KEY": key, "HWGEN_TOOL": tool}
    log = work / LOGS / f"{block}.{step}.log"
    return Step(
        block, step, tuple(command), environment, folder, _results(block, step, road), log, work / STOP,
        tree.firmware, key, tool,
    )  # fmt: skip
