"""QKeras quantisers are the fixed-point formats we take them for: exhaustively, half steps included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hwgen.errors import NetworkError
from hwgen.fixedpoint import FixedPoint, quantise_real
from hwgen.recipe.layers import Quantiser
from hwgen.training.keras_env import keras_env
from hwgen.training.qkeras_check import double_precision
from hwgen.training.quantisers import activation_format, relu_quantiser, signed_quantiser, weight_format

WIDTHS = [(bits, integer) for bits in range(2, 13) for integer in range(bits + 1)] + [
    (6, -2),
    (4, -4),
    (3, 5),
]


def grid(fmt: FixedPoint) -> np.ndarray:
    """Every quarter step from beyond the lower to beyond the upper end of `fmt`, both signs."""
    reach = 4 * (fmt.max_raw + 4)
    return np.arange(-reach, reach + 1) * (fmt.lsb / 4)


def quantised(quantiser: Any, values: np.ndarray, double: bool) -> np.ndarray:
    """What the quantiser gives, in float64 or in its usual float32."""
    tf = keras_env().tf
    if double:
        with double_precision():
            return np.asarray(quantiser(tf.constant(values)))
    return np.asarray(quantiser(tf.constant(values, tf.float32)))


@pytest.mark.parametrize("double", [False, True], ids=["float32", "float64"])
def test_quantized_bits_is_the_signed_format(double: bool) -> None:
    for bits, integer in WIDTHS:
        quantiser = signed_quantiser(Quantiser(bits=bits, integer=integer))
        fmt = weight_format(quantiser, "kernel")
        assert fmt == FixedPoint(bits, integer + 1, True)
        values = grid(fmt)
        got = quantised(quantiser, values, double)
        assert np.array_equal(got / fmt.lsb, quantise_real(values, fmt)[0]), (bits, integer)


@pytest.mark.parametrize("double", [False, True], ids=["float32", "float64"])
def test_quantized_relu_is_the_unsigned_format(double: bool) -> None:
    for bits, integer in WIDTHS:
        quantiser = relu_quantiser(Quantiser(bits=bits, integer=integer))
        function, fmt = activation_format(quantiser, "relu")
        assert function == "relu"
        assert fmt == FixedPoint(bits, integer, False)
        values = grid(fmt)
        got = quantised(quantiser, values, double)
        assert np.array_equal(got / fmt.lsb, quantise_real(values, fmt)[0]), (bits, integer)


def test_double_precision_sees_what_single_precision_rounds_away() -> None:
    tf = keras_env().tf
    quantiser = relu_quantiser(Quantiser(bits=12, integer=4))
    just_below_a_tie = 8 + 2.0**-9 - 2.0**-30
    assert quantiser(tf.constant([8 + 3 * 2.0**-9 - 2.0**-30])).numpy() != 8 + 2.0**-8
    with double_precision():
        assert quantiser(tf.constant([8 + 3 * 2.0**-9 - 2.0**-30], tf.float64)).numpy() == 8 + 2.0**-8
        assert quantiser(tf.constant([just_below_a_tie], tf.float64)).numpy() == 8


def test_double_precision_is_left_as_it_was_found() -> None:
    from qkeras import quantizers

    before = quantizers.K, quantizers.tf
    with pytest.raises(ZeroDivisionError), double_precision():
        raise ZeroDivisionError
    assert (quantizers.K, quantizers.tf) == before
    assert keras_env().keras.backend.floatx() == "float32"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("quantized_bits(6, 0)", "kernel: .*alpha=.*; set alpha=1"),
        ("quantized_bits(6, 0, alpha='auto')", "kernel: .*alpha='auto'; set alpha=1"),
        ("quantized_bits(6, 0, alpha='auto_po2')", "alpha='auto_po2'; set alpha=1"),
        ("quantized_bits(6, 0, alpha=0.5)", "alpha=0.5; set alpha=1"),
        ("quantized_bits(6, 0, alpha=1, keep_negative=False)", "keep_negative=False; set keep_negative=True"),
        ("quantized_bits(6, 0, alpha=1, use_stochastic_rounding=True)", "set use_stochastic_rounding=False"),
        ("quantized_bits(1, 0, alpha=1)", "has 1 bits; use 2 to 16 bits"),
        ("ternary()", r"kernel: received ternary.*; use quantized_bits\(bits, integer, alpha=1\)"),
        ("quantized_po2(4)", "kernel: received quantized_po2"),
    ],
)
def test_inexact_weight_quantisers_are_refused(text: str, message: str) -> None:
    quantiser = keras_env().qkeras.get_quantizer(text)
    with pytest.raises(NetworkError, match=message):
        weight_format(quantiser, "kernel")


def test_unquantised_weights_are_refused() -> None:
    with pytest.raises(NetworkError, match="conv bias: is not quantised; give it quantized_bits"):
        weight_format(None, "conv bias")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("quantized_relu(6, 2, negative_slope=0.25)", "negative_slope=0.25; set negative_slope=0.0"),
        ("quantized_relu(6, 2, use_sigmoid=1)", "set use_sigmoid=0"),
        ("quantized_relu(6, 2, relu_upper_bound=3.0)", "set relu_upper_bound=None"),
        ("quantized_bits(6, 2, symmetric=1, alpha=1)", "symmetric=1; set symmetric=0"),
        ("quantized_tanh(6)", "received quantized_tanh.*; use quantized_bits"),
    ],
)
def test_inexact_activations_are_refused(text: str, message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        activation_format(keras_env().qkeras.get_quantizer(text), "act")


def test_softmax_is_refused_with_its_reason() -> None:
    softmax = keras_env().keras.activations.softmax
    with pytest.raises(NetworkError, match="exit1: received softmax; leave softmax out"):
        activation_format(softmax, "exit1")


def test_quantized_bits_activation_is_linear() -> None:
    quantiser = keras_env().qkeras.quantized_bits(7, 2, alpha=1)
    assert activation_format(quantiser, "act") == ("linear", FixedPoint(7, 3, True))
