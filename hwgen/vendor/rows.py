"""What a report says, as rows of `vendor.json`: the same keys whether the run is known or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CSYNTH, COSIM = "csynth", "cosim"
"""Sources of figures: C synthesis, and its co-simulation."""
SECTIONS = ("resources", "latency", "timing", "power", "cosim")
"""Of a document: rows by block and source."""
COLUMNS = ("lut", "ff", "dsp", "bram_18k")


def resources_row(counts: Mapping[str, int | None], block: str, source: str, of: str) -> dict[str, Any]:
    """Counts of one block.

    Args:
        counts: as the parsers give them.
        block: whose they are.
        source: of the figures.
        of: the design that the block was built in.
    """
    return {"block": block, **{column: counts[column] for column in COLUMNS}, "source": source, "of": of}


def csynth_rows(found: Mapping[str, Any], block: str) -> dict[str, list[dict[str, Any]]]:
    """Resources and latency of the top, from either form of the report of C synthesis."""
    latency, interval = found["latency_cycles"], found["interval_cycles"]
    return {
        "resources": [resources_row(found["resources"], block, CSYNTH, block)],
        "latency": [
            {
                "block": block,
                "min": latency["best"],
                "max": latency["worst"],
                "interval": interval["max"],
                "clock_ns": found.get("clock", {}).get("estimated_ns"),
                "source": CSYNTH,
            }
        ],
    }


def cosim_rows(found: Mapping[str, Any], block: str) -> dict[str, list[dict[str, Any]]]:
    """Whether a co-simulation passed, None if it was not run, and its cycles if it did."""
    rows: dict[str, list[dict[str, Any]]] = {"cosim": [{"block": block, "passed": found["passed"]}]}
    if found["passed"]:
        ran = next(entry for entry in found["rtl"].values() if entry["status"] == "pass")
        latency, interval = ran["latency_cycles"], ran["interval_cycles"]
        rows["latency"] = [
            {
                "block": block,
                "min": latency["min"],
                "max": latency["max"],
                "interval": interval["max"],
                "clock_ns": None,
                "source": COSIM,
            }
        ]
    return rows


def whole_row(found: Mapping[str, Any], block: str, source: str) -> dict[str, Any]:
    """Timing or power of a whole design."""
    figures = {key: value for key, value in found.items() if key not in ("kind", "components")}
    return {"block": block, **figures, "source": source}
