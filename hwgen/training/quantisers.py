"""QKeras quantisers and the number formats they stand for.

Only two quantisers round and saturate exactly like `ap_fixed` with AP_RND_CONV and AP_SAT:
`quantized_bits(b, i, alpha=1)` is the signed format of b bits with i bits left of the point
(sign not counted), `quantized_relu(b, i)` the unsigned one that clamps negative values to zero.
"""

from __future__ import annotations

from typing import Any

from hwgen.errors import NetworkError
from hwgen.fixedpoint import FixedPoint
from hwgen.recipe.layers import Quantiser
from hwgen.training.keras_env import keras_env

_ONLY = "use quantized_bits(bits, integer, alpha=1) or quantized_relu(bits, integer)"
MIN_BITS, MAX_BITS = 2, 16


def signed_quantiser(entry: Quantiser) -> Any:
    """QKeras quantiser of weights or biases."""
    return keras_env().qkeras.quantized_bits(entry.bits, entry.integer, alpha=1)


def relu_quantiser(entry: Quantiser) -> Any:
    """QKeras quantiser of the ReLU that follows a layer."""
    return keras_env().qkeras.quantized_relu(entry.bits, entry.integer)


def _sizes(quantiser: Any, where: str) -> tuple[int, int]:
    bits, integer = int(quantiser.bits), float(quantiser.integer)
    if not MIN_BITS <= bits <= MAX_BITS or integer != int(integer):
        raise NetworkError(where, f"{quantiser} has {bits} bits", f"use {MIN_BITS} to {MAX_BITS} bits")
    return bits, int(integer)


def _refuse_options(quantiser: Any, where: str, wanted: dict[str, Any]) -> None:
    for option, value in wanted.items():
        received = getattr(quantiser, option)
        if hasattr(received, "numpy"):
            received = received.numpy()
        if received != value:
            raise NetworkError(where, f"{quantiser} has {option}={received!r}", f"set {option}={value!r}")


def weight_format(quantiser: Any, where: str) -> FixedPoint:
    """Format of a kernel or bias quantiser.

    Args:
        quantiser: the layer's quantiser, or None if it has none.
        where: layer and part, for messages.
    Raises:
        NetworkError: the values are not quantised, or not exactly as a fixed-point format.
    """
    if quantiser is None:
        raise NetworkError(where, "is not quantised", "give it quantized_bits(bits, integer, alpha=1)")
    if type(quantiser).__name__ != "quantized_bits":
        raise NetworkError(
            where, f"received {_text(quantiser)}", "use quantized_bits(bits, integer, alpha=1)"
        )
    if quantiser.alpha is None or isinstance(quantiser.alpha, str) or float(quantiser.alpha) != 1.0:
        raise NetworkError(
            where, f"{quantiser} has alpha={quantiser.alpha!r}", "set alpha=1: scales are not exact"
        )
    wanted = {"keep_negative": True, "use_stochastic_rounding": False, "qnoise_factor": 1.0}
    _refuse_options(quantiser, where, wanted)
    bits, integer = _sizes(quantiser, where)
    return FixedPoint.from_recipe(bits, integer, signed=True)


def activation_format(quantiser: Any, where: str) -> tuple[str, FixedPoint]:
    """Function (`relu` or `linear`) and format of an activation.

    Raises:
        NetworkError: it is no exact fixed-point activation.
    """
    kind = type(quantiser).__name__
    if kind == "quantized_relu":
        wanted = {
            "use_sigmoid": 0,
            "negative_slope": 0.0,
            "use_stochastic_rounding": False,
            "relu_upper_bound": None,
            "is_quantized_clip": True,
            "qnoise_factor": 1.0,
        }
        _refuse_options(quantiser, where, wanted)
        bits, integer = _sizes(quantiser, where)
        return "relu", FixedPoint.from_recipe(bits, integer, signed=False)
    if kind == "quantized_bits":
        _refuse_options(quantiser, where, {"symmetric": 0})
        if quantiser.alpha is None:  # as an activation QKeras takes it as 1
            quantiser.alpha = 1
        return "linear", weight_format(quantiser, where)
    text = _text(quantiser)
    if "softmax" in text:
        raise NetworkError(where, f"received {text}", "leave softmax out: the gates work on the logits")
    raise NetworkError(where, f"received {text}", _ONLY)


def _text(quantiser: Any) -> str:
    return str(getattr(quantiser, "__name__", quantiser))
