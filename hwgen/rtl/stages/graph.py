"""A traced piece of a stage, cut into combinational pieces that fit between two registers.

What stands at its ends are words: `Word` says which bits of a packed bus one element of a tensor has, and what
the bits of its nominal format are made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen.fixedpoint import IntArray
from hwgen.rtl.stages.interpret import run_piece
from hwgen.rtl.stages.symbols import Value, bounds, da4ml, is_constant


@dataclass(frozen=True)
class Word:
    """One element in a packed bus: `value = (bits of the bus, as a number) << shift`, or a constant.

    Args:
        low: its lowest bit in the bus.
        width: its bits in the bus; 0 if nothing of it is there.
        signed: whether these bits are two's complement.
        shift: zeros below them.
        constant: the value of an element without bits.
    """

    low: int
    width: int
    signed: bool
    shift: int = 0
    constant: int = 0


def words_of(intervals: Sequence[Any]) -> list[Word]:
    """Where da4ml puts elements with these intervals on a bus, first one lowest."""
    words, low = [], 0
    for interval in intervals:
        signed, integer, fraction = da4ml().types.minimal_kif(interval)
        width = int(signed) + integer + fraction
        words.append(Word(low, width, bool(signed), -fraction))
        low += width
    return words


def bus_width(words: Sequence[Word]) -> int:
    """Bits of a bus that holds `words`."""
    return sum(word.width for word in words)


@dataclass(frozen=True)
class Graph:
    """Combinational pieces in a row; a register stands between two of them.

    Args:
        pieces: CombLogic of da4ml; none if all outputs are constants.
        inputs: per input, its word on the bus into the first piece; width 0 if it is not read.
        outputs: per output, its word on the bus out of the last piece, or its constant.
        widths: bits of the bus before, between and after the pieces.
        lut: da4ml's own estimate.
    """

    pieces: tuple[Any, ...]
    inputs: tuple[Word, ...]
    outputs: tuple[Word, ...]
    widths: tuple[int, ...]
    lut: int

    def run(self, raw: IntArray) -> IntArray:
        """What the pieces compute.

        Args:
            raw: int64 (n, inputs).
        Returns:
            int64 (n, outputs).
        """
        values = raw >> np.array([word.shift for word in self.inputs], dtype=np.int64)
        for piece in self.pieces:
            values = run_piece(piece, values)
        result = np.empty((len(raw), len(self.outputs)), dtype=np.int64)
        column = 0
        for index, word in enumerate(self.outputs):
            result[:, index] = word.constant
            if word.width:
                result[:, index] = values[:, column] << word.shift
                column += 1
        return result


def cut(inputs: Sequence[Value], outputs: Sequence[Value], adders: int) -> Graph:
    """Cuts a traced graph into pieces of at most `adders` adders in a row.

    Args:
        inputs: variables the outputs were computed from.
        outputs: results, constants among them.
        adders: the longest chain of additions between two registers.
    """
    package = da4ml()
    varying = [value for value in outputs if not is_constant(value)]
    if not varying:
        unread = tuple(Word(0, 0, False) for _ in inputs)
        fixed = tuple(Word(0, 0, False, 0, bounds(value)[0]) for value in outputs)
        return Graph((), unread, fixed, (0, 0), 0)
    array = package.trace.FixedVariableArray
    whole = package.trace.comb_trace(
        array(np.array(list(inputs), dtype=object)), array(np.array(varying, dtype=object))
    )
    pieces = package.trace.pipeline.to_pipeline(whole, adders, verbose=False).solutions
    entering, leaving = words_of(pieces[0].inp_qint), iter(words_of(pieces[-1].out_qint))
    ends = tuple(
        Word(0, 0, False, 0, bounds(value)[0]) if is_constant(value) else next(leaving) for value in outputs
    )
    widths = [bus_width(entering)] + [bus_width(words_of(piece.out_qint)) for piece in pieces]
    return Graph(pieces, tuple(entering), ends, tuple(widths), round(whole.cost))
