"""Area of sums with weights in memory: strategy Resource with a reuse factor above 1.

Every multiplier serves `reuse factor` weights, one after another. DSP and BRAM are counts. LUT: multiplexers in
front of every multiplier, and behind it where it serves more than two outputs; registers hold the outputs and
the words of weights.
"""

from __future__ import annotations

import math

from hwgen.estimate.counts import Counts
from hwgen.latency.layer import LayerShape
from hwgen.latency.products import MULTIPLIER_BITS, dsp_per_product, takes_dsp

WIDTH = 16
DEEP, DEEPER = 512, 1024
"""Words up to which a block RAM of 18 kbit is 36 and 18 bits wide."""
MIXED_BITS = 12
"""Bits of a word per block RAM beyond: the tool joins memories of two depths, about."""
BLOCK_BITS = 18432
INDEX_BITS = 1024
"""From so many bits on, the table that says which output a product belongs to is a block RAM."""
NARROW = 6
"""Bits of weights of which the last word is often narrower than the others, and then takes no DSP."""


def multipliers(layer: LayerShape) -> int:
    """Multipliers of the layer, DSP or not."""
    assert layer.products is not None
    return -(-layer.products.terms * layer.products.outputs // layer.settings.reuse_factor)


def _dsp(layer: LayerShape) -> int:
    number = multipliers(layer)
    if not takes_dsp(layer.input_bits, layer.weight_bits):
        return 0
    products = layer.products
    assert products is not None
    if layer.weight_bits > NARROW or layer.weight_bits < MULTIPLIER_BITS:
        return number * dsp_per_product(layer.input_bits, layer.weight_bits)
    # The more outputs and inputs, the smaller are weights as they are drawn: the topmost bits of the last word
    # are never used.
    return max(1, number - (products.terms > 32))


def _block_rams(layer: LayerShape) -> int:
    reuse = layer.settings.reuse_factor
    bits = multipliers(layer) * layer.weight_bits
    index = reuse * math.ceil(math.log2(outputs_served(layer)))
    if reuse > DEEPER:
        held = math.ceil((bits * reuse + index) / BLOCK_BITS)
        return max(math.ceil(bits / MIXED_BITS) + 1, held)
    return math.ceil(bits / (36 if reuse <= DEEP else 18)) + (index >= INDEX_BITS)


def outputs_served(layer: LayerShape) -> int:
    """Outputs that every multiplier adds to."""
    assert layer.products is not None
    return max(1, layer.settings.reuse_factor // layer.products.terms)


def shared_sums(layer: LayerShape) -> Counts:
    """Counts of one layer.

    Args:
        layer: with products, and a reuse factor above 1.
    """
    products = layer.products
    assert products is not None
    number, width = multipliers(layer), layer.input_bits / WIDTH
    lut = {
        "shared_control": 1.0,
        "shared_input": products.terms * width,
        "shared_output": float(products.outputs),
        "shared_multiplier": float(number),
    }
    if outputs_served(layer) > 2:
        lut["shared_select"] = float(number * products.outputs)
    ff = {
        "shared_control": 1.0,
        "shared_output": float(products.outputs),
        "shared_word": number * layer.weight_bits,
    }
    return Counts(lut, ff, _dsp(layer), _block_rams(layer))
