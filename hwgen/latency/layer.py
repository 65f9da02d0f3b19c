"""A layer as cycles and area see it: shapes, widths, settings and products, no values.

One description serves the layers of the integer network and those of published designs, of which the weights
are often unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hwgen.latency.products import Products, products_of
from hwgen.latency.settings import Settings, layer_settings
from hwgen.reference.layers import (
    Activation,
    DepthwiseConv2D,
    Flatten,
    Layer,
    MaxPool2D,
    Shape,
    Weighted,
    Windowed,
)
from hwgen.reference.network import Tensor

PLAIN = Settings("latency", 1, 1, "Latency")
"""Settings of a layer that has none."""


@dataclass(frozen=True)
class LayerShape:
    """A layer without its values.

    Args:
        name: name of the layer.
        kind: `dense`, `conv`, `depthwise`, `pool`, `activation`, `softmax`, `normalise` or `flatten`;
            any other kind takes a cycle and has no rule for its area.
        source, result: shapes before and after it, channels last.
        input_bits, output_bits: widths of one element.
        settings: strategy and reuse factor as hls4ml takes them.
        products: of its kernel; None without weights.
        weight_bits: width of a weight; 0 without.
        window, strides, padding: of a convolution or pooling.
        function: of an activation: `relu`, `linear`, `elu`, `sigmoid`, ...
    """

    name: str
    kind: str
    source: Shape
    result: Shape
    input_bits: int
    output_bits: int
    settings: Settings = PLAIN
    products: Products | None = None
    weight_bits: int = 0
    window: tuple[int, int] = (1, 1)
    strides: tuple[int, int] = (1, 1)
    padding: str = "valid"
    function: str = ""

    @property
    def windowed(self) -> bool:
        """Whether it moves a window over an image."""
        return self.kind in ("conv", "depthwise", "pool") and len(self.source) == 3


def layer_products(layer: Weighted) -> Products:
    """Products of a layer's kernel, from its weights."""
    depthwise = isinstance(layer, DepthwiseConv2D)
    products = products_of(layer.kernel_matrix(), shared=not depthwise)
    return replace(products, planes=products.outputs) if depthwise else products


def describe(layer: Layer, before: Tensor, after: Tensor, hls: dict[str, Any]) -> LayerShape:
    """The description of a layer of the integer network.

    Args:
        layer: the layer.
        before, after: tensors before and after it.
        hls: the recipe's `hls`.
    """
    settings = layer_settings(hls, layer)
    kind, window, strides, padding, function = layer.kind, (1, 1), (1, 1), "valid", ""
    products, weight_bits = None, 0
    if isinstance(layer, Weighted):
        products, weight_bits = layer_products(layer), layer.kernel_format.width
        kind = "dense"
    if isinstance(layer, Windowed):
        kind = "depthwise" if isinstance(layer, DepthwiseConv2D) else "conv"
        window = (int(layer.kernel.shape[0]), int(layer.kernel.shape[1]))
        strides, padding = layer.strides, layer.padding
    elif isinstance(layer, MaxPool2D):
        kind, window, strides, padding = "pool", layer.pool, layer.strides, layer.padding
    elif isinstance(layer, Activation):
        function = layer.function
    elif isinstance(layer, Flatten):
        kind = "flatten"
    return LayerShape(
        layer.name,
        kind,
        before.shape,
        after.shape,
        before.format.width,
        after.format.width,
        settings,
        products,
        weight_bits,
        window,
        strides,
        padding,
        function,
    )
