"""Checks that the two copies of each stage's weights agree.

hls4ml writes every weight twice: `w2.txt`, which simulation reads, and `w2.h`, which synthesis
compiles. Simulation alone would not see a damaged header.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from hwgen.simulation.compare import Comparison

_INITIALISER = re.compile(r"=\s*\{(.*?)\}\s*;", re.DOTALL)


def _values(text: str) -> list[float]:
    return [float(token) for token in text.replace("\n", " ").split(",") if token.strip()]


def compare_weight_copies(stage_folder: Path, comparison: Comparison) -> None:
    """Compares every weight header of a stage with its text file.

    Args:
        stage_folder: `firmware/stage1` and so on.
        comparison: receives the differences under `logits`, layer `weights/<file>`.
    """
    for header in sorted((stage_folder / "firmware" / "weights").glob("*.h")):
        text = header.with_suffix(".txt")
        match = _INITIALISER.search(header.read_text())
        try:
            compiled = np.array(_values(match.group(1)) if match else [])
            simulated = np.array(_values(text.read_text()) if text.is_file() else [])
        except ValueError:
            compiled, simulated = np.zeros(1), np.zeros(0)
        # Weights are multiples of a power of two far above 2**-40: scaling keeps them exact.
        comparison.compare(
            "logits",
            np.ldexp(compiled, 40),
            np.ldexp(simulated, 40),
            f"weights/{header.name}",
            note="header (synthesis) against text file (simulation), in units of 2**-40; sample counts weights",
        )
