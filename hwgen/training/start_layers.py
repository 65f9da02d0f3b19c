"""Layers of a trained network that a recipe starts from, whatever file they came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen.errors import NetworkError
from hwgen.training.network import Node

KEY = "training.start"
Window = tuple[tuple[int, ...], str]
"""Strides and padding of a convolution."""


@dataclass(frozen=True)
class StartLayer:
    """One layer with weights.

    Args:
        label: how messages call it.
        weights: float arrays by the names that QKeras gives them.
        window: of a convolution; None for a dense layer.
    """

    label: str
    weights: dict[str, np.ndarray]
    window: Window | None

    def fits(self, node: Node) -> bool:
        """Whether these weights can be the node's: same kind, kernel shapes, strides and padding."""
        wanted = {name: tuple(variable.shape) for name, variable in node.weights()}
        have = {name: array.shape for name, array in self.weights.items()}
        if "bias" not in have and "bias" in wanted:  # then it is zero
            have["bias"] = wanted["bias"]
        return have == wanted and self._moves_as(window_of(node.layer))

    def _moves_as(self, window: Window | None) -> bool:
        if self.window is None or window is None:
            return self.window == window
        one = all(array.shape[:2] == (1, 1) for name, array in self.weights.items() if name != "bias")
        return self.window[0] == window[0] and (one or self.window[1] == window[1])  # 1x1 is never padded

    def put(self, node: Node) -> None:
        """Copies the weights into a node they fit.

        Raises:
            NetworkError: a weight is not finite.
        """
        for name, variable in node.weights():
            values = self.weights.get(name, np.zeros(variable.shape, np.float32))
            if not np.isfinite(values).all():
                raise NetworkError(
                    f"{KEY}: {self.label}", "holds NaN or infinite weights", "start from another network"
                )
            variable.assign(values.astype(np.float32))


def window_of(layer: Any) -> Window | None:
    """Strides and padding of a Keras layer that has them."""
    if not hasattr(layer, "strides"):
        return None
    return tuple(int(stride) for stride in layer.strides), str(layer.padding)


def described(shapes: dict[str, tuple[int, ...]], window: Window | None) -> str:
    """Kind, shapes and window of a layer in words."""
    kernels = [f"{name} {shape}" for name, shape in shapes.items() if name != "bias"]
    bias = "" if "bias" in shapes else ", no bias"
    place = "" if window is None else f", strides {window[0]}, padding {window[1]}"
    return f"{_kind(shapes)} ({', '.join(kernels)}{bias}{place})"


def _kind(shapes: dict[str, tuple[int, ...]]) -> str:
    if "pointwise_kernel" in shapes:
        return "separable"
    if "depthwise_kernel" in shapes:
        return "depthwise"
    return "dense" if len(shapes.get("kernel", ())) == 2 else "conv"


def mismatch(layer: StartLayer, node: Node) -> NetworkError:
    """The error for a layer that does not fit the recipe's at its place."""
    have = described({name: array.shape for name, array in layer.weights.items()}, layer.window)
    shapes = {name: tuple(variable.shape) for name, variable in node.weights()}
    wanted = described(shapes, window_of(node.layer))
    return NetworkError(
        f"{KEY}: {layer.label}",
        f"is {have}, but {node.where} is {wanted}",
        "write in network the layers of the network to start from",
    )
