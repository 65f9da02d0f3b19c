"""What a buffer costs: registers, LUT RAM or block RAM.

Counts are of the primitives as the vendor's public guides describe them: simple dual-port LUT RAM keeps
32 words of 6 bits or 64 words of 3 bits in four LUTs; an 18 Kb block RAM keeps 512 words of 36 bits or
fewer, deeper words. What a synthesis tool makes of it may differ: the source is "estimate".
"""

from __future__ import annotations

from dataclasses import dataclass

REGISTER_WORDS = 2
"""Up to this depth a FIFO is registers."""
LUT_WORDS = 64
"""Up to this depth LUT RAM needs no multiplexer behind it."""
LUT_BITS = 1024
"""Up to so many bits LUT RAM is taken at any depth, whatever else could be."""
BLOCK_SHAPES = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))
"""Words and bits of an 18 Kb block RAM, one port writing and one reading."""


@dataclass(frozen=True)
class Memory:
    """Cost of one buffer; sums with `+`.

    Args:
        bits: what it holds.
        registers: flip-flops that hold it.
        lut_ram: LUTs used as memory.
        bram_18k: 18 Kb block RAMs.
    """

    bits: int = 0
    registers: int = 0
    lut_ram: int = 0
    bram_18k: int = 0

    def __add__(self, other: Memory) -> Memory:
        return Memory(
            self.bits + other.bits,
            self.registers + other.registers,
            self.lut_ram + other.lut_ram,
            self.bram_18k + other.bram_18k,
        )


def memory(words: int, width: int, block: bool = False) -> Memory:
    """Cost of `words` words of `width` bits.

    Args:
        words: depth.
        width: bits of a word.
        block: whether it is read with a clock edge, as block RAM has to be. FIFOs are not (fifo.sv).
    """
    bits = words * width
    if words <= REGISTER_WORDS:
        return Memory(bits, registers=bits)
    if words <= 32:
        return Memory(bits, lut_ram=4 * -(-width // 6))
    if not block or words <= LUT_WORDS or bits <= LUT_BITS:
        return Memory(bits, lut_ram=4 * -(-words // LUT_WORDS) * -(-width // 3))
    return Memory(bits, bram_18k=min(-(-words // deep) * -(-width // wide) for deep, wide in BLOCK_SHAPES))
