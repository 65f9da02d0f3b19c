"""What hls4ml accepts and then has no working code for.

Its C++ at best asserts these, and HLS leaves assertions out: it would build a layer that does nothing, or something
else. Fuzzing found them (`tests/fuzz`).
"""

from __future__ import annotations

from typing import Any

from hwgen.errors import NetworkError, RecipeError
from hwgen.recipe.schema import Firmware
from hwgen.reference.layers import MaxPool2D


def check_pool(layer: MaxPool2D, padded: bool) -> None:
    """Pools take windows side by side, and none that reach over the border.

    Raises:
        NetworkError: this one does.
    """
    if layer.strides != layer.pool:
        raise NetworkError(
            f"layer {layer.name}",
            f"a pool of {layer.pool} has strides {layer.strides}: hls4ml pools windows side by side only",
            "leave strides out",
        )
    if padded:
        raise NetworkError(f"layer {layer.name}", "hls4ml has no padding for pools", "use padding: valid")


def _check_strategy(node: Any, firmware: Firmware) -> None:
    strategy, factor = node.get_attr("strategy", "latency").lower(), node.get_attr("reuse_factor", 1)
    coded = strategy in ("latency", "distributed_arithmetic")
    if firmware.io == "parallel" and node.class_name == "DepthwiseConv2D" and not coded:
        raise RecipeError(
            f"hls: strategy of {node.name}",
            f"hls4ml has no {strategy} form of a depthwise convolution with firmware.io: parallel",
            f"write LayerName: {{{node.name}: {{Strategy: Latency}}}}",
        )
    if strategy == "resource_unrolled" and factor == 1:
        raise RecipeError(
            f"hls: reuse factor of {node.name}",
            "the nearest one that hls4ml can build is 1, and resource_unrolled has no form for it",
            f"write LayerName: {{{node.name}: {{Strategy: Resource}}}}",
        )


def _check_reuse(node: Any, firmware: Firmware) -> None:
    """A reuse factor that the chosen code can work with.

    hls4ml takes the nearest one itself, but forgets it where it turns a convolution into a pointwise one. And on
    arrays, a factor beyond the terms of one sum reads past the window and leaves outputs out.
    """
    convolution = node.class_name in ("Conv2D", "PointwiseConv2D")
    resource = node.get_attr("strategy", "latency").lower() in ("resource", "resource_unrolled")
    if not resource or not (convolution or node.class_name == "Dense"):
        return
    backend, factor = node.model.config.backend, node.get_attr("reuse_factor", 1)
    terms, outputs = backend.get_layer_mult_size(node)
    most = terms if convolution and firmware.io == "parallel" else terms * outputs
    valid = [each for each in backend.get_valid_reuse_factors(terms, outputs) if each <= most]
    if factor not in valid:
        nearest = min(valid, key=lambda each: abs(each - factor))
        raise RecipeError(
            f"hls: reuse factor of {node.name}",
            f"hls4ml cannot build {factor} with firmware.io: {firmware.io}",
            f"write LayerName: {{{node.name}: {{ReuseFactor: {nearest}}}}}",
        )


def _check_row_strides(node: Any, firmware: Firmware) -> None:
    """Line buffers treat a kernel of one row as one-dimensional: they forget to skip rows, and overfill the stream."""
    if firmware.io != "stream" or node.class_name not in ("Conv2D", "DepthwiseConv2D"):
        return
    one_row = node.get_attr("filt_height") == 1 and node.get_attr("in_height") > 1
    if one_row and node.get_attr("stride_height") > 1 and node.get_attr("implementation") != "encoded":
        raise NetworkError(
            f"layer {node.name}",
            f"hls4ml cannot stream a kernel of one row with strides of {node.get_attr('stride_height')}",
            "use firmware.io: parallel, a larger kernel, or strides: 1",
        )


def _check_implementation(node: Any, firmware: Firmware) -> None:
    windowed = "Conv2D" in node.class_name or "Pooling2D" in node.class_name
    chosen = node.model.config.get_conv_implementation(node).lower()
    if not windowed or chosen != "encoded" or firmware.io != "stream":
        return
    square = all(
        node.get_attr(f"{name}_height") == node.get_attr(f"{name}_width") for name in ("filt", "stride")
    )
    if firmware.backend == "Vitis" or not square:
        known = (
            "with firmware.backend: Vitis"
            if firmware.backend == "Vitis"
            else "unless kernel and strides are square"
        )
        raise RecipeError(
            f"hls: ConvImplementation of {node.name}",
            f"hls4ml has no Encoded form {known}",
            "remove it: LineBuffer is the default",
        )


def check_graph(graph: Any, firmware: Firmware) -> None:
    """Looks at hls4ml's own graph of a stage, where reuse factors and strategies are settled.

    Args:
        graph: hls4ml's ModelGraph.
        firmware: the recipe's `firmware`.
    Raises:
        RecipeError: a setting under `hls`, or a layer, that does not work; names the layer.
    """
    for node in graph.get_layers():
        _check_strategy(node, firmware)
        _check_reuse(node, firmware)
        _check_row_strides(node, firmware)
        _check_implementation(node, firmware)
