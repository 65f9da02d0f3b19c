"""What a count costs before any point is seen: about one LUT or FF per bit that it stands for.

Points pull coefficients away from here as far as they say anything about them (`fitting.PULL`); a fit without a
source falls back on these where that source alone knew better.
"""

from __future__ import annotations

LUT = {
    "add": 16.0,  # an adder of 16 bits
    "shift_add": 24.0,  # of 16 bits and the shift
    "multiply": 8.0,  # rounding and sign around a DSP
    "fabric_multiply": 16.0,  # an adder of the input's width for every bit of the weight
    "take_turns": 16.0,  # a multiplexer of two for both factors
    "compare_bits": 2.0,  # a comparison and a multiplexer
    "pool_bits": 8.0,  # the same for a window of four and its counters
    "fifo_bits": 1.0,
    "line_bits": 1.0,  # a shift register of 32
    "relu_bits": 1.5,
    "leaky_bits": 1.5,
    "round": 48.0,  # an addition, a comparison and a multiplexer of 16 bits
    "table": 100.0,
    "softmax": 150.0,
    "normalise": 50.0,
    "shared_control": 1000.0,
    "shared_input": 16.0,  # a multiplexer of 16 bits, an input each
    "shared_output": 32.0,  # an adder and a multiplexer of 16 bits
    "shared_multiplier": 32.0,
    "shared_select": 16 / 3,  # a multiplexer of 16 bits; a LUT takes three more inputs
}
FF = {
    "input_bits": 1.0,
    "between_bits": 1.0,
    "crossed": 4.0,
    "held": 16.0,
    "levels": 2.0,
    "waiting": 8.0,
    "activation": 32.0,
    "table": 25.0,
    "softmax": 75.0,
    "softmax_slow": 200.0,
    "normalise": 16.0,
    "pool_bits": 8.0,
    "window_bits": 1.0,
    "pixel_control": 200.0,
    "fifo": 10.0,
    "fifo_block_bits": 2.0,
    "fifo_word_bits": 2.0,
    "shared_control": 100.0,
    "shared_input_bits": 2.0,
    "shared_output": 16.0,  # a register of 16 bits
    "shared_word": 1.0,  # a word of weights
}
