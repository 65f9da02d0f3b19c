"""Which steps a request comes to, with their commands, for a firmware tree as it lies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwgen.errors import UsageError
from hwgen.files import MANIFEST, hash_file, sha256_of
from hwgen.vendor.imports import REPORTS
from hwgen.vendor.status import DONE, read_status
from hwgen.vendor.step import Step
from hwgen.vendor.tools import Tool
from hwgen.vendor.versions import (
    HLS_STEPS,
    NEEDS,
    PIPELINE,
    REPORT_FOLDERS,
    ROADS,
    STEPS,
    TCL,
    VIVADO_STEPS,
)

HLS, VIVADO, LOGS = "hls", "vivado", "logs"
STOP = "stop"
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
        path = folder / MANIFEST
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
        else:
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

    def needs(self) -> dict[str, list[str]]:
        """Name of every step -> names of the steps it needs."""
        pairs = [(block, step) for block in self.blocks for step in HLS_STEPS]
        pairs += [(PIPELINE, step) for step in VIVADO_STEPS]
        return {
            f"{block}.{step}": [f"{before}.{need}" for before, need in _before(self, block, step)]
            for block, step in pairs
        }


def _before(tree: Tree, block: str, step: str) -> list[tuple[str, str]]:
    """What a step needs; the synthesis of the pipeline needs every stage that is an IP."""
    blocks = (tree.ips or ()) if step == "synth" else (block,)
    return [(before, need) for need in NEEDS[step] for before in blocks]


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
        for before, need in _before(tree, block, step):
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


def folder_of(work: Path, step: str) -> Path:
    """Where a step runs: below the folder for everything that comes of a tree."""
    return work / (HLS if step in HLS_STEPS else VIVADO)


def ip_maker(tree: Tree, work: Path, stage: str) -> str | None:
    """Whether the IP of a stage is there, made from the files as they lie, by whatever tool on whatever road.

    Args:
        tree: the firmware.
        work: folder for everything that comes of it.
        stage: one of `tree.ips`.
    Returns:
        name, version and road of its tool; None if it has to be made.
    """
    last = None
    for step in ("csynth", "export"):
        folder = folder_of(work, step)
        last = read_status(folder, stage, step)
        if (
            last is None
            or last.state != DONE
            or (last.firmware, last.key) != (tree.firmware, tree.key(stage))
        ):
            return None
        road = last.tool.rpartition(" ")[2]
        if road not in ROADS or not all((folder / name).is_file() for name in _results(stage, step, road)):
            return None
    return last.tool if last is not None else None


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
    folder = folder_of(work, step)
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
