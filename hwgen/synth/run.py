"""Synthesises a pipeline block by block; what is known is not done again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import hwgen
from hwgen.eda import yosys
from hwgen.errors import UsageError
from hwgen.files import write_atomic
from hwgen.synth.blocks import BUFFER, Block, Design, take_apart
from hwgen.synth.jobs import run_all
from hwgen.synth.results import FILE, FOLDER, SOURCE, counts_of, firmware_sha256, sums_of
from hwgen.synth.sources import Sources
from hwgen.synth.store import Netlist, Store, key_of, netlist_of, work_of

FAMILIES = ("xc7", "xcu", "xcup")
_MISSING = "its core is no RTL here: a report of the vendor's tool has its counts"
_OPEN = "not synthesised yet"


def _nothing(*_: object) -> None:
    pass


def _chosen(design: Design, names: Sequence[str]) -> list[Block]:
    known = {block.name: block for block in design.blocks}
    for name in names:
        if name not in known:
            raise UsageError(
                "--block", f"{name!r} is no block of this pipeline", f"one of {', '.join(known)}"
            )
        if known[name].missing:
            raise UsageError("--block", f"{name}: {_MISSING}", "leave it out")
    return [block for block in design.blocks if not block.missing and (not names or block.name in names)]


def _entries(block: Block, netlist: Netlist | None) -> list[dict[str, Any]]:
    """One entry per block, and another one for the memory of a feature buffer."""
    entry: dict[str, Any] = {
        "block": block.name,
        "group": block.group,
        "module": block.module,
        "parameters": dict(block.parameters),
        "counts": None if netlist is None else counts_of(netlist.cells),
        "seconds": None if netlist is None else netlist.seconds,
        "note": _MISSING if block.missing else _OPEN if netlist is None else "",
    }
    if block.module != BUFFER:
        return [entry]
    memory = {
        **entry,
        "block": f"{block.name.removesuffix('_buffer')}_features",
        "group": "memory",
        "module": f"{BUFFER}, its memory",
        "counts": None if netlist is None else counts_of(netlist.memory),
        "seconds": None,
    }
    return [entry, memory]


def synthesise(
    pipeline: Path,
    out: Path,
    family: str,
    names: Sequence[str] = (),
    *,
    jobs: int | None = None,
    force: bool = False,
    info: Callable[[str], None] = _nothing,
    progress: Callable[[str, int, int], None] = _nothing,
) -> dict[str, Any]:
    """Synthesises the blocks of a pipeline alone, each at the parameters its top gives it.

    Blocks that are equal are synthesised once. Every result is kept as soon as it is there, so a run that was
    stopped goes on where it was.

    Args:
        pipeline: folder with `sources.f`.
        out: output folder; results go to `synthesis/` in it.
        family: of synth_xilinx, one of `FAMILIES`.
        names: blocks to synthesise; default: all. The others are taken from earlier runs if they are there.
        jobs: runs of Yosys at a time; default: one per processor. A large stage takes 1 GB.
        force: synthesise the named blocks again.
        info: told of every block that was synthesised.
        progress: told how many are done, of how many.
    Returns:
        The content of `synthesis/yosys.json`.
    Raises:
        UsageError: unknown family or block, or no pipeline that can be read.
        ToolMissing, ToolFailed: from Yosys; the block is named.
    """
    if family not in FAMILIES:
        raise UsageError("--family", f"received {family!r}", f"one of {', '.join(FAMILIES)}")
    sources = Sources.of(pipeline)
    version = yosys.find().version
    design = take_apart(sources)
    store = Store(out / FOLDER)
    keys = {
        block.name: key_of(block, design, sources, family) for block in design.blocks if not block.missing
    }
    todo: dict[str, Block] = {}
    for block in _chosen(design, names):
        if force or store.get(keys[block.name]) is None:
            todo.setdefault(keys[block.name], block)
    # The largest first: they are the last to end.
    ordered = sorted(todo.values(), key=lambda block: _size(sources, block), reverse=True)
    works = [work_of(block, design, sources, family) for block in ordered]
    by_name = {block.name: block for block in ordered}
    progress("synth", 0, len(works))
    ended = run_all(works, jobs or os.cpu_count() or 1)
    for done, (work, output, seconds) in enumerate(ended, 1):
        block = by_name[work.name]
        netlist = netlist_of(output, block, design, seconds)
        store.put(keys[block.name], block, family, netlist)
        info(f"synth: {block.name}, {counts_of(netlist.cells)['lut']} LUT, {seconds:.0f} s")
        progress("synth", done, len(works))
    entries: list[dict[str, Any]] = []
    for block in design.blocks:
        entries += _entries(block, None if block.missing else store.get(keys[block.name]))
    document = {
        "tool": f"hwgen {hwgen.__version__}",
        "source": SOURCE,
        "yosys": ".".join(map(str, version)),
        "family": family,
        "firmware_sha256": firmware_sha256(pipeline),
        "inputs_sha256": sources.sha256,
        "complete": all(entry["counts"] is not None for entry in entries),
        "synthesised": [block.name for block in todo.values()],
        "blocks": entries,
        "sums": sums_of(entries),
    }
    write_atomic(out / FOLDER / FILE, json.dumps(document, indent=1) + "\n")
    return document


def _size(sources: Sources, block: Block) -> int:
    return sum(file.stat().st_size for file in sources.needed(block.module)) if block.group == "stage" else 0
