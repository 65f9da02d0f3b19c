"""The small network of criterion `distribution` (`model: mlp`), one hidden layer of H neurons, in integers.

With X_i and S as in `distribution`, Q = 16 and one division per sample,

    r   = floor(2^(2Q) / S)                                     17 bits
    P_i = (X_i * r) >> Q                                        17 bits; all P_i together at most 2^Q
    a_h = sum_i W_hi P_i + B_h,   |W| <= 127, |B| <= 127 * 2^Q  25 bits, signed
    v_h = max(0, a_h) >> 8                                      16 bits
    o   = sum_h V_h v_h,   |V| <= 127                           24 + ceil(log2 H) bits, signed
    leave iff o + 2^(23 + ceil(log2 H)) >= raw                  24 + ceil(log2 H) bits, unsigned

and theta = (raw + bias) * 2^-f log odds of a right answer; a larger raw threshold is stricter. Every neuron's
weights have a power of two of their own, which the output weights take back. P and v are rounded down, weights to
the nearest, the threshold up: only the last is bound to be towards "continue".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from hwgen.criteria.base import BoolArray, Criterion, levels_of
from hwgen.criteria.exp_table import FRACTION
from hwgen.criteria.log_odds import LogOdds, whole_bias
from hwgen.criteria.mlp_fit import round_mlp, train_mlp
from hwgen.criteria.monitor import MonitorGate
from hwgen.criteria.parts import Cost, ExitShape, Table
from hwgen.criteria.rtl_block import Form, RtlBlock, division_cycles, look_up, sum_levels
from hwgen.criteria.seen import Seen
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.recipe.layers import Strict

WEIGHT_BITS = 8
LIMIT = (1 << (WEIGHT_BITS - 1)) - 1
"""Largest absolute weight."""
BIAS_LIMIT = LIMIT << FRACTION
"""Largest absolute bias of a neuron: no sum of its inputs is larger."""
DROPPED = 8
"""Low bits that leave a neuron's sum."""
SUM_BITS = WEIGHT_BITS + FRACTION + 1
NEURON_BITS = SUM_BITS - 1 - DROPPED


class MlpGate(MonitorGate):
    """Leave iff the network's output reaches the threshold."""

    def __init__(
        self, criterion: Criterion, shape: ExitShape, settings: Strict, parameters: Mapping[str, Any]
    ) -> None:
        self.parameters = dict(parameters)
        self.hidden: IntArray = np.array(parameters["hidden"], dtype=np.int64)
        self.hidden_bias: IntArray = np.array(parameters["hidden_bias"], dtype=np.int64)
        self.output: IntArray = np.array(parameters["output"], dtype=np.int64)
        inputs, self.neurons = self.hidden.shape
        bits = WEIGHT_BITS + NEURON_BITS + (self.neurons - 1).bit_length()
        self.offset = 1 << (bits - 1)
        self.scale = LogOdds(int(parameters["scale"]), int(parameters["bias"]) - self.offset)
        super().__init__(criterion, shape, bits, parameters["by"], inputs, settings)
        self.block = "distribution_mlp"
        self.headers = (*criterion.headers[:-1], "criteria/distribution_mlp.h")

    def _round(self, real: Fraction) -> int:
        return self.scale.round_up(real)

    def to_real(self, raw: int) -> float:
        return self.scale.to_real(self._check_raw(raw))

    def critical_raw(self, seen: Seen) -> IntArray:
        return self._output(seen) + self.offset

    def leaves(self, seen: Seen, raw: int) -> BoolArray:
        return self._output(seen) + self.offset >= self._check_raw(raw)

    def _output(self, seen: Seen) -> IntArray:
        """o, int64 (n,)."""
        inputs, total = self.monitored(seen)
        reciprocal = (1 << 2 * FRACTION) // total
        shares = inputs * reciprocal[:, None] >> FRACTION
        # Exact: no partial sum needs more than 25 bits.
        sums = (shares.astype(np.float64) @ self.hidden.astype(np.float64)).astype(np.int64)
        neurons = np.maximum(sums + self.hidden_bias, 0) >> DROPPED
        output: IntArray = neurons @ self.output
        return output

    def confidence(self, seen: Seen) -> FloatArray:
        """Log odds of a right answer."""
        sums = self.shares(seen) @ self.hidden.astype(np.float64) * 2**FRACTION + self.hidden_bias
        neurons = np.maximum(sums, 0.0) / 2**DROPPED
        output = neurons @ self.output.astype(np.float64)
        odds: FloatArray = np.ldexp(output + self.offset + self.scale.bias, -self.scale.places)
        return odds

    @property
    def macs(self) -> int:
        """Normalisation, hidden layer, output."""
        return self.inputs + self.inputs * self.neurons + self.neurons

    def cost(self) -> Cost:
        """Exponentials, sorter, one divider, a multiplier per input, and the network's constant multipliers."""
        plain = super().cost()
        return replace(
            plain,
            comparators=plain.comparators + self.sorters + self.neurons,
            adders=plain.adders + self.inputs * (self.neurons + 1) + self.neurons,
            multipliers=(
                *self.inputs * ((self.sum_bits, FRACTION + 1),),
                *self.inputs * self.neurons * ((FRACTION + 1, WEIGHT_BITS),),
                *self.neurons * ((NEURON_BITS, WEIGHT_BITS),),
            ),
            dividers=1,
            levels=(
                plain.levels[0],
                plain.levels[1] + self.sort_levels,
                2 * FRACTION + 1,
                9 + levels_of(self.inputs) + levels_of(self.neurons),
            ),
        )

    def tables(self) -> dict[str, Table]:
        return super().tables() | {
            "hidden_weights": Table(self.hidden.T.ravel(), WEIGHT_BITS, signed=True),
            "hidden_biases": Table(self.hidden_bias, SUM_BITS - 1, signed=True),
            "output_weights": Table(self.output, WEIGHT_BITS, signed=True),
        }

    def cpp_params(self) -> dict[str, int]:
        return super().cpp_params() | {
            "monitor_inputs": self.inputs,
            "monitor_by_rank": int(self.by == "rank"),
            "monitor_neurons": self.neurons,
        }

    def rtl(self, form: Form) -> RtlBlock | None:
        if form == "serial":
            return None
        files = ("ring.sv", "reciprocal.sv", "ranks.sv", "sorted.sv", "perceptron.sv", "distribution_mlp.sv")
        levels = {
            "division": division_cycles(FRACTION),
            "input_levels": sum_levels(self.inputs),
            "output_levels": sum_levels(self.neurons),
        }
        parameters = {**levels, "neuron_dropped": DROPPED}
        cycles = sum(levels.values()) + 5
        return look_up(files, self.classes, cycles, {"exp_table": self.classes}, parameters=parameters)

    def manifest(self) -> dict[str, Any]:
        return super().manifest() | {
            "settings": self.settings.model_dump(),
            "parameters": self.parameters,
        }


def mlp_parameters(
    features: FloatArray, right: BoolArray, by: str, hidden: int, seed: int
) -> dict[str, Any] | None:
    """A trained and rounded network as parameters of a gate; None if it says nothing.

    Args:
        features: float64 (n, inputs), shares.
        right: bool (n,).
        by: `rank` or `class`.
        hidden: neurons.
        seed: of the first weights.
    """
    rounded = round_mlp(train_mlp(features, right, hidden, seed), LIMIT, FRACTION, DROPPED, BIAS_LIMIT)
    if rounded is None:
        return None
    return {
        "model": "mlp",
        "by": by,
        "hidden": rounded.hidden.tolist(),
        "hidden_bias": rounded.hidden_bias.tolist(),
        "output": rounded.output.tolist(),
        "scale": rounded.scale,
        "bias": whole_bias(rounded.bias, rounded.scale),
    }
