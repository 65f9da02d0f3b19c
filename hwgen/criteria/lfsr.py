"""The shift register that masks are drawn from: 32 bits, maximal length, eight new bits a step.

Fibonacci form of x^32 + x^30 + x^26 + x^25 + 1: each new bit is the exclusive or of bits 31, 29, 25 and 24
(bit 0 the newest), the register moves up by one, and the sequence repeats after 2^32 - 1 bits. No tap
lies below bit 24, so eight bits follow from the register as it stands: one row of gates, one clock. The same
register, bit for bit, is `firmware_templates/hls/criteria/lfsr.h`.
"""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import IntArray

TAPS = (32, 30, 26, 25)
"""Exponents of the polynomial besides 0."""
BITS = 32
"""Length of the register."""
SEED = 0x9E3779B9
"""The register before the first byte; any other number but 0 would do."""
_MASK = (1 << BITS) - 1


def lfsr_states(steps: int) -> IntArray:
    """The register before the first byte and after each of `steps` bytes.

    Returns:
        int64 (steps + 1,), each in 1..2^32 - 1; the byte of step k is the low byte of state k + 1.
    """
    states = np.empty(steps + 1, dtype=np.int64)
    states[0] = state = SEED
    for step in range(1, steps + 1):
        byte = 0
        for tap in TAPS:
            byte ^= state >> (tap - 8)
        state = (state << 8 | byte & 0xFF) & _MASK
        states[step] = state
    return states
