"""The head's last dense layer, run again and again with some of its inputs dropped.

Pass p of N keeps input i iff byte p * D + i of the register (`lfsr`) is at least r, the dropout rate in
steps of 1/256. What is kept counts 1 / (1 - r/256) times, so a pass has the logits

    z = (sum of kept w * phi) / keep + b = (sum of kept w * phi + keep * b) / keep,   keep = (256 - r) / 256.

keep is a / 2^g with integers a and g <= 8, so 2^g * sum + a * b is an exact integer: the masked logits,
with g fraction bits more than the layer's accumulator. The division by keep is left to who reads them
(`temperature`). Nothing is rounded, and nothing wraps: the sums are sub-sums of the accumulator's.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwgen.criteria.lfsr import lfsr_states
from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.reference.executor import run_layer
from hwgen.reference.layers import Dense

STEPS = 256
"""A dropout rate is a number of these steps."""


class MaskedHead:
    """N passes of one dense layer.

    Args:
        head: the layer, D inputs and K outputs.
        source: format of its inputs.
        passes: N.
        rate: dropped inputs in steps of 1/256.
    """

    def __init__(self, head: Dense, source: FixedPoint, passes: int, rate: int) -> None:
        self.head = head
        self.source = source
        self.passes = passes
        self.rate = rate
        self.size, self.classes = head.kernel.shape
        kept = STEPS - rate
        self.fraction = (STEPS // (kept & -kept)).bit_length() - 1
        self.weight = kept >> (8 - self.fraction)
        states = lfsr_states(passes * self.size)
        self.seeds = states[:-1].reshape(passes, self.size)[:, 0].copy()
        self.masks = (states[1:] & (STEPS - 1)).reshape(passes, self.size) >= rate
        self.accumulator = head.output_format(source)
        self.logits = FixedPoint(
            self.accumulator.width + self.fraction, self.accumulator.integer, self.accumulator.signed
        )
        product_shift, bias_shift = head.shifts(source)
        self.shift = product_shift + self.fraction
        self.sum_bits = self.accumulator.width - product_shift
        self.bias = self.weight * (head.bias << np.int64(bias_shift))
        # One layer with the outputs of all passes, pass by pass; masks do not depend on the sample.
        masked = head.kernel[:, None, :] * self.masks.T[:, :, None]
        self._all = replace(
            head,
            kernel=masked.reshape(self.size, passes * self.classes),
            bias=np.zeros(passes * self.classes, dtype=np.int64),
        )

    @property
    def keep(self) -> float:
        """Share of the inputs that is kept, exact."""
        return (STEPS - self.rate) / STEPS

    def run(self, embedding: IntArray) -> IntArray:
        """The masked logits of all passes.

        Args:
            embedding: int64 (n, D), raw values of `source`.
        Returns:
            int64 (n, N, K), raw values of `logits`.
        Raises:
            RangeError: a value does not fit `source`.
        """
        self.source.check(embedding, "embedding")
        sums = run_layer(self._all, embedding, self.source)
        shaped = sums.reshape(len(embedding), self.passes, self.classes)
        return (shaped << np.int64(self.fraction)) + self.bias
