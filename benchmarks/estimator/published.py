"""Published points as designs.

A file is a list of points, or of groups `{"common": {...}, "points": [...]}` whose common keys each point
overrides; single dense layers may be rows of a table instead, `"columns"` and `"rows"`. A folder is all of its
files. `layouts.py` says how layers are written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.estimator.layouts import Reader, Unusable
from hwgen.estimate.design import Design
from hwgen.latency.rules import Timing


@dataclass(frozen=True)
class Point:
    """One published result.

    Args:
        key: its id.
        source: repository, or the first of an author who has several; fits leave out one at a time.
        design: what was built.
        truth: figure -> csynth value.
        strategy: `Latency` or `Resource`.
    """

    key: str
    source: str
    design: Design
    truth: Mapping[str, float]
    strategy: str


def _truth(point: Mapping[str, Any]) -> dict[str, float]:
    area = point["csynth"] or {}
    rows = {
        "latency": point["latency_cycles_max"],
        "interval": point["ii_max"],
        "lut": area.get("LUT"),
        "ff": area.get("FF"),
        "dsp": area.get("DSP"),
        "bram_18k": area.get("BRAM_18K"),
    }
    return {name: float(value) for name, value in rows.items() if value is not None}


def read_point(point: Mapping[str, Any]) -> Point:
    """One point.

    Raises:
        Unusable: its design is not told.
    """
    if not isinstance(point["layers"], list) or point["part"] is None:
        raise Unusable("no layers")
    if point.get("top", "myproject").endswith("_axi"):
        raise Unusable("a wrapper that reads its inputs one by one")
    reader = Reader(point)
    layers = tuple(layer for entry in point["layers"] if (layer := reader.read(entry)) is not None)
    backend = "Vitis" if str(point["tool"]).startswith("Vitis") else "Vivado"
    io = "stream" if point["io_type"] == "io_stream" else "parallel"
    design = Design(
        f"{point['id']} {point['model']}",
        layers,
        io,
        Timing(backend, float(point["clock_target_ns"]), point["part"]),
        alone=point.get("scope") == "layer",
        fabric="multipliers into fabric" in str(point.get("note")),
    )
    source = point["source"].get("counted_as", point["source"]["repo"])
    return Point(point["id"], source, design, _truth(point), str(point["strategy"]))


AREA = ("BRAM_18K", "DSP", "FF", "LUT")
SHAPE = ("n_in", "n_out")


def _rows(group: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Rows of a table as points: a dense layer each."""
    for row in group["rows"]:
        cells = dict(zip(group["columns"], row, strict=True))
        area = {name: cells.pop(name) for name in AREA}
        layer = {"kind": "dense"} | {name: cells.pop(name) for name in SHAPE}
        yield cells | {"model": "dense", "layers": [layer], "csynth": area}


def _merge(group: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for point in group["points"] if "points" in group else _rows(group):
        merged = {**group["common"], **point}
        for key in ("source", "csynth"):
            if isinstance(group["common"].get(key), dict) and isinstance(point.get(key), dict):
                merged[key] = {**group["common"][key], **point[key]}
        yield merged


def load(path: Path) -> tuple[list[Point], dict[str, str]]:
    """All points of a file or folder.

    Returns:
        (points, id -> why it cannot be used).
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    points, left = list[Point](), dict[str, str]()
    for file in files:
        for entry in json.loads(file.read_text()):
            for raw in _merge(entry) if "common" in entry else [entry]:
                try:
                    points.append(read_point(raw))
                except Unusable as reason:
                    left[raw["id"]] = str(reason)
    return points, left
