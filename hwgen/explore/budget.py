"""The area that both designs may take: a part, a share of it, or blocks by name."""

from __future__ import annotations

import re

import numpy as np

from hwgen.errors import UsageError
from hwgen.estimate.figures import AREA
from hwgen.fixedpoint import FloatArray
from hwgen.rtl.sizes.parts import PARTS, find_part

KEY = "--area"
EXAMPLE = "give a share such as 50%, or lut=50000,ff=100000,dsp=200,bram_18k=280"


def part_area(name: str) -> FloatArray | None:
    """All of a part, float64 (4,); None if it is not in the table."""
    part = find_part(name)
    if part is None:
        return None
    return np.array([part.lut, part.registers, part.dsp, part.bram_18k], dtype=np.float64)


def _number(text: str) -> float:
    if not re.fullmatch(r"\d{1,9}", text):
        raise UsageError(KEY, f"received {text!r}", EXAMPLE)
    return float(text)


def read_area(text: str | None, part: str) -> FloatArray:
    """The budget, float64 (4,) by `AREA`.

    Args:
        text: of the option; None: all of the part.
        part: the recipe's `firmware.part`.
    Raises:
        UsageError: it cannot be read, or the part's blocks are not known.
    """
    named = {}
    if text is not None and "=" in text:
        for entry in text.split(","):
            name, _, value = entry.partition("=")
            if name.strip() not in AREA or name.strip() in named:
                raise UsageError(KEY, f"received {entry!r}", f"each of {', '.join(AREA)} once at most")
            named[name.strip()] = _number(value.strip())
        if len(named) == len(AREA):
            return np.array([named[name] for name in AREA])
    whole = part_area(part)
    if whole is None:
        known = ", ".join(PARTS)
        raise UsageError(
            "firmware.part",
            f"{part!r} is not in the table of parts ({known})",
            f"give all of {KEY} lut=N,ff=N,dsp=N,bram_18k=N",
        )
    if named:
        return np.array([named.get(name, there) for name, there in zip(AREA, whole, strict=True)])
    if text is None:
        return whole
    share = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*%", text.strip())
    if share is None or not 0 < float(share[1]) <= 100:
        raise UsageError(KEY, f"received {text!r}", EXAMPLE)
    return whole * float(share[1]) / 100
