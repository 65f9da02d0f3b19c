"""Criterion `learned`: a linear gate on four statistics of the output, trained with the network or fitted after it.

Source: Regol, Chataoui and Coates, "Jointly-learned exit and inference for a dynamic neural network: JEI-DNN",
ICLR 2024, arXiv 2310.09163: a sample leaves where sigmoid(w . m + b) >= 1/2 with m = (p_max, H(p), p_1 - p_2,
H(p^2 / sum p^2)). The sigmoid is monotone, so it is left out and a threshold of the policy takes the place of 1/2:

    leave iff sum_i W_i A_i + offset >= raw,   theta = (raw - offset + B) * 2^-(Q + f).

A_i are the integer statistics of `hwgen.criteria.statistics`, W_i = round(w_i * 2^f) integers of 12 bits with sign,
f such that the largest uses them all, B the bias, which has no place in hardware. `offset` makes the smallest
possible sum 0. theta is in log odds; theta = 0 is the trained decision; a larger raw threshold is stricter.

With a network trained by method `jei` the weights are those its gate learned, on the softmax at T = 1, whatever
`exits.temperature` says. Otherwise, and at the last exit, they are fitted by logistic regression against "the
answer of this exit is right" on the calibration samples, at the exit's temperature; where nothing can be learned
(see `distribution`), theta is p_max itself.

Rounding: only the threshold is rounded towards "continue"; statistics and weights are rounded both ways, and the
integer rule is the definition. Widths: 12-bit weights times statistics of at most 21 bits; the sum and the
threshold register have at most 36 bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from hwgen.criteria.base import BoolArray, Criterion, FitSample, Gate, levels_of
from hwgen.criteria.exp_table import FRACTION
from hwgen.criteria.log_odds import LogOdds, whole_bias
from hwgen.criteria.logistic import fit_logistic, why_not_fitted
from hwgen.criteria.mlp_fit import power_of_two
from hwgen.criteria.parts import Cost, ExitShape, Table
from hwgen.criteria.rtl_block import (
    LOGARITHM_SERIAL,
    SCAN_SERIAL,
    Form,
    RtlBlock,
    division_cycles,
    look_up,
    product_cycles,
    scan_cycles,
    serial,
)
from hwgen.criteria.seen import Seen
from hwgen.criteria.statistics import NAMES, Statistics
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.recipe.layers import Strict
from hwgen.reference.executor import classify

WEIGHT_BITS = 12
LIMIT = (1 << (WEIGHT_BITS - 1)) - 1
"""Largest absolute weight."""
PENALTY = 1.0
"""The statistics nearly repeat each other; without a firm penalty their weights grow against each other."""
_LEAST = 2.0**-40
"""Weights that are all smaller say nothing."""


class LearnedGate(Gate):
    """Leave iff the weighted sum of the statistics reaches the threshold."""

    stricter_up = True
    signed_real = True

    def __init__(self, criterion: Criterion, shape: ExitShape, parameters: Mapping[str, Any]) -> None:
        self.parameters = dict(parameters)
        self.weights: IntArray = np.array(parameters["weights"], dtype=np.int64)
        temperature = parameters.get("T", shape.temperature)
        self.statistics = Statistics(shape.logits, shape.classes, temperature)
        bounds = self.weights * np.array(self.statistics.largest)
        self.offset = -int(bounds[bounds < 0].sum())
        reach = self.offset + int(bounds[bounds > 0].sum())
        # One more than the largest sum fits: the largest raw threshold lets nothing leave.
        super().__init__(criterion, shape, (reach + 1).bit_length())
        self.scale = LogOdds(int(parameters["scale"]) + FRACTION, int(parameters["bias"]) - self.offset)

    def _round(self, real: Fraction) -> int:
        return self.scale.round_up(real)

    def to_real(self, raw: int) -> float:
        return self.scale.to_real(self._check_raw(raw))

    def critical_raw(self, seen: Seen) -> IntArray:
        return self._sums(seen)

    def leaves(self, seen: Seen, raw: int) -> BoolArray:
        return self._sums(seen) >= self._check_raw(raw)

    def _sums(self, seen: Seen) -> IntArray:
        """The weighted sum and the offset, int64 (n,), never negative."""
        sums: IntArray = self.statistics.of(self._differences(seen.logits)) @ self.weights + self.offset
        return sums

    def confidence(self, seen: Seen) -> FloatArray:
        """Log odds of the trained decision."""
        sums = self.statistics.real(self._real(seen)) @ self.weights.astype(np.float64)
        odds: FloatArray = np.ldexp(sums * 2**FRACTION + self.offset + self.scale.bias, -self.scale.places)
        return odds

    @property
    def macs(self) -> int:
        """One product per statistic."""
        return len(NAMES)

    def cost(self) -> Cost:
        """Arg-max tree, four table reads per class, four adder trees, two dividers, two logarithms, nine products."""
        levels, of = levels_of(self.classes), self.statistics
        reciprocal = FRACTION + 1
        plain = Cost(
            comparators=2 * (self.classes - 1) + 1,
            adders=5 * self.classes + 6,
            multipliers=(
                (reciprocal, reciprocal),
                *2 * ((of.heat_bits, reciprocal),),
                *2 * ((WEIGHT_BITS, reciprocal),),
                *2 * ((WEIGHT_BITS, of.entropy_bits),),
            ),
            dividers=2,
            table_bits=self.classes * len(of.exp) * 2 * FRACTION,
            levels=(levels + 1, levels),
        )
        logs = of.log.cost(of.log.cost(plain))
        # Both logarithms are taken at the same time, beside the divisions, which take longer.
        return replace(logs, levels=(*plain.levels[:-1], plain.levels[-1] + 2 * FRACTION + 1, 10))

    @property
    def sum_bits(self) -> int:
        """Width of S and S'."""
        return self.statistics.sum_bits

    def tables(self) -> dict[str, Table]:
        return {
            "exp_table": Table(self.statistics.exp, FRACTION + 1),
            "heat_table": Table(self.statistics.heat, FRACTION - 1),
            "learned_weights": Table(self.weights, WEIGHT_BITS, signed=True),
            **self.statistics.log.tables(),
        }

    def cpp_params(self) -> dict[str, int]:
        return super().cpp_params() | {
            "table_shift": self.statistics.shift,
            "table_entries": len(self.statistics.exp),
            "table_fraction": FRACTION,
            "sum_bits": self.sum_bits,
            "heat_bits": self.statistics.heat_bits,
            "entropy_bits": self.statistics.entropy_bits,
            "learned_offset": self.offset,
            **self.statistics.log.cpp_params(),
        }

    def manifest(self) -> dict[str, Any]:
        return super().manifest() | {
            "Q": FRACTION,
            "N": len(self.statistics.exp),
            "s": self.statistics.shift,
            "sum_bits": self.sum_bits,
            "statistics": list(NAMES),
            "parameters": self.parameters,
        }

    def rtl(self, form: Form) -> RtlBlock | None:
        slope = {"log_slope_bits": self.statistics.log.slope_bits}
        if form == "serial":
            return self._serial_rtl(slope)
        division = division_cycles(FRACTION)
        reads = {"exp_table": 2 * self.classes + 1, "heat_table": 2 * self.classes, "log_table": 4}
        told = slope | {"division": division}
        files = ("logarithm.sv", "reciprocal.sv", "softmax_entropy.sv", "learned.sv")
        return look_up(files, self.classes, division + 5, reads, second=True, parameters=told)

    def _serial_rtl(self, slope: Mapping[str, int]) -> RtlBlock:
        files = (
            *SCAN_SERIAL,
            "runner_up_serial.sv",
            *LOGARITHM_SERIAL,
            "reciprocal_serial.sv",
            "weigh_serial.sv",
            "learned_serial.sv",
        )
        # The logarithm takes less than division and product.
        turn = scan_cycles(self.classes) + FRACTION + 2 + product_cycles(FRACTION + 1)
        cycles = 2 * turn + 1 + product_cycles(self.threshold_bits)
        return serial(files, cycles, {"exp_table": 1, "heat_table": 1, "log_table": 1}, slope)


def _rounded(weights: FloatArray, bias: float) -> dict[str, Any] | None:
    """Integers of these weights; None if they say nothing."""
    largest = float(np.abs(weights).max())
    if not _LEAST < largest < 1 / _LEAST:
        return None
    scale = power_of_two(largest, LIMIT)
    return {
        "weights": np.rint(np.ldexp(weights, scale)).astype(np.int64).tolist(),
        "scale": scale,
        "bias": whole_bias(bias, scale + FRACTION),
    }


def _as_p_max(reason: str) -> dict[str, Any]:
    """Parameters with which theta is p_max."""
    return {"weights": [1024, 0, 0, 0], "scale": 10, "bias": 0, "not_fitted": reason}


class Learned(Criterion):
    """Linear gate on p_max, entropy, margin and the entropy of the squares."""

    name = "learned"
    headers = ("argmax.h", "criteria/logarithm.h", "criteria/learned.h")
    summary = "linear gate on four statistics, trained with the network or fitted"

    def fit(self, shape: ExitShape, sample: FitSample, settings: Strict) -> dict[str, Any]:
        """The trained weights if there are any, else fitted ones, as integers."""
        if sample.trained is not None:
            weights = np.array(sample.trained["weights"], dtype=np.float64)
            found = _rounded(weights, float(sample.trained["bias"]))
            return {**found, "T": 1.0} if found else _as_p_max("the trained weights say nothing")
        logits = sample.seen.logits
        right = classify(logits) == sample.labels
        of = Statistics(shape.logits, shape.classes, shape.temperature)
        features = of.of(logits.max(axis=1, keepdims=True) - logits) / 2**FRACTION
        reason = why_not_fitted(features, right)
        if reason is not None:
            return _as_p_max(reason)
        return _rounded(*fit_logistic(features, right, PENALTY)) or _as_p_max(
            "the statistics say nothing about the answers"
        )

    def gate(
        self, shape: ExitShape, settings: Strict | None = None, parameters: Mapping[str, Any] | None = None
    ) -> LearnedGate:
        return LearnedGate(self, shape, parameters or _as_p_max("not fitted"))
