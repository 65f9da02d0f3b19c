"""Criterion `distribution`: a monitor fitted on the whole output distribution.

Source: Dall'Occo, Bertozzi and Favalli, SAMOS 2021 (LNCS 13227, doi 10.1007/978-3-031-04580-6_34), who compare
the largest probability and the margin with a monitor that sees all probabilities. Here it is a logistic
regression against "the answer of this exit is right" on the calibration samples (setting `model: linear`), or a
small network (`model: mlp`, see `distribution_mlp`), on the probabilities `by: rank` or `by: class`:

    leave iff (sum_i U_i X_i) * 2^R >= raw * S,   R = 8, U_i in 0..255.

By rank, X_i is the i-th largest exponential and the last one (16th, setting `ranks`) the sum of the others; by
class, X_j = E_j. The X_i add up to S, so adding one number to all weights only moves the threshold: the integer
weights start at 0 and need no sign, nor has the bias a place in hardware. They are the fitted ones times a common
power of two 2^f, rounded to the nearest, and

    theta = (raw + bias) * 2^-(R + f)   log odds of a right answer; a larger raw threshold is stricter.

Rounding: only the threshold is rounded towards "continue". E is rounded up for every class, and a class whose
weight is above the mean raises the confidence: the integer rule is the definition, and the float one differs from
it by the errors of E alone. Widths: sum of U_i X_i has sum_bits + 8 bits, the left side 8 more; the right side has
16 + sum_bits; 42 bits at 1000 classes.

Where nothing can be learned (fewer than 20 samples, all right, all wrong, outputs that are all alike) the weights
are those of `score`, by rank, whatever the settings say: theta is then p_1 itself, and the parameters say why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from hwgen.criteria.base import BoolArray, Criterion, FitSample
from hwgen.criteria.distribution_mlp import MlpGate, mlp_parameters
from hwgen.criteria.exp_table import exp_table
from hwgen.criteria.log_odds import LogOdds, whole_bias
from hwgen.criteria.logistic import fit_logistic, why_not_fitted
from hwgen.criteria.mlp_fit import power_of_two
from hwgen.criteria.monitor import MonitorGate, MonitorSettings, monitor_inputs
from hwgen.criteria.parts import Cost, ExitShape, Table
from hwgen.criteria.rtl_block import SCAN_SERIAL, Form, RtlBlock, compare_cycles, look_up, scan_cycles, serial
from hwgen.criteria.seen import Seen
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.recipe.layers import Strict
from hwgen.reference.executor import classify

WEIGHT_BITS = 8
THRESHOLD_FRACTION = 8
"""R: fraction bits of the threshold, in units of the weights."""
_LEAST_SPREAD = 2.0**-20
"""Weights closer together than this say nothing."""


class LinearGate(MonitorGate):
    """Leave iff (sum_i U_i X_i) * 2^R >= raw * S."""

    def __init__(
        self, criterion: Criterion, shape: ExitShape, settings: Strict, parameters: Mapping[str, Any]
    ) -> None:
        self.parameters = dict(parameters)
        self.weights: IntArray = np.array(parameters["weights"], dtype=np.int64)
        self.scale = LogOdds(int(parameters["scale"]) + THRESHOLD_FRACTION, int(parameters["bias"]))
        # 255 * 2^R is the largest confidence, so the largest raw threshold lets nothing leave.
        bits = WEIGHT_BITS + THRESHOLD_FRACTION
        super().__init__(criterion, shape, bits, parameters["by"], len(self.weights), settings)

    def _round(self, real: Fraction) -> int:
        return self.scale.round_up(real)

    def to_real(self, raw: int) -> float:
        return self.scale.to_real(self._check_raw(raw))

    def critical_raw(self, seen: Seen) -> IntArray:
        weighted, total = self._terms(seen)
        return weighted // total

    def leaves(self, seen: Seen, raw: int) -> BoolArray:
        weighted, total = self._terms(seen)
        return weighted >= self._check_raw(raw) * total

    def _terms(self, seen: Seen) -> tuple[IntArray, IntArray]:
        """Left side and S, both int64 (n,)."""
        inputs, total = self.monitored(seen)
        return inputs @ self.weights << np.int64(THRESHOLD_FRACTION), total

    def confidence(self, seen: Seen) -> FloatArray:
        """Log odds of a right answer."""
        weighted = self.shares(seen) @ self.weights.astype(np.float64)
        odds: FloatArray = np.ldexp(weighted * 2**THRESHOLD_FRACTION + self.scale.bias, -self.scale.places)
        return odds

    @property
    def macs(self) -> int:
        """One product per input."""
        return self.inputs

    def cost(self) -> Cost:
        """Exponentials and their sum, the sorter, a constant multiplier per input, one multiplier, one comparison."""
        plain = super().cost()
        return replace(
            plain,
            comparators=plain.comparators + self.sorters,
            adders=plain.adders + 2 * self.inputs,
            multipliers=(
                *self.inputs * ((self.sum_bits, WEIGHT_BITS),),
                (self.threshold_bits, self.sum_bits),
            ),
            levels=(plain.levels[0], plain.levels[1] + self.sort_levels + self.inputs + 4),
        )

    def tables(self) -> dict[str, Table]:
        return super().tables() | {"monitor_weights": Table(self.weights, WEIGHT_BITS)}

    def cpp_params(self) -> dict[str, int]:
        return super().cpp_params() | {
            "monitor_inputs": self.inputs,
            "monitor_by_rank": int(self.by == "rank"),
            "monitor_fraction": THRESHOLD_FRACTION,
        }

    def manifest(self) -> dict[str, Any]:
        return super().manifest() | {
            "R": THRESHOLD_FRACTION,
            "settings": self.settings.model_dump(),
            "parameters": self.parameters,
        }

    def rtl(self, form: Form) -> RtlBlock | None:
        if form == "serial":
            files = (*SCAN_SERIAL, "rank_serial.sv", "compare_serial.sv", "distribution_serial.sv")
            passes = self.inputs * (self.classes + 1) + 3 if self.by == "rank" else scan_cycles(self.classes)
            cycles = passes + compare_cycles(self.threshold_bits, THRESHOLD_FRACTION)
            return serial(files, cycles, {"exp_table": 1})
        return look_up(("rank_weights.sv", "distribution.sv"), self.classes, 2, {"exp_table": self.classes})


def _as_score(inputs: int, reason: str) -> dict[str, Any]:
    """Parameters with which theta is p_1."""
    return {
        "model": "linear",
        "by": "rank",
        "weights": [128, *[0] * (inputs - 1)],
        "scale": 7,
        "bias": 0,
        "not_fitted": reason,
    }


def _linear_parameters(features: FloatArray, right: BoolArray, by: str) -> dict[str, Any] | None:
    weights, bias = fit_logistic(features, right)
    low, spread = float(weights.min()), float(np.ptp(weights))
    if spread < _LEAST_SPREAD:
        return None
    scale = power_of_two(spread, (1 << WEIGHT_BITS) - 1)
    return {
        "model": "linear",
        "by": by,
        "weights": np.rint(np.ldexp(weights - low, scale)).astype(np.int64).tolist(),
        "scale": scale,
        "bias": whole_bias(low + bias, scale + THRESHOLD_FRACTION),
    }


class Distribution(Criterion):
    """Log odds of a right answer, learned on all probabilities."""

    name = "distribution"
    headers = ("argmax.h", "criteria/exp_sum.h", "criteria/monitor.h", "criteria/distribution.h")
    summary = "monitor fitted on the whole output distribution"
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "by class": {"by": "class"},
        "mlp": {"model": "mlp"},
        "mlp by class": {"model": "mlp", "by": "class"},
    }

    class Settings(MonitorSettings):
        """Options below `exits.settings.distribution`."""

    def fit(self, shape: ExitShape, sample: FitSample, settings: Strict) -> dict[str, Any]:
        """Weights as integers, or those of `score` and, under `not_fitted`, why."""
        assert isinstance(settings, MonitorSettings)
        ranks = min(settings.ranks, shape.classes)
        logits = sample.seen.logits
        right = classify(logits) == sample.labels
        differences = logits.max(axis=1, keepdims=True) - logits
        entries = exp_table(shape.logits, shape.temperature).look_up(differences)
        inputs = monitor_inputs(entries, settings.by, ranks)
        features = inputs / entries.sum(axis=1, keepdims=True)
        reason = why_not_fitted(features, right)
        if reason is not None:
            return _as_score(ranks, reason)
        found = (
            _linear_parameters(features, right, settings.by)
            if settings.model == "linear"
            else mlp_parameters(features, right, settings.by, settings.hidden, sample.seed)
        )
        return found or _as_score(ranks, "the outputs say nothing about the answers")

    def gate(
        self, shape: ExitShape, settings: Strict | None = None, parameters: Mapping[str, Any] | None = None
    ) -> MonitorGate:
        settings = settings or self.Settings()
        assert isinstance(settings, MonitorSettings)
        if parameters is None:
            parameters = _as_score(min(settings.ranks, shape.classes), "not fitted")
        build = LinearGate if parameters["model"] == "linear" else MlpGate
        return build(self, shape, settings, parameters)
