"""What the vendor's tools said of this firmware, beside what was estimated; all of it null without them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hwgen.vendor.imports import FILE, FOLDER

COLUMNS = ("lut", "ff", "dsp", "bram_18k")
ESTIMATE = "estimate"
WHOLE = (("pipeline", "vivado_routed"), ("pipeline", "vivado_synth"), ("kernel", "csynth"))
"""(design, source) of figures that stand for a whole design, the most trusted first."""
_TOLD = ("runs", "latency", "timing", "power", "cosim")


def read_vendor(out: Path) -> dict[str, Any] | None:
    """The content of synthesis/vendor.json, if it is of the firmware that lies there.

    Args:
        out: the output folder.
    """
    try:
        found: dict[str, Any] = json.loads((out / FOLDER / FILE).read_text())
        firmware = json.loads((out / "firmware" / "manifest.json").read_text())["inputs_sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if found.get("firmware_sha256") == firmware else None


def estimated_cycles(latency: Mapping[str, Any]) -> dict[str, float]:
    """Block -> cycles of the report's own estimate."""
    stages = {f"stage{number}": cycles for number, cycles in enumerate(latency["stages"], 1)}
    return stages | {f"gate{number}": cycles for number, cycles in enumerate(latency["gates"], 1)}


def _row(block: str, figure: str, estimate: float, result: float | None, source: str) -> dict[str, Any]:
    error = None if not result else (estimate - result) / result
    return {
        "block": block, "figure": figure, "estimate": estimate, "result": result, "source": source, "error": error,
    }  # fmt: skip


def comparison(
    resources: Iterable[Mapping[str, Any]], latency: Mapping[str, Any], measured: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Estimate and result side by side.

    Args:
        resources: rows by block and source; those of the source `estimate` are set against all others.
        latency: the report's estimate.
        measured: latencies that tools reported, by block and source.
    Returns:
        rows with `block`, `figure` (cycles of the longest sample, lut, ff, dsp, bram_18k), `estimate`, `result`, its
        `source`, and `error`: (estimate - result) / result, None where the result is 0 or unknown.
    """
    cycles = estimated_cycles(latency)
    rows = [
        _row(entry["block"], "cycles", cycles[entry["block"]], entry["max"], entry["source"])
        for entry in measured
        if entry["block"] in cycles
    ]
    every = list(resources)
    guesses = {entry["block"]: entry for entry in every if entry["source"] == ESTIMATE}
    for entry in every:
        guess = guesses.get(entry["block"])
        if guess is None or entry["source"] == ESTIMATE:
            continue
        rows += [
            _row(entry["block"], column, guess[column], entry[column], entry["source"])
            for column in COLUMNS
            if guess.get(column) is not None
        ]
    return rows


def vendor_section(
    vendor: Mapping[str, Any] | None, latency: Mapping[str, Any]
) -> tuple[dict[str, Any] | None, list[dict[str, Any]] | None]:
    """Sections `vendor` and `resources` of the report.

    Args:
        vendor: the content of vendor.json, or None.
        latency: the report's estimate.
    """
    if vendor is None:
        return None, None
    resources = [dict(row) for row in vendor["resources"]]
    section = {key: vendor[key] for key in _TOLD}
    section["comparison"] = comparison(resources, latency, vendor["latency"])
    return section, resources or None


def design_total(rows: Sequence[Mapping[str, Any]], column: str) -> float | None:
    """What a whole design takes, by the most trusted source that knows all of it.

    Args:
        rows: of the report's `resources`. Those that name no design (`of`) are taken for the blocks of one.
        column: of them.
    """
    chosen = [row for row in rows if "of" not in row]
    for design, source in WHOLE:
        found = [row for row in rows if (row.get("of"), row.get("source")) == (design, source)]
        if found:
            chosen = found
            break
    values = [row.get(column) for row in chosen]
    return None if not values or None in values else float(sum(values))  # type: ignore[arg-type]
