"""`yosys.json`: the counts of a pipeline's blocks, their sums, and rows for the report."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hwgen.eda import yosys
from hwgen.errors import UsageError
from hwgen.files import MANIFEST
from hwgen.synth.blocks import BUFFER
from hwgen.synth.sources import Sources

FOLDER = "synthesis"
FILE = "yosys.json"
SOURCE = "yosys"
COLUMNS = ("lut", "lutram", "ff", "carry", "dsp", "bram_18k", "muxf")
GROUPS = ("stage", "gate", "controller", "registers", "memory")
_OWN = re.compile(r"(.+)_(shell|buffer|router)")
_AGAIN = "hwgen synth --tool yosys does it again, what has not changed excepted"

Counts = dict[str, Any]


def counts_of(cells: Mapping[str, int]) -> Counts:
    """Cells by type as `COLUMNS` and `other`: LUTs of logic, LUTs as memory, and block RAMs of 18 kbit."""
    found = yosys.count(cells).to_dict()
    bram = found.pop("bram")
    assert isinstance(bram, float)
    return {**found, "bram_18k": round(2 * bram)}


def total(counts: Sequence[Counts | None]) -> Counts | None:
    """Sum of all; None if one is unknown."""
    known = [entry for entry in counts if entry is not None]
    if len(known) < len(counts):
        return None
    other: dict[str, int] = {}
    for entry in known:
        for kind, number in entry["other"].items():
            other[kind] = other.get(kind, 0) + number
    return {column: sum(entry[column] for entry in known) for column in COLUMNS} | {"other": other}


def sums_of(blocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Sums over the groups, and the controller by early exit.

    Args:
        blocks: entries of `yosys.json`.
    Returns:
        group -> counts, `all` -> counts, None where a block is unknown; and `early_exits`: their `number`;
        `own`, stage -> counts of its shell, feature buffer without memory, and router; `shared`, what all
        exits need together, with shell and router of the last stage; `mean`, own and shared ones over the
        number of early exits, None without any.
    """
    groups = {
        group: total([entry["counts"] for entry in blocks if entry["group"] == group]) for group in GROUPS
    }
    names = [entry["block"].removesuffix("_buffer") for entry in blocks if entry["module"] == BUFFER]
    own: dict[str, list[Counts | None]] = {name: [] for name in dict.fromkeys(names)}
    shared: list[Counts | None] = []
    for entry in blocks:
        if entry["group"] == "controller":
            found = _OWN.fullmatch(entry["block"])
            own.get(found[1] if found else "", shared).append(entry["counts"])
    controller = groups["controller"]
    mean = None
    if own and controller is not None:
        mean = {column: round(controller[column] / len(own), 1) for column in COLUMNS}
    return {
        **groups,
        "all": total([entry["counts"] for entry in blocks]),
        "early_exits": {
            "number": len(own),
            "own": {name: total(counts) for name, counts in own.items()},
            "shared": total(shared),
            "mean": mean,
        },
    }


def load_results(out: Path, pipeline: Path) -> dict[str, Any] | None:
    """The content of `<out>/synthesis/yosys.json`, or None if there is no such file.

    Args:
        out: the output folder.
        pipeline: folder of the pipeline it has to belong to.
    Raises:
        UsageError: it is damaged, or belongs to other firmware (named).
    """
    path = out / FOLDER / FILE
    try:
        document = json.loads(path.read_text())
        found, firmware = document["inputs_sha256"], document["firmware_sha256"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(str(path), "is damaged", _AGAIN) from error
    sources = Sources.of(pipeline)
    if found != sources.sha256:
        there, here = str(firmware)[:16], str(firmware_sha256(pipeline))[:16]
        told = f"belongs to firmware {there}, but {pipeline.name}/ is of {here}"
        if there == here:
            told = f"was made before {pipeline.name}/ was edited"
        raise UsageError(str(path), told, _AGAIN)
    return dict(document)


def firmware_sha256(pipeline: Path) -> str | None:
    """The input hash that the firmware tree around a pipeline states; None without a manifest."""
    try:
        manifest = json.loads((pipeline.parent / MANIFEST).read_text())
        return str(manifest["inputs_sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def resource_rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of report.json's `resources`, one per block.

    Returns:
        `block`, `lut` (logic and memory), `lutram` (those of them that are memory), `ff`, `dsp`, `bram_18k`,
        `source`; the numbers and the source are None for a block that was not synthesised, so that a sum over
        the rows is never too small in silence.
    """
    rows = []
    for entry in document["blocks"]:
        counts = entry["counts"]
        row: dict[str, Any] = {"block": entry["block"]}
        if counts is None:
            row |= dict.fromkeys(("lut", "lutram", "ff", "dsp", "bram_18k", "source"))
        else:
            row |= {"lut": counts["lut"] + counts["lutram"], "lutram": counts["lutram"]}
            row |= {column: counts[column] for column in ("ff", "dsp", "bram_18k")} | {"source": SOURCE}
        rows.append(row)
    return rows
