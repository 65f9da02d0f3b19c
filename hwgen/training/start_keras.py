"""The layers of a Keras or QKeras model file, batch normalisation folded in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hwgen.errors import NetworkError
from hwgen.training.float_phase import folded
from hwgen.training.keras_env import keras_env
from hwgen.training.start_layers import KEY, StartLayer, window_of

_WEIGHTED = {
    "Dense": ("kernel",),
    "Conv2D": ("kernel",),
    "DepthwiseConv2D": ("depthwise_kernel",),
    "SeparableConv2D": ("depthwise_kernel", "pointwise_kernel"),
}
"""Kinds with weights, and their kernels; the quantised ones have a Q before the name."""
_REMEDY = (
    "start from a plain chain of dense, conv, depthwise, separable, batch normalisation and light layers"
)


def read_keras(path: Path) -> tuple[StartLayer, ...]:
    """The layers with weights of a model that is a chain, in order.

    A quantised layer gives the values its quantiser makes of its weights: those are what the model
    computes with. Layers without weights (activations, pooling, flatten, dropout) carry nothing.

    Args:
        path: a .keras or .h5 file written by Keras 2 (tf_keras).
    Raises:
        NetworkError: the file cannot be read, the model is no chain, or a layer cannot be taken over.
    """
    layers: list[StartLayer] = []
    before: Any = None  # what batch normalisation may be folded into
    for layer in _chain(_load(path), path.name):
        kind = type(layer).__name__
        label = f"{path.name} layer {layer.name!r}"
        if kind == "BatchNormalization":
            if before is None:
                raise NetworkError(
                    f"{KEY}: {label}",
                    "batch normalisation does not directly follow a layer with weights and no activation",
                    "only there it can be folded in",
                )
            layers[-1] = _normalised(layers[-1], before, layer)
            before = None
        elif kind.removeprefix("Q") in _WEIGHTED:
            _check_options(layer, label)
            layers.append(_start_layer(layer, label))
            before = layer if _is_linear(layer) else None
        elif layer.weights:
            raise NetworkError(f"{KEY}: {label}", f"{kind} cannot be taken over", _REMEDY)
        elif kind != "Dropout":
            before = None
    return tuple(layers)


def _load(path: Path) -> Any:
    try:
        return keras_env().keras.models.load_model(path, custom_objects=_qkeras_objects(), compile=False)
    except Exception as error:  # whatever the file makes Keras, h5py or zipfile raise
        text = (" ".join(str(error).split()) or type(error).__name__)[:200]
        raise NetworkError(
            KEY, f"{path.name!r} cannot be read ({text})", "save it with tf_keras: model.save('name.keras')"
        ) from error


def _qkeras_objects() -> dict[str, Any]:
    """What Keras must know to read QKeras layers."""
    env = keras_env()
    from qkeras.utils import _add_supported_quantized_objects

    class ReadableActivation(env.qkeras.QActivation):  # type: ignore[misc, name-defined]
        """The layer itself leaves its quantiser the dictionary that a .keras file has in its place."""

        @classmethod
        def from_config(cls, config: dict[str, Any]) -> Any:
            quantiser = config["activation"]
            if isinstance(quantiser, dict):
                known = {key: quantiser[key] for key in ("class_name", "config")}
                config = {**config, "activation": env.qkeras.get_quantizer(known)}
            return cls(**config)

    objects: dict[str, Any] = {}
    _add_supported_quantized_objects(objects)
    return {**objects, "QActivation": ReadableActivation}


def _chain(model: Any, name: str) -> list[Any]:
    """The layers in order, those of nested models included."""
    env = keras_env().keras
    flat: list[Any] = []
    previous: Any = None
    for layer in model.layers:
        if type(layer).__name__ == "InputLayer":
            if previous is not None:
                raise NetworkError(f"{KEY}: {name}", "the model has several inputs", _REMEDY)
        elif isinstance(layer, env.Model):
            flat += _chain(layer, name)
        else:
            flat.append(layer)
        if not isinstance(model, env.Sequential) and previous is not None:
            nodes = layer.inbound_nodes
            inputs = [] if len(nodes) != 1 else _as_list(nodes[0].inbound_layers)
            if inputs != [previous]:
                raise NetworkError(
                    f"{KEY}: {name} layer {layer.name!r}",
                    f"does not follow {previous.name!r} alone: the model is no chain",
                    _REMEDY,
                )
        previous = layer
    return flat


def _as_list(layers: Any) -> list[Any]:
    return list(layers) if isinstance(layers, list | tuple) else [layers]


def _is_linear(layer: Any) -> bool:
    return layer.activation is None or layer.activation is keras_env().keras.activations.linear


def _check_options(layer: Any, label: str) -> None:
    for option, wanted in (("data_format", "channels_last"), ("dilation_rate", (1, 1)), ("groups", 1)):
        received = getattr(layer, option, wanted)
        if received != wanted:
            raise NetworkError(
                f"{KEY}: {label}", f"has {option}={received!r}", f"only {wanted!r} can be built"
            )


def _start_layer(layer: Any, label: str) -> StartLayer:
    kind = type(layer).__name__.removeprefix("Q")
    weights = {name: _values(layer, name) for name in _WEIGHTED[kind]}
    if layer.use_bias:
        weights["bias"] = _values(layer, "bias")
    return StartLayer(label, weights, window_of(layer))


def _values(layer: Any, name: str) -> np.ndarray:
    variable = getattr(layer, name)
    quantiser = getattr(layer, f"{name.removesuffix('_kernel')}_quantizer_internal", None)
    return np.asarray(variable if quantiser is None else quantiser(variable), np.float64)


def _normalised(start: StartLayer, layer: Any, norm: Any) -> StartLayer:
    if list(norm.axis) != [len(layer.output_shape) - 1]:
        raise NetworkError(f"{KEY}: {norm.name!r}", f"normalises axis {list(norm.axis)}", "use the last axis")
    name = _WEIGHTED[type(layer).__name__.removeprefix("Q")][-1]
    depthwise = name == "depthwise_kernel"
    kernel, bias = folded(start.weights[name], norm, depthwise, start.weights.get("bias", 0.0))
    return StartLayer(start.label, {**start.weights, name: kernel, "bias": bias}, start.window)
