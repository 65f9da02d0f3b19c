"""The first training phase: the same network in floating point, with batch normalisation.

Its ReLUs saturate where the quantised ones do, so that folding and quantising change little.
Afterwards batch normalisation is folded into kernel and bias of the QKeras layers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen.reference.layers import Activation
from hwgen.training.export import export_layer
from hwgen.training.keras_env import keras_env
from hwgen.training.network import KerasNetwork, Node

MOMENTUM = 0.97
"""Share of the old value that batch normalisation's running statistics keep per step."""


@dataclass(frozen=True)
class Twin:
    """The floating-point layers that stand for one QKeras layer.

    Args:
        node: the QKeras layer.
        weighted: float layer with the same kernel, or None.
        norm: batch normalisation behind it, or None.
        layers: all float layers in order.
    """

    node: Node
    weighted: Any
    norm: Any
    layers: tuple[Any, ...]


def _clip(values: Any, low: float, high: float) -> Any:
    return keras_env().keras.backend.clip(values, low, high)


def _saturating(node: Node) -> list[Any]:
    """Float layers for the activations inside or of a QKeras layer."""
    keras = keras_env().keras
    layers = []
    for exact in export_layer(node.layer, node.name, node.where):
        if isinstance(exact, Activation):
            low, high = exact.target.min_real, exact.target.max_real
            if exact.function == "relu":
                layers.append(keras.layers.ReLU(max_value=high))
            else:
                layers.append(keras.layers.Lambda(_clip, arguments={"low": low, "high": high}))
    return layers


def _weighted(node: Node) -> Any:
    layers, q = keras_env().keras.layers, node.layer
    bias = q.use_bias and not node.batch_norm
    kind = type(q).__name__
    if kind == "QDense":
        return layers.Dense(q.units, use_bias=bias)
    window = {"strides": q.strides, "padding": q.padding, "use_bias": bias}
    if kind == "QConv2D":
        return layers.Conv2D(q.filters, q.kernel_size, **window)
    if kind == "QDepthwiseConv2D":
        return layers.DepthwiseConv2D(q.kernel_size, **window)
    return layers.SeparableConv2D(q.filters, q.kernel_size, **window)


def make_twin(node: Node, shape: tuple[int | None, ...]) -> Twin:
    """The float layers of one node, starting from the node's present weights.

    Args:
        node: a built node.
        shape: shape of its input, batch axis included.
    """
    kind = type(node.layer).__name__
    if kind == "QActivation":
        return Twin(node, None, None, tuple(_saturating(node)))
    if not node.layer.weights:
        return Twin(node, None, None, (node.layer,))
    weighted = _weighted(node)
    weighted.build(shape)
    start = {name: variable.numpy() for name, variable in node.weights()}
    if not weighted.use_bias:
        start.pop("bias", None)
    weighted.set_weights(list(start.values()))
    norm = keras_env().keras.layers.BatchNormalization(momentum=MOMENTUM) if node.batch_norm else None
    layers = [weighted, *([norm] if norm is not None else []), *_saturating(node)]
    return Twin(node, weighted, norm, tuple(layers))


def fold(twin: Twin) -> None:
    """Writes the trained float weights, batch normalisation folded in, into the QKeras layer."""
    if twin.weighted is None:
        return
    values = dict(zip((name for name, _ in twin.node.weights()), twin.weighted.get_weights(), strict=False))
    if twin.norm is not None:
        depthwise = type(twin.node.layer).__name__ == "QDepthwiseConv2D"
        kernel_name = "depthwise_kernel" if depthwise else "kernel"
        kernel, bias = folded(values[kernel_name], twin.norm, depthwise)
        values = {kernel_name: kernel, "bias": bias}
    for name, variable in twin.node.weights():
        if name in values:
            variable.assign(values[name])


def folded(kernel: Any, norm: Any, depthwise: bool, bias: Any = 0.0) -> tuple[Any, Any]:
    """Kernel and bias that do what `kernel` and `bias` followed by `norm` do.

    Args:
        kernel: (..., outputs), or (height, width, channels, 1) if `depthwise`.
        norm: a built BatchNormalization layer.
        depthwise: the outputs are the channels.
        bias: (outputs,), or 0 where there is none.
    Returns:
        (kernel of the same shape, bias (outputs,)), float64.
    """
    mean = np.asarray(norm.moving_mean, np.float64)
    gamma = np.asarray(norm.gamma, np.float64) if norm.scale else np.ones_like(mean)
    beta = np.asarray(norm.beta, np.float64) if norm.center else np.zeros_like(mean)
    scale = gamma / np.sqrt(np.asarray(norm.moving_variance, np.float64) + norm.epsilon)
    per_output = scale[:, np.newaxis] if depthwise else scale
    return kernel.astype(np.float64) * per_output, beta + (bias - mean) * scale


def float_network(network: KerasNetwork, trained: Collection[str]) -> list[tuple[list[Twin], list[Twin]]]:
    """(backbone, head) twins per stage.

    Args:
        network: the built network.
        trained: names of the layers that are trained; all others stay the quantised layers they are.
    """
    stages = []
    shape: tuple[int | None, ...] = (None, *network.source.shape)
    for stage in network.stages:
        backbone, shape = _twins(stage.backbone, shape, trained)
        head, _ = _twins(stage.head, shape, trained)
        stages.append((backbone, head))
    return stages


def _twins(
    nodes: tuple[Node, ...], shape: tuple[int | None, ...], trained: Collection[str]
) -> tuple[list[Twin], tuple[int | None, ...]]:
    twins = []
    for node in nodes:
        kept = Twin(node, None, None, (node.layer,))
        twins.append(make_twin(node, shape) if node.name in trained else kept)
        shape = tuple(node.layer.compute_output_shape(shape))
    return twins, shape
