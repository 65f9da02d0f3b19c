"""Parts of Verilog concatenations: from nominal words to da4ml's packed buses and back. Highest part first."""

from __future__ import annotations

from collections.abc import Sequence

from hwgen.rtl.stages.graph import Word


def _slice(bus: str, low: int, width: int) -> str:
    return f"{bus}[{low}]" if width == 1 else f"{bus}[{low + width - 1}:{low}]"


def gather(words: Sequence[Word], places: Sequence[int], bus: str) -> list[str]:
    """Bits of `bus` that make up a packed bus.

    Args:
        words: what the packed bus holds of every element, lowest first.
        places: lowest bit of every element in `bus`.
        bus: name of the bus that is read.
    """
    runs: list[tuple[int, int]] = []
    for word, place in zip(words, places, strict=True):
        if not word.width:
            continue
        if runs and sum(runs[-1]) == place:
            runs[-1] = (runs[-1][0], runs[-1][1] + word.width)
        else:
            runs.append((place, word.width))
    return [_slice(bus, low, width) for low, width in reversed(runs)]


def nominal(words: Sequence[Word], width: int, bus: str) -> list[str]:
    """Words of `width` bits, two's complement or unsigned alike, from a packed bus.

    Args:
        words: where each element stands in `bus`, lowest first.
        width: bits of the nominal format.
        bus: name of the packed bus.
    """
    parts: list[str | tuple[int, int]] = []
    for word in words:
        if not word.width:
            parts.append(f"{width}'h{word.constant & ((1 << width) - 1):x}")
            continue
        if word.shift:
            parts.append(f"{word.shift}'d0")
        before = parts[-1] if parts else None
        if isinstance(before, tuple) and sum(before) == word.low:
            parts[-1] = (before[0], before[1] + word.width)
        else:
            parts.append((word.low, word.width))
        above = width - word.shift - word.width
        assert above >= 0, f"{word} is wider than {width} bits"
        if above:
            sign = f"{bus}[{word.low + word.width - 1}]" if word.signed else "1'b0"
            parts.append(f"{{{above}{{{sign}}}}}")
    return [_slice(bus, *part) if isinstance(part, tuple) else part for part in reversed(parts)]
