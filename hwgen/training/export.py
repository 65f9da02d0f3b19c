"""Keras layers to layers of the integer network.

What cannot be expressed exactly is refused here, by name. The integers are the quantiser's own
output divided by one LSB, so they are what QKeras multiplies with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hwgen.errors import NetworkError
from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.reference.layers import Activation, Conv2D, Dense, DepthwiseConv2D, Flatten, Layer, MaxPool2D
from hwgen.training.keras_env import keras_env
from hwgen.training.quantisers import activation_format, weight_format

_UNQUANTISED = {
    "Dense": "use QDense",
    "Conv2D": "use QConv2D",
    "DepthwiseConv2D": "use QDepthwiseConv2D",
    "SeparableConv2D": "use QSeparableConv2D",
    "Activation": "use QActivation",
    "ReLU": "use QActivation(quantized_relu(bits, integer))",
    "Softmax": "leave softmax out: the gates work on the logits",
    "BatchNormalization": "write the network as a layer list with batch_norm: true, which is folded exactly",
    "QBatchNormalization": "write the network as a layer list with batch_norm: true, which is folded exactly",
    "QConv2DBatchnorm": "write the network as a layer list with batch_norm: true, which is folded exactly",
    "AveragePooling2D": "use MaxPooling2D: averages are not exact in hls4ml",
    "GlobalAveragePooling2D": "use MaxPooling2D and Flatten: averages are not exact in hls4ml",
}


def _raw(values: Any, fmt: FixedPoint, where: str) -> IntArray:
    """Quantised real values to raw integers; they must lie on the grid of `fmt`."""
    scaled = np.asarray(values, dtype=np.float64) / fmt.lsb
    if not np.isfinite(scaled).all():
        raise NetworkError(where, "holds NaN or infinite values", "lower training.learning_rate")
    raw = np.rint(scaled)
    if not np.array_equal(raw, scaled):
        raise NetworkError(
            where, f"its values are not on the grid of {fmt.cpp()}", "use quantized_bits with alpha=1"
        )
    return raw.astype(np.int64)


def quantised(variable: Any, quantiser: Any, where: str) -> tuple[IntArray, FixedPoint]:
    """Raw integers of one weight as QKeras uses it, and their format."""
    fmt = weight_format(quantiser, where)
    return _raw(quantiser(variable), fmt, where), fmt


def _bias(layer: Any, outputs: int, kernel_format: FixedPoint, where: str) -> tuple[IntArray, FixedPoint]:
    if not layer.use_bias:
        return np.zeros(outputs, np.int64), kernel_format
    return quantised(layer.bias, layer.bias_quantizer_internal, where)


def _check_window(layer: Any, where: str) -> None:
    if layer.data_format != "channels_last":
        raise NetworkError(where, f"received data_format={layer.data_format!r}", "use channels_last")
    for option in ("dilation_rate", "groups", "depth_multiplier"):
        received = getattr(layer, option, 1)
        values = received if isinstance(received, tuple) else (received,)
        if any(value != 1 for value in values):
            raise NetworkError(where, f"received {option}={received!r}", f"set {option}=1")


def _activation(quantiser: Any, name: str, where: str) -> list[Layer]:
    if quantiser is None or quantiser is keras_env().keras.activations.linear:
        return []
    function, target = activation_format(quantiser, f"{where} activation")
    return [Activation(name, function, target)]


def _dense(layer: Any, name: str, where: str) -> list[Layer]:
    kernel, fmt = quantised(layer.kernel, layer.kernel_quantizer_internal, f"{where} kernel")
    bias, bias_format = _bias(layer, kernel.shape[-1], fmt, f"{where} bias")
    dense = Dense(name, kernel, fmt, bias, bias_format)
    return [dense, *_activation(layer.activation, f"{name}_act", where)]


def _conv(layer: Any, name: str, where: str) -> list[Layer]:
    _check_window(layer, where)
    kernel, fmt = quantised(layer.kernel, layer.kernel_quantizer_internal, f"{where} kernel")
    bias, bias_format = _bias(layer, kernel.shape[-1], fmt, f"{where} bias")
    conv = Conv2D(name, kernel, fmt, bias, bias_format, tuple(layer.strides), layer.padding)
    return [conv, *_activation(layer.activation, f"{name}_act", where)]


def _depthwise(layer: Any, name: str, where: str) -> list[Layer]:
    _check_window(layer, where)
    quantiser = layer.depthwise_quantizer_internal
    kernel, fmt = quantised(layer.depthwise_kernel, quantiser, f"{where} depthwise kernel")
    bias, bias_format = _bias(layer, kernel.shape[2], fmt, f"{where} bias")
    conv = DepthwiseConv2D(name, kernel, fmt, bias, bias_format, tuple(layer.strides), layer.padding)
    return [conv, *_activation(layer.activation, f"{name}_act", where)]


def _separable(layer: Any, name: str, where: str) -> list[Layer]:
    """A depthwise and a 1x1 convolution; nothing is rounded between them."""
    _check_window(layer, where)
    quantiser = layer.depthwise_quantizer_internal
    deep, deep_format = quantised(layer.depthwise_kernel, quantiser, f"{where} depthwise kernel")
    none = np.zeros(deep.shape[2], np.int64)
    strides = tuple(layer.strides)
    first = DepthwiseConv2D(f"{name}_depth", deep, deep_format, none, deep_format, strides, layer.padding)
    quantiser = layer.pointwise_quantizer_internal
    point, point_format = quantised(layer.pointwise_kernel, quantiser, f"{where} pointwise kernel")
    bias, bias_format = _bias(layer, point.shape[-1], point_format, f"{where} bias")
    second = Conv2D(f"{name}_point", point, point_format, bias, bias_format, (1, 1), "valid")
    return [first, second, *_activation(layer.activation, f"{name}_act", where)]


def _max_pool(layer: Any, name: str, where: str) -> list[Layer]:
    _check_window(layer, where)
    if layer.padding != "valid":
        raise NetworkError(where, f"received padding={layer.padding!r}", "use padding='valid'")
    pool, strides = tuple(layer.pool_size), tuple(layer.strides)
    if strides != pool:
        raise NetworkError(
            where,
            f"a pool of {pool} has strides {strides}: hls4ml pools windows side by side only",
            "leave strides out",
        )
    return [MaxPool2D(name, pool, strides, "valid")]


def _flatten(layer: Any, name: str, where: str) -> list[Layer]:
    _check_window(layer, where)
    return [Flatten(name)]


def _dropout(*_: Any) -> list[Layer]:
    return []


def _q_activation(layer: Any, name: str, where: str) -> list[Layer]:
    return _activation(layer.quantizer, name, where)


_EXPORTS: dict[str, Callable[[Any, str, str], list[Layer]]] = {
    "QDense": _dense,
    "QConv2D": _conv,
    "QDepthwiseConv2D": _depthwise,
    "QSeparableConv2D": _separable,
    "QActivation": _q_activation,
    "MaxPooling2D": _max_pool,
    "Flatten": _flatten,
    "Dropout": _dropout,
}


def check_supported(layer: Any, where: str) -> None:
    """Refuses a layer that has no exact integer form.

    Raises:
        NetworkError: names the layer and what to use instead.
    """
    kind = type(layer).__name__
    ours = type(layer).__module__.startswith(("tf_keras.", "qkeras."))
    if kind in _EXPORTS and ours:
        return
    remedy = _UNQUANTISED.get(kind, f"use one of {', '.join(_EXPORTS)}")
    raise NetworkError(where, f"{kind} has no exact integer form", remedy)


def export_layer(layer: Any, name: str, where: str) -> list[Layer]:
    """The integer layers of one built Keras layer (none for dropout).

    Args:
        layer: a built layer of a kind that `check_supported` takes.
        name: name of the integer layer; helpers get a suffix.
        where: how messages call the layer.
    Raises:
        NetworkError: an option or a quantiser that is not exact, or weights that are not finite.
    """
    return _EXPORTS[type(layer).__name__](layer, name, where)
