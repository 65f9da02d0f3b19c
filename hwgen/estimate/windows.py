"""Area of what moves pixels in io_stream: line buffers with their window, pooling, and the FIFOs between layers.

FIFOs are as deep as hls4ml makes them, one sample of the layer in front. Vivado HLS builds one per channel,
Vitis HLS one per beat; the counts of block RAM follow from that exactly on the published designs that list them.
"""

from __future__ import annotations

import math

from hwgen.estimate.counts import Counts
from hwgen.latency.layer import LayerShape

SHIFT_BITS = 512
"""Bits up to which a FIFO is shift registers."""
DEEP = 1024
"""Words of an 18 bit wide block RAM."""
VITIS_WORD, VITIS_DEEP = 32, 512
"""Vitis HLS rounds a FIFO's width up to a power of two and takes a block RAM per so many bits, of so many words."""


def window(layer: LayerShape) -> Counts:
    """Window and line buffer of a streamed convolution: the window is registers, lines are shift registers."""
    channels = layer.source[-1]
    bits = channels * layer.input_bits
    lines = (layer.window[0] - 1) * math.ceil(layer.source[1] / 32) * bits
    held = layer.window[0] * layer.window[1] * bits
    return Counts({"line_bits": float(lines)}, {"window_bits": float(held), "pixel_control": 1.0})


def pooling(layer: LayerShape, io: str) -> Counts:
    """Comparisons of a pooling; in io_parallel all outputs at once."""
    channels = layer.source[-1]
    compared = layer.window[0] * layer.window[1] - 1
    if io == "stream":
        bits = channels * layer.input_bits
        return Counts({"pool_bits": float(bits)}, {"pool_bits": float(bits)})
    outputs = math.prod(layer.result)
    return Counts({"compare_bits": float(outputs * compared * layer.input_bits)}, {})


def fifo(depth: int, channels: int, bits: int, backend: str) -> Counts:
    """A FIFO between two layers.

    Args:
        depth: beats.
        channels, bits: elements of a beat and their width.
        backend: `Vitis` or `Vivado`.
    """
    if backend == "Vitis":
        word = channels * bits
        wide = max(1, 2 ** math.ceil(math.log2(word)) // VITIS_WORD)
        blocks = wide * math.ceil(depth / VITIS_DEEP)
        # One beat of any width is a register.
        taken = blocks if depth > 1 and depth * word > SHIFT_BITS else 0
        return Counts({"fifo_bits": float(word)}, {"fifo_word_bits": float(word)}, bram_18k=taken)
    per_channel = math.ceil(bits / 18) * math.ceil(depth / DEEP) if depth * bits > SHIFT_BITS else 0
    ff = {"fifo": float(channels), "fifo_block_bits": float(channels * bits if per_channel else 0)}
    return Counts({"fifo_bits": float(channels * bits)}, ff, bram_18k=per_channel * channels)
