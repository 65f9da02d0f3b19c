"""What a synthesis tool sees in the weights of a layer: zeros, signed digits, products that are the same.

A weight is a constant. Zero costs nothing; one signed digit is a shift, two are an adder; from three on the
tool takes a multiplier, once for every pair of input and signed weight that differs. Vivado HLS keeps positive
constants of up to four bits, which leaves 11 and 13, out of DSPs. Exact on 155 of 158 published designs and
layers of strategy Latency of which the weights are public (tests/estimate/test_rules.py names the others).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hwgen.fixedpoint import IntArray

MULTIPLIER_DIGITS = 3
"""Signed digits from which on a product is a multiplication."""
MULTIPLIER_AREA = 49
"""Input bits times weight bits below which a multiplication is built of LUTs: published ones of 6 by 6 bits
take no DSP, those of 8 by 8 do."""
NARROW_BITS = 4
"""Width up to which Vivado HLS builds the product with a positive constant of LUTs."""
MULTIPLIER_BITS = 5
"""The same, of the narrower factor: products of 16 by 4 bits take no DSP, of 16 by 6 they do."""
DSP_WIDE, DSP_NARROW = 25, 18
"""Signed factors of one DSP48E1; later ones take two bits more."""


@dataclass(frozen=True)
class Products:
    """Products of one kernel, as int64 matrix (terms of one sum, outputs).

    Args:
        terms, outputs: shape of the matrix.
        zeros: weights that are zero.
        digits: how many weights have 1, 2, and 3 or more signed digits.
        distinct: pairs of input and signed weight that differ, by the same three classes.
        longest: most weights other than zero in one sum.
        narrow: pairs of the third class whose weight is a positive number of up to `NARROW_BITS` bits.
        assumed: "" if counted in the weights, else what was assumed of them.
        planes: channels of a depthwise kernel, of which hls4ml allows multipliers for every pair; 1 for others.
    """

    terms: int
    outputs: int
    zeros: int
    digits: tuple[int, int, int]
    distinct: tuple[int, int, int]
    longest: int
    narrow: int = 0
    assumed: str = ""
    planes: int = 1

    @property
    def nonzero(self) -> int:
        """Weights other than zero."""
        return sum(self.digits)

    def multiplications(self, input_bits: int, weight_bits: int, logic_bits: int = 0) -> int:
        """Multiplications that could take a DSP, and take turns where there are fewer; widths as for `takes_dsp`."""
        return self.distinct[2] if takes_dsp(input_bits, weight_bits, logic_bits) else 0


def dsp_per_product(input_bits: int, weight_bits: int) -> int:
    """DSPs of one multiplication that takes any: factors of up to 25 by 18 bits fit one (all families)."""
    wide, narrow = max(input_bits, weight_bits), min(input_bits, weight_bits)
    return -(-wide // DSP_WIDE) * -(-narrow // DSP_NARROW)


def takes_dsp(input_bits: int, weight_bits: int, logic_bits: int = 0) -> bool:
    """Whether a multiplication of two such factors takes a DSP rather than LUTs.

    Args:
        input_bits, weight_bits: widths of the factors.
        logic_bits: width of the wider one up to which the tool takes LUTs.
    """
    wide = max(input_bits, weight_bits) > logic_bits and input_bits * weight_bits >= MULTIPLIER_AREA
    return wide and min(input_bits, weight_bits) >= MULTIPLIER_BITS


def signed_digits(raw: IntArray) -> IntArray:
    """Digits other than zero of the canonical signed-digit form; int64, shape of `raw`."""
    value = np.abs(np.asarray(raw, dtype=np.int64))
    # x and 3x differ in exactly the places of the signed digits (Reitwiesner).
    return np.bitwise_count((value + (value << 1)) ^ value).astype(np.int64)


def products_of(matrix: IntArray, *, shared: bool = True) -> Products:
    """Counts the products of a kernel.

    Args:
        matrix: raw weights, int64, shape (terms of one sum, outputs).
        shared: whether all outputs read the same inputs; those of a depthwise convolution do not.
    """
    raw = np.asarray(matrix, dtype=np.int64)
    classes = np.minimum(signed_digits(raw), MULTIPLIER_DIGITS)
    counted = np.bincount(classes.ravel(), minlength=MULTIPLIER_DIGITS + 1)
    distinct = [0, 0, 0] if shared else [int(number) for number in counted[1:]]
    small = (classes == MULTIPLIER_DIGITS) & (raw > 0) & (raw < 2**NARROW_BITS)
    narrow = 0 if shared else int(small.sum())
    for weights, kinds, few in zip(raw, classes, small, strict=True) if shared else ():
        for kind in range(MULTIPLIER_DIGITS):
            distinct[kind] += len(np.unique(weights[kinds == kind + 1]))
        narrow += len(np.unique(weights[few]))
    return Products(
        raw.shape[0],
        raw.shape[1],
        int(counted[0]),
        (int(counted[1]), int(counted[2]), int(counted[3])),
        (distinct[0], distinct[1], distinct[2]),
        int((raw != 0).sum(axis=0).max()),
        narrow,
    )


ASSUMED_RANGE = "1.5 times Glorot's range"


def assumed_limit(fans: int) -> float:
    """Largest weight where none are known: published single layers were not trained, and their digits are those of
    Glorot's own range; those of trained networks are met best with about twice of it.

    Args:
        fans: numbers of terms and of outputs together.
    """
    return 1.5 * math.sqrt(6 / fans)


def assumed_products(
    terms: int, outputs: int, weight_bits: int, fraction_bits: int, zeros: float = 0.0
) -> Products:
    """A stand-in where no weights are known: evenly spread over `ASSUMED_RANGE`, then rounded.

    Args:
        terms, outputs: shape of the kernel.
        weight_bits: width of the weights.
        fraction_bits: bits right of the point.
        zeros: share of weights that are pruned on top of those that round to zero.
    """
    limit = assumed_limit(terms + outputs) * 2.0**fraction_bits
    top = min(math.ceil(limit), 2 ** (weight_bits - 1) - 1)
    values = np.arange(-top, top + 1)
    # The chance of each value: how much of the range rounds to it; the ends take what lies beyond.
    edges = np.clip(np.concatenate([[-limit], values[:-1] + 0.5, [limit]]), -limit, limit)
    chances = np.diff(edges) / (2 * limit)
    classes = np.minimum(signed_digits(values), MULTIPLIER_DIGITS)
    kept = terms * outputs * (1 - zeros)
    shares = [float(chances[classes == kind].sum()) for kind in range(MULTIPLIER_DIGITS + 1)]
    digits = [round(kept * share) for share in shares[1:]]
    distinct = []
    for kind in range(1, MULTIPLIER_DIGITS + 1):
        # Of these values, so many different ones are met in as many draws as there are outputs.
        met = 1 - (1 - (1 - zeros) * chances[classes == kind]) ** outputs
        distinct.append(round(terms * float(met.sum())))
    distinct = [min(pair, digit) for pair, digit in zip(distinct, digits, strict=True)]
    # The longest of many sums: two deviations above the mean.
    there = (1 - zeros) * (1 - shares[0])
    told = f"spread evenly over {ASSUMED_RANGE}"
    if zeros:
        told += f", {zeros:.0%} of them pruned"
    return Products(
        terms,
        outputs,
        terms * outputs - sum(digits),
        (digits[0], digits[1], digits[2]),
        (distinct[0], distinct[1], distinct[2]),
        min(terms, max(1, round(terms * there + 2 * math.sqrt(terms * there * (1 - there))))),
        assumed=told,
    )
