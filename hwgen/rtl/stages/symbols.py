"""Symbolic values: what da4ml traces, with the constants among them folded before it sees them.

All values are raw integers of their format (step 1), as in the reference executor; the point is nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from hwgen.errors import ToolMissing
from hwgen.fixedpoint import IntArray

Value = Any
"""A FixedVariable of da4ml; it ships no types."""

NEEDED = (0, 6)


@cache
def da4ml() -> Any:
    """The package, with the parts used here imported.

    Raises:
        ToolMissing: it is not installed, or too old.
    """
    remedy = "install it with `pip install da4ml==0.6.0`"
    try:
        import da4ml as package
        import da4ml.codegen.rtl.verilog.comb
        import da4ml.trace.fixed_variable
        import da4ml.trace.pipeline
    except ImportError as error:
        raise ToolMissing("da4ml", f"cannot be imported: {error}", remedy) from error
    found = str(package.__version__)
    if tuple(int(part) for part in found.split(".")[:2]) < NEEDED:
        raise ToolMissing("da4ml", f"version {found} found, 0.6 or newer needed", remedy)
    return package


def hardware() -> Any:
    """Cost model: an adder of any width takes one unit of time and a LUT per bit, carries are not counted."""
    return da4ml().trace.HWConfig(1, -1, -1)


def variable(low: int, high: int, step: int = 1) -> Value:
    """An input that takes the multiples of `step` from low to high; a constant if there is only one."""
    return da4ml().trace.fixed_variable.FixedVariable(float(low), float(high), float(step), hwconf=hardware())


def constant(value: int) -> Value:
    """A value that never changes."""
    return da4ml().trace.fixed_variable.FixedVariable.from_const(float(value), hwconf=hardware())


def is_constant(value: Value) -> bool:
    """Whether the interval analysis leaves one value only."""
    return bool(value.low == value.high)


def bounds(value: Value) -> tuple[int, int]:
    """Smallest and largest raw value that the interval analysis allows."""
    return int(value.low), int(value.high)


def linear(values: Sequence[Value], matrix: IntArray, bias: Sequence[int]) -> list[Value]:
    """`values @ matrix + bias`.

    Args:
        values: n values.
        matrix: int64 (n, m).
        bias: m integers.
    Returns:
        m values; an output without a varying term is a constant.
    """
    offsets = [int(number) for number in bias]
    varying: list[int] = []
    for index, value in enumerate(values):
        if is_constant(value):
            offsets = [
                total + int(value.low) * int(weight)
                for total, weight in zip(offsets, matrix[index], strict=True)
            ]
        elif matrix[index].any():
            varying.append(index)
    outputs = [column for column in range(matrix.shape[1]) if matrix[varying, column].any()]
    results = [constant(number) for number in offsets]
    if not outputs:
        return results
    array = da4ml().trace.FixedVariableArray(np.array([values[index] for index in varying], dtype=object))
    sums = array @ matrix[np.ix_(varying, outputs)].astype(np.float64)
    for column, total in zip(outputs, sums, strict=True):
        low, high = _range(values, varying, matrix[:, column])
        results[column] = narrowed(total, low, high) + float(offsets[column])
    return results


def _range(values: Sequence[Value], varying: Sequence[int], weights: IntArray) -> tuple[int, int]:
    """Smallest and largest sum of the varying terms."""
    ends = [
        sorted(bound * int(weights[index]) for bound in bounds(values[index]))
        for index in varying
        if weights[index]
    ]
    return sum(low for low, _ in ends), sum(high for _, high in ends)


def narrowed(total: Value, low: int, high: int) -> Value:
    """A value known to lie in low..high, without the bits above: da4ml adds up ranges of terms that cancel out."""
    signed, integer = low < 0, max(high.bit_length(), (-low - 1).bit_length() if low < 0 else 0)
    found_signed, found_integer, fraction = total.kif
    if found_signed <= signed and found_integer <= integer:
        return total
    return total.quantize(signed, integer, fraction)
