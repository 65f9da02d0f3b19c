"""Criterion `mc_dropout`: how far the answers of a head with dropout scatter.

Singhal and Srinivasan (2024, arXiv 2403.01076): N passes with dropout, per class the mean mu and the
deviation s of the probability, an answer iff the intervals of the first class and of the others lie apart.
Here the backbone runs once and only the head's last dense layer is repeated (`masked_head`). Class 1 is the
class the exit gives, the arg-max of its logits without dropout:

    leave iff mu_1 - z s_1 >= conf_factor * max_{c != 1}(mu_c + z s_c),   conf_factor the threshold.

In integers, with E the table of `exp_table` for the masked logits at temperature T * keep (which is where
the scaling of the kept inputs goes), Q = 16, F = 4 and R = 12 fraction bits, in every pass

    P_c = (E_c * floor(2^(2Q) / S)) >> Q,   S = sum of E_c,

and over the passes M_c = sum P_c, V_c = N * sum P_c^2 - M_c^2, s_c = ceil(sqrt(V_c)) (`isqrt`). With
z' = ceil(z * 2^F),

    low = 2^F M_1 - z' s_1,   high = max(2^F N, max_{c != 1}(2^F M_c + z' s_c)),
    leave iff max(0, low + 2^B high) * 2^R >= raw * high,   raw = ceil((conf_factor + 2^B) * 2^R),   B = 4.

M_c and s_c are N * 2^Q times mean and deviation (of the N passes as the whole population). low may lie
below 0, and conf_factor too, as far as -2^B: so such samples keep their order, which abstention needs. high
is at least one step of the probabilities, so low / high is at most 2^Q and a threshold has Q + R + 1 bits;
raw = 0 always leaves. A sample that says nothing has low = high.
Rounding: deviations, z and the threshold are rounded up, towards "continue". The probabilities are
rounded both ways (E up, P down), so float and integer decisions may differ by a step of the table near the
threshold; the integers are the definition.
Widths (N <= 64 = 2^6, z' <= 128): M 23 bits, N * sum P^2 and M^2 45, s 22, high 29, raw 29, raw * high 58,
the left side 45.

To train the head with dropout, write `{dropout: rate}` before its last dense layer; a network that is
trained already is named in `training.start`, and `training.freeze: body` trains on those layers only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, field_validator

from hwgen.criteria.base import BoolArray, Criterion, FitSample, Gate, levels_of, softmax
from hwgen.criteria.exp_table import FRACTION, exp_table
from hwgen.criteria.isqrt import ceil_sqrt
from hwgen.criteria.lfsr import SEED, TAPS
from hwgen.criteria.masked_head import STEPS, MaskedHead
from hwgen.criteria.parts import Cost, ExitShape, Table
from hwgen.criteria.rtl_block import LOOK_UP, Form, RtlBlock, leader_levels
from hwgen.criteria.seen import Seen
from hwgen.fixedpoint import FixedPoint, FloatArray, IntArray
from hwgen.recipe.layers import Strict, number_only
from hwgen.reference.layers import Dense

RATIO_FRACTION = 12
"""R: fraction bits of the threshold."""
Z_FRACTION = 4
"""F: fraction bits of z."""
BELOW_BITS = 4
"""B: thresholds begin at -2^B."""
_CHUNK_ELEMENTS = 1 << 22
"""About as many numbers are held at once."""
PowerOfTwo = Annotated[int, BeforeValidator(number_only), Field(ge=1, le=64)]


class Settings(Strict):
    """Options of `exits.settings.mc_dropout`."""

    passes: PowerOfTwo = Field(8, description="Passes with dropout; a power of two, 1 to 64.")
    rate: Annotated[float, BeforeValidator(number_only)] = Field(
        0.25, ge=0, le=0.9, description="Share of dropped inputs, in steps of 1/256."
    )
    z: Annotated[float, BeforeValidator(number_only)] = Field(
        1.0, ge=0, le=8, description="Deviations that an interval reaches from the mean, in steps of 1/16."
    )
    lanes: PowerOfTwo = Field(8, description="Passes computed at once; a power of two. Changes no answer.")

    @field_validator("passes", "lanes")
    @classmethod
    def _power_of_two(cls, value: int) -> int:
        if value & (value - 1):
            raise ValueError("must be a power of two")
        return value


class McDropoutGate(Gate):
    """Leave iff max(0, low + 2^B high) * 2^R >= raw * high; raw is conf_factor + 2^B in steps of 2^-R.

    Args:
        criterion: its criterion.
        shape: the exit; with its embedding.
        settings: options of the recipe.
        head: the head's last dense layer.
    """

    stricter_up = True
    signed_real = True

    def __init__(self, criterion: Criterion, shape: ExitShape, settings: Settings, head: Dense) -> None:
        super().__init__(criterion, shape, FRACTION + RATIO_FRACTION + 1)
        assert shape.embedding is not None
        self.settings = settings
        self.head = MaskedHead(head, shape.embedding.format, settings.passes, round(settings.rate * STEPS))
        self.z = math.ceil(Fraction(settings.z) * 2**Z_FRACTION)
        self.lanes = min(settings.lanes, settings.passes)
        self._table = exp_table(self.head.logits, self.temperature * self.head.keep)
        doublings = settings.passes.bit_length() - 1
        self._log2_passes = doublings
        self.sum_bits = (self.classes << FRACTION).bit_length()
        # Values of 0..2^Q deviate from their mean by half of that at most.
        self.variance_bits = 2 * (FRACTION + doublings) - 1
        largest = (settings.passes << FRACTION + Z_FRACTION) + self.z * (settings.passes << FRACTION - 1)
        self.bound_bits = largest.bit_length()

    def _round(self, real: Fraction) -> int:
        return math.ceil((real + 2**BELOW_BITS) * 2**RATIO_FRACTION)

    def to_real(self, raw: int) -> float:
        return self._check_raw(raw) / 2**RATIO_FRACTION - 2**BELOW_BITS

    def critical_raw(self, seen: Seen) -> IntArray:
        ahead, high = self._bounds(seen)
        return (ahead << np.int64(RATIO_FRACTION)) // high

    def leaves(self, seen: Seen, raw: int) -> BoolArray:
        ahead, high = self._bounds(seen)
        return ahead << np.int64(RATIO_FRACTION) >= self._check_raw(raw) * high

    def undecided_raw(self) -> int:
        """Intervals that lie on one another: conf_factor 1."""
        return (1 + 2**BELOW_BITS) << RATIO_FRACTION

    def probabilities(self, seen: Seen) -> FloatArray:
        """The mean over the passes."""
        return self._moments(seen)[0]

    def confidence(self, seen: Seen) -> FloatArray:
        """(mu_1 - z s_1) / max_{c != 1}(mu_c + z s_c), as the gate limits both."""
        mean, deviation = self._moments(seen)
        spread = deviation * self.z / 2**Z_FRACTION
        first = self.labels(seen)[:, None]
        low = np.take_along_axis(mean - spread, first, axis=1)[:, 0]
        high = mean + spread
        np.put_along_axis(high, first, 0.0, axis=1)
        ratio: FloatArray = low / np.maximum(high.max(axis=1), 2.0**-FRACTION)
        return np.maximum(ratio, -(2.0**BELOW_BITS))

    def _masked(self, seen: Seen) -> Iterator[IntArray]:
        """Masked logits, int64 (samples of the chunk, N, K), chunk by chunk."""
        assert seen.embedding is not None
        self.logits.check(seen.logits, "logits")
        step = max(1, _CHUNK_ELEMENTS // (self.settings.passes * self.classes + self.head.size))
        for start in range(0, max(len(seen), 1), step):
            yield self.head.run(seen.embedding[start : start + step])

    def _moments(self, seen: Seen) -> tuple[FloatArray, FloatArray]:
        """Mean and deviation of the float probabilities over the passes, both float64 (n, K)."""
        means, deviations = [], []
        for masked in self._masked(seen):
            real = self.head.logits.to_real(masked).reshape(-1, self.classes)
            passes = softmax(real, self.temperature * self.head.keep).reshape(masked.shape)
            means.append(passes.mean(axis=1))
            deviations.append(passes.std(axis=1))
        return np.concatenate(means), np.concatenate(deviations)

    def _intervals(self, masked: IntArray) -> tuple[IntArray, IntArray]:
        """2^F M_c and z' s_c of every class, both int64 (n, K)."""
        entries = self._table.look_up(masked.max(axis=2, keepdims=True) - masked)
        reciprocal = (1 << 2 * FRACTION) // entries.sum(axis=2, keepdims=True)
        shares = entries * reciprocal >> np.int64(FRACTION)
        mean = shares.sum(axis=1)
        variance = self.settings.passes * (shares * shares).sum(axis=1) - mean * mean
        return mean << np.int64(Z_FRACTION), self.z * ceil_sqrt(variance, self.variance_bits)

    def _bounds(self, seen: Seen) -> tuple[IntArray, IntArray]:
        """max(0, low + 2^B high) and high of every sample, both int64 (n,)."""
        parts = [self._intervals(masked) for masked in self._masked(seen)]
        middle, spread = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        first = self.labels(seen)[:, None]
        low = np.take_along_axis(middle - spread, first, axis=1)[:, 0]
        high = middle + spread
        np.put_along_axis(high, first, 0, axis=1)
        nearest = np.maximum(high.max(axis=1), self.settings.passes << Z_FRACTION)
        return np.maximum(low + (nearest << np.int64(BELOW_BITS)), 0), nearest

    @property
    def macs(self) -> int:
        """N masked passes of D * K; all of them share the D * K products."""
        return self.settings.passes * self.head.head.kernel.size

    def cost(self) -> Cost:
        """`lanes` passes at once share one multiplier per class; what follows takes the classes in turn."""
        passes, classes = self.settings.passes, self.classes
        entry = FRACTION + 1
        mean_bits = entry + self._log2_passes
        kernel_bits = self.head.head.kernel_format.width
        products = ((kernel_bits, self.head.source.width),) * classes
        digits = -(-self.variance_bits // 2)
        one_pass = 3 * classes + 2 * FRACTION + 1
        return Cost(
            comparators=2 * (classes - 1) + 1 + classes + 1,
            adders=self.lanes * classes + 7 + digits,
            multipliers=(
                *products,
                (entry, entry),
                (entry, entry),
                (mean_bits, mean_bits),
                (digits, self.z.bit_length()),
                (self.threshold_bits, self.bound_bits),
            ),
            dividers=1,
            table_bits=sum(len(table.values) * table.bits for table in self.tables().values()),
            levels=(levels_of(classes) + 1, digits + 4, levels_of(classes) + 5),
            serial_cycles=passes // self.lanes * self.head.size + passes * one_pass + classes,
        )

    def tables(self) -> dict[str, Table]:
        head = self.head
        fmt = head.head.kernel_format
        return {
            "exp_table": Table(self._table.values, FRACTION + 1),
            "kernel": Table(head.head.kernel.reshape(-1), fmt.width, fmt.signed, self.classes),
            "bias": Table(head.bias, head.logits.width, True),
            "seed": Table(head.seeds, 32),
        }

    def cpp_params(self) -> dict[str, int]:
        return super().cpp_params() | {
            "passes": self.settings.passes,
            "log2_passes": self._log2_passes,
            "lanes_of_passes": self.lanes,
            "drop_below": self.head.rate,
            "embedding_signed": int(self.head.source.signed),
            "masked_sum_bits": self.head.sum_bits,
            "masked_shift": self.head.shift,
            "masked_bits": self.head.logits.width,
            "table_shift": self._table.shift,
            "table_entries": self._table.entries,
            "table_fraction": FRACTION,
            "sum_bits": self.sum_bits,
            "variance_bits": self.variance_bits,
            "bound_bits": self.bound_bits,
            "z": self.z,
            "z_fraction": Z_FRACTION,
            "ratio_fraction": RATIO_FRACTION,
            "below_bits": BELOW_BITS,
        }

    def rtl(self, form: Form) -> RtlBlock:
        """One block for both forms: pass after pass, then class after class."""
        one_pass = self.head.size + 3 * self.classes + FRACTION + 10
        cycles = self.settings.passes * one_pass + self.classes * (-(-self.variance_bits // 2) + 4) + 2
        parts = ("reciprocal", "root", "shares", "intervals")
        return RtlBlock(
            (
                *LOOK_UP,
                "serial_pick.sv",
                "masked_sums.sv",
                *(f"{part}_serial.sv" for part in parts),
                "mc_dropout.sv",
            ),
            cycles,
            cycles + 1,
            {"exp_table": 1},
            {
                "kernel_signed": int(self.head.head.kernel_format.signed),
                "leader_stages": leader_levels(self.classes),
            },
            sequential=True,
        )

    def manifest(self) -> dict[str, Any]:
        layer = self.head.head
        return super().manifest() | {
            "settings": self.settings.model_dump(),
            "Q": FRACTION,
            "F": Z_FRACTION,
            "R": RATIO_FRACTION,
            "B": BELOW_BITS,
            "N": self._table.entries,
            "s": self._table.shift,
            "lfsr": {"polynomial": [*TAPS, 0], "seed": SEED, "drop_below": self.head.rate},
            "parameters": _parameters(layer),
        }


def _parameters(layer: Dense) -> dict[str, Any]:
    """A dense layer as integers, ready for JSON."""
    return {
        "kernel": layer.kernel.tolist(),
        "kernel_format": layer.kernel_format.to_dict(),
        "bias": layer.bias.tolist(),
        "bias_format": layer.bias_format.to_dict(),
    }


class McDropout(Criterion):
    """Mean and deviation of the probabilities over masked passes of the head."""

    name = "mc_dropout"
    headers = ("argmax.h", "criteria/lfsr.h", "criteria/isqrt.h", "criteria/mc_dropout.h")
    summary = "mean and deviation of the softmax over masked passes of the head"
    reads_embedding = True
    Settings = Settings

    def fit(self, shape: ExitShape, sample: FitSample, settings: Strict) -> dict[str, Any]:
        """Nothing is fitted: the head's integers are taken over."""
        assert shape.head is not None
        return _parameters(shape.head)

    def gate(
        self, shape: ExitShape, settings: Strict | None = None, parameters: Mapping[str, Any] | None = None
    ) -> McDropoutGate:
        options = settings if isinstance(settings, Settings) else Settings()
        if parameters is None:  # the head as it is: nothing is fitted
            assert shape.head is not None
            parameters = _parameters(shape.head)
        head = Dense(
            "masked",
            np.array(parameters["kernel"], dtype=np.int64),
            FixedPoint(**parameters["kernel_format"]),
            np.array(parameters["bias"], dtype=np.int64),
            FixedPoint(**parameters["bias_format"]),
        )
        return McDropoutGate(self, shape, options, head)
