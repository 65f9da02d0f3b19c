"""Computes da4ml's combinational pieces on many samples, as their Verilog does.

da4ml 0.6 has an interpreter of its own, but it takes the wrong bit for the top one of unsigned values, which
the saturation of `activation` looks at. This one is NumPy, one array per operation, and faster for small pieces.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hwgen.fixedpoint import IntArray
from hwgen.rtl.stages.symbols import da4ml

Kind = tuple[bool, int, int]
"""Signed, width, fraction bits of a result."""

_CHUNK = 4096
"""Samples at a time: what all operations hold stays in the cache's reach."""


def _shifted(values: IntArray, up: int) -> IntArray:
    return values << up if up >= 0 else values >> -up


def _signed32(bits: int) -> int:
    return (bits & 0xFFFFFFFF) - ((bits & 0x80000000) << 1)


def _wrapped(values: IntArray, signed: bool, width: int) -> IntArray:
    """The lowest `width` bits, read as two's complement or not."""
    low = values & ((1 << width) - 1)
    return low - ((low >> (width - 1)) << width) if signed and width else low


def _operation(op: Any, kinds: list[Kind], done: list[IntArray], kind: Kind) -> IntArray:
    """Result of one operation from those before it; `kinds` of all of them, `kind` of this one."""
    signed, width, fraction = kind
    code = op.opcode
    if code == 5:
        return np.full_like(done[0], op.data)
    first, first_fraction = done[op.id0], kinds[op.id0][2]
    if code in (0, 1):
        other = _signed32(op.data) + first_fraction - kinds[op.id1][2]
        left, right = _shifted(first, max(-other, 0)), _shifted(done[op.id1], max(other, 0))
        result = left - right if code else left + right
    elif code in (2, -2, 3, -3):
        result = -first if code < 0 else first
        if abs(code) == 2:
            result = np.maximum(result, 0)
        result = _shifted(result, fraction - first_fraction)
    elif code == 4:
        result = _shifted(first, fraction - first_fraction) + op.data
    elif code in (6, -6):
        key, key_kind = done[op.data & 0xFFFFFFFF], kinds[op.data & 0xFFFFFFFF]
        top = (key >> max(key_kind[1] - 1, 0)) & 1
        second = _shifted(done[op.id1], fraction - kinds[op.id1][2] + _signed32(op.data >> 32))
        result = np.where(top, _shifted(first, fraction - first_fraction), -second if code < 0 else second)
    elif code == 9 and op.data == 1:
        result = (first != 0).astype(np.int64)
    else:
        raise NotImplementedError(f"da4ml operation {code}")
    return _wrapped(result, signed, width)


def _run(piece: Any, values: IntArray) -> IntArray:
    kinds: list[Kind] = []
    for op in piece.ops:
        signed, integer, fraction = da4ml().types.minimal_kif(op.qint)
        kinds.append((bool(signed), int(signed) + integer + fraction, fraction))
    done: list[IntArray] = []
    for op, kind in zip(piece.ops, kinds, strict=True):
        if op.opcode == -1:
            done.append(_wrapped(values[:, op.id0], kind[0], kind[1]))
        else:
            done.append(_operation(op, kinds, done or [values[:, 0]], kind))
    result = np.empty((len(values), len(piece.out_idxs)), dtype=np.int64)
    for column, index in enumerate(piece.out_idxs):
        result[:, column] = -done[index] if piece.out_negs[column] else done[index]
    return result


def run_piece(piece: Any, values: IntArray) -> IntArray:
    """Outputs of a combinational piece.

    Args:
        piece: CombLogic of da4ml.
        values: int64 (n, inputs), in steps of each input's interval: the number that its bits on the bus are.
    Returns:
        int64 (n, outputs), in steps of each output's interval.
    """
    parts = [_run(piece, values[start : start + _CHUNK]) for start in range(0, len(values), _CHUNK)]
    return np.concatenate(parts) if parts else np.empty((0, len(piece.out_idxs)), dtype=np.int64)
