"""What the vendor's tools said of this firmware, beside what was estimated; all of it null without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hwgen.estimate.figures import Figure
from hwgen.vendor.rows import COLUMNS, CSYNTH, SECTIONS

Estimates = Mapping[str, Mapping[str, Figure]]
"""Block -> figure -> what C synthesis is expected to say."""

WHOLE = (("pipeline", "vivado_routed"), ("pipeline", "vivado_synth"), ("kernel", CSYNTH))
"""(design, source) of figures that stand for a whole design, the most trusted first."""
_CYCLES = {"latency": "max", "latency_min": "min", "interval": "interval"}
"""Figure of the estimate -> key of a row of `latency`."""
_AREA = {column: column for column in COLUMNS}


def _row(block: str, figure: str, estimate: Figure, result: float | None, source: str) -> dict[str, Any]:
    error = None if not result else (estimate.value - result) / result
    return {
        "block": block, "figure": figure, "estimate": estimate.value, "low": estimate.low, "high": estimate.high,
        "result": result, "source": source, "error": error,
    }  # fmt: skip


def comparison(estimates: Estimates, vendor: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Estimate and result side by side. Estimates are of C synthesis: what Vivado counts is another figure.

    Args:
        estimates: block -> figure -> estimate.
        vendor: the content of vendor.json.
    Returns:
        rows with `block`, `figure` (`latency` of the longest sample, `latency_min`, `interval`, lut, ff, dsp,
        bram_18k), `estimate` with `low` and `high`, `result`, its `source` (csynth or cosim), and `error`:
        (estimate - result) / result, None where the result is 0 or unknown.
    """
    told = [(entry, _CYCLES) for entry in vendor["latency"]]
    told += [(entry, _AREA) for entry in vendor["resources"] if entry["source"] == CSYNTH]
    blocks = list(estimates)
    told = sorted(
        (each for each in told if each[0]["block"] in estimates),
        key=lambda each: blocks.index(each[0]["block"]),
    )
    return [
        _row(entry["block"], figure, known[figure], entry[column], entry["source"])
        for entry, columns in told
        for figure, column in columns.items()
        if figure in (known := estimates[entry["block"]])
    ]


def vendor_section(
    vendor: Mapping[str, Any] | None, estimates: Estimates
) -> tuple[dict[str, Any] | None, list[dict[str, Any]] | None]:
    """Sections `vendor` and `resources` of the report.

    Args:
        vendor: the content of vendor.json, or None.
        estimates: block -> figure -> estimate.
    """
    if vendor is None:
        return None, None
    resources = [dict(row) for row in vendor["resources"]]
    section = {key: vendor[key] for key in ("runs", *SECTIONS) if key != "resources"}
    section["comparison"] = comparison(estimates, vendor)
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
