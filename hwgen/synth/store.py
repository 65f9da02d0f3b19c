"""Netlists that were counted once, each in a file named by the hash of what it came from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from hwgen.eda import yosys
from hwgen.errors import ToolFailed
from hwgen.files import sha256_of, write_atomic
from hwgen.synth.blocks import BUFFER, ENTRANCE, Block, Design
from hwgen.synth.jobs import Work
from hwgen.synth.script import MEMORY, STATISTICS, module_script, top_script
from hwgen.synth.sources import Sources

FOLDER = "modules"
_NAME_LETTERS = 32


@dataclass(frozen=True)
class Netlist:
    """Cells by type.

    Args:
        cells: of the block without its feature memory.
        memory: of its feature memory, with the output register; empty if it has none.
        seconds: that the synthesis took.
    """

    cells: Mapping[str, int]
    memory: Mapping[str, int]
    seconds: float


def work_of(block: Block, design: Design, sources: Sources, family: str) -> Work:
    """The run of Yosys that synthesises a block."""
    if block.name == ENTRANCE:
        lines = top_script(block.module, design.top_modules(), sources.names(sources.files), family)
        return Work(block.name, lines, STATISTICS, sources.folder, design.boxes)
    files = sources.names(sources.needed(block.module))
    lines = module_script(block.module, block.values, files, family, memory=block.module == BUFFER)
    return Work(block.name, lines, STATISTICS, sources.folder)


def key_of(block: Block, design: Design, sources: Sources, family: str) -> str:
    """Hash of all that a block's netlist depends on: equal blocks have one, whatever they are called."""
    if block.name == ENTRANCE:
        lines = top_script(block.module, design.top_modules(), (), family)
        made_of = [sources.sha256_of(block.module), design.boxes]
    else:
        lines = module_script(block.module, block.values, (), family, memory=block.module == BUFFER)
        made_of = [sources.sha256_of(block.module)]
    return sha256_of(list(yosys.find().version), lines, made_of)


def netlist_of(output: str, block: Block, design: Design, seconds: float) -> Netlist:
    """Reads what a work wrote.

    Raises:
        ToolFailed: it holds no counts of the block.
    """
    memory = f"{block.module}_{MEMORY}"
    try:
        modules = json.loads(output)["modules"]
        cells = modules[f"\\{block.module}"]["num_cells_by_type"]
    except (ValueError, KeyError) as error:
        raise ToolFailed(f"yosys, {block.name}", f"wrote no counts of {block.module}") from error
    below = {memory, *design.top_modules()}
    return Netlist(
        {kind: number for kind, number in cells.items() if kind.removeprefix("\\") not in below},
        modules.get(f"\\{memory}", {}).get("num_cells_by_type", {}),
        round(seconds, 1),
    )


class Store:
    """Files below `<out>/synthesis/modules/`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def _path(self, key: str) -> Path:
        return self._folder / f"{key[:_NAME_LETTERS]}.json"

    def get(self, key: str) -> Netlist | None:
        """What is stored under a key; None if nothing is, or if it is damaged."""
        try:
            entry = json.loads(self._path(key).read_text())
            if entry["inputs_sha256"] == key:
                return Netlist(entry["cells"], entry["memory"], entry["seconds"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def put(self, key: str, block: Block, family: str, netlist: Netlist) -> None:
        """Keeps a netlist.

        Raises:
            UsageError: the folder cannot be written.
        """
        about = {"module": block.module, "parameters": dict(block.parameters), "family": family}
        content = {"inputs_sha256": key, **about, **asdict(netlist)}
        write_atomic(self._path(key), json.dumps(content, indent=1) + "\n")
