"""Runs an integer network on raw inputs: the definition of features and logits.

Sums are exact integers. They are computed with floating-point matrix products, which are exact
as long as every partial sum stays below 2**53 (2**24 in single precision); the bound is known
from the accumulator's format, and beyond it int64 arithmetic is used.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen.fixedpoint import FixedPoint, IntArray, fits_after_rounding, requantise
from hwgen.reference.layers import (
    Activation,
    DepthwiseConv2D,
    Flatten,
    Layer,
    MaxPool2D,
    Shape,
    Weighted,
    Windowed,
    same_padding,
)
from hwgen.reference.network import IntegerNetwork, Stage

_CHUNK_ELEMENTS = 1 << 23
"""Elements of the largest intermediate array per chunk of samples."""


@dataclass(frozen=True)
class StageValues:
    """What one stage produces.

    Args:
        features: int64 (n, *shape), raw values of the stage's feature format.
        logits: int64 (n, classes), raw values of the exit's logit format.
        embedding: int64 (n, D), raw values of what enters the head's last dense layer; None if not kept.
    """

    features: IntArray
    logits: IntArray
    embedding: IntArray | None = None


@dataclass(frozen=True)
class LayerRange:
    """Smallest and largest value seen at a layer's output, against its type.

    Args:
        saturated: share of values that the layer's activation clipped (0 for exact layers).
    """

    stage: str
    layer: str
    format: FixedPoint
    low: int
    high: int
    saturated: float


Observer = Callable[[str, Layer, FixedPoint, FixedPoint, IntArray, IntArray], None]


def classify(logits: npt.NDArray[np.int64]) -> IntArray:
    """The class: lowest index among the maxima.

    Args:
        logits: int64 (n, classes).
    Returns:
        int64 (n,).
    """
    return np.argmax(logits, axis=1).astype(np.int64)


def _product_type(bound: int) -> type[np.generic]:
    if bound < 1 << 24:
        return np.float32
    return np.float64 if bound < 1 << 53 else np.int64


def _windows(
    values: npt.NDArray[Any],
    kernel: tuple[int, int],
    strides: tuple[int, int],
    padding: str,
    fill: int,
) -> npt.NDArray[Any]:
    """View (n, rows, columns, channels, kernel height, kernel width) on (n, h, w, c)."""
    if padding == "same":
        pads = [same_padding(values.shape[1 + axis], kernel[axis], strides[axis]) for axis in range(2)]
        values = np.pad(values, ((0, 0), pads[0], pads[1], (0, 0)), constant_values=fill)
    view = np.lib.stride_tricks.sliding_window_view(values, kernel, axis=(1, 2))
    return view[:, :: strides[0], :: strides[1]]


def _accumulate(layer: Weighted, raw: IntArray, source: FixedPoint) -> IntArray:
    """Exact sums of a weighted layer."""
    target = layer.output_format(source)
    up, bias_up = layer.shifts(source)
    kind = _product_type(-target.min_raw >> up)
    kernel = layer.kernel_matrix().astype(kind)
    if isinstance(layer, Windowed):
        height, width = layer.kernel.shape[:2]
        view = _windows(raw.astype(kind), (height, width), layer.strides, layer.padding, 0)
        if isinstance(layer, DepthwiseConv2D):
            weights = kernel.reshape(height, width, -1)
            sums = np.einsum("nrqchw,hwc->nrqc", view, weights)
        else:
            columns = view.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kernel.shape[0])
            sums = (columns @ kernel).reshape(*view.shape[:3], -1)
    else:
        sums = raw.astype(kind) @ kernel
    return (sums.astype(np.int64) << up) + (layer.bias << bias_up)


def run_layer(layer: Layer, raw: IntArray, source: FixedPoint) -> IntArray:
    """Output of one layer.

    Args:
        raw: int64 (n, *input shape), values of `source`.
    Returns:
        int64 (n, *output shape), values of `layer.output_format(source)`.
    """
    if isinstance(layer, Weighted):
        return _accumulate(layer, raw, source)
    if isinstance(layer, Activation):
        clamped = np.maximum(raw, 0) if layer.function == "relu" else raw
        return requantise(clamped, source, layer.target)
    if isinstance(layer, MaxPool2D):
        view = _windows(raw, layer.pool, layer.strides, layer.padding, source.min_raw)
        return np.asarray(view.max(axis=(4, 5)))
    if isinstance(layer, Flatten):
        return raw.reshape(len(raw), -1)
    raise NotImplementedError(layer.kind)


def _run_layers(
    stage: str, layers: tuple[Layer, ...], raw: IntArray, source: FixedPoint, observe: Observer | None
) -> IntArray:
    for layer in layers:
        result = run_layer(layer, raw, source)
        target = layer.output_format(source)
        if observe is not None:
            observe(stage, layer, source, target, raw, result)
        raw, source = result, target
    return raw


def _chunks(stage: Stage, samples: int) -> Iterator[slice]:
    """Slices of samples whose largest intermediate stays near `_CHUNK_ELEMENTS`."""
    largest, shape = 1, stage.source.shape
    for layers in (stage.backbone, stage.head):
        for layer in layers:
            after: Shape = layer.output_shape(shape)
            window = int(np.prod(layer.kernel.shape[:2])) if isinstance(layer, Windowed) else 1
            largest = max(largest, int(np.prod(after)), int(np.prod(shape)) * window)
            shape = after
        shape = stage.features.shape
    step = max(1, _CHUNK_ELEMENTS // largest)
    for start in range(0, samples, step):
        yield slice(start, start + step)


def execute_stage(
    stage: Stage, raw: IntArray, observe: Observer | None = None, embedding: bool = False
) -> StageValues:
    """Runs one stage on all samples.

    Args:
        stage: the stage.
        raw: int64 (n, *stage.source.shape), raw values of the stage's input format.
        observe: called for every layer with (stage, layer, input format, output format, input,
            output) of each chunk of samples.
        embedding: whether to keep what enters the head's last dense layer, if there is one.
    Raises:
        RangeError: a value does not fit the stage's input format.
    """
    stage.source.format.check(raw, f"{stage.name} input")
    features = np.empty((len(raw), *stage.features.shape), dtype=np.int64)
    logits = np.empty((len(raw), *stage.logits.shape), dtype=np.int64)
    split, vector = stage.last_dense or 0, stage.embedding
    kept = None
    if embedding and vector is not None:
        kept = features.reshape(len(raw), -1)  # the same memory, if the embedding is the features
        if not stage.embedding_is_features:
            kept = np.empty((len(raw), vector.size), dtype=np.int64)
    for part in _chunks(stage, len(raw)):
        features[part] = _run_layers(stage.name, stage.backbone, raw[part], stage.source.format, observe)
        entering = _run_layers(stage.name, stage.head[:split], features[part], stage.features.format, observe)
        if kept is not None and not stage.embedding_is_features:
            kept[part] = entering.reshape(len(entering), -1)
        between = vector.format if split and vector is not None else stage.features.format
        logits[part] = _run_layers(stage.name, stage.head[split:], entering, between, observe)
    return StageValues(features, logits, kept)


def execute(
    network: IntegerNetwork,
    raw: IntArray,
    observe: Observer | None = None,
    embeddings: Collection[int] = (),
) -> list[StageValues]:
    """Runs every stage on all samples, whether or not they would leave early.

    Args:
        network: the integer network.
        raw: int64 (n, *network.source.shape), raw values of the input format.
        observe: see `execute_stage`.
        embeddings: indices of the stages whose embedding is kept.
    Returns:
        one StageValues per stage.
    """
    values: list[StageValues] = []
    for index, stage in enumerate(network.stages):
        values.append(execute_stage(stage, raw, observe, index in embeddings))
        raw = values[-1].features
    return values


def layer_values(stage: Stage, raw: IntArray) -> dict[str, IntArray]:
    """Output of every layer of one stage, by its name, in order.

    Args:
        stage: the stage.
        raw: int64 (n, *stage.source.shape), raw values of the stage's input format.
    Returns:
        layer name -> int64 (n, *output shape), raw values of the layer's output format.
    """
    chunks: dict[str, list[IntArray]] = {}

    def observe(
        _stage: str, layer: Layer, _from: FixedPoint, _to: FixedPoint, _before: IntArray, after: IntArray
    ) -> None:
        chunks.setdefault(layer.name, []).append(after)

    execute_stage(stage, raw, observe)
    return {name: np.concatenate(parts) for name, parts in chunks.items()}


def layer_ranges(network: IntegerNetwork, raw: IntArray) -> list[LayerRange]:
    """Overflow audit: smallest and largest value of every layer, and what activations clipped.

    Args:
        network: the integer network.
        raw: int64 (n, *network.source.shape).
    """
    seen: dict[tuple[str, str], LayerRange] = {}
    counts: dict[tuple[str, str], tuple[int, int]] = {}

    def observe(
        stage: str, layer: Layer, source: FixedPoint, target: FixedPoint, before: IntArray, after: IntArray
    ) -> None:
        key = (stage, layer.name)
        low, high = int(after.min()), int(after.max())
        clipped = 0
        if isinstance(layer, Activation):
            clamped = np.maximum(before, 0) if layer.function == "relu" else before
            clipped = int((~fits_after_rounding(clamped, source, target)).sum())
        hits, total = counts.get(key, (0, 0))
        counts[key] = (hits + clipped, total + after.size)
        if key in seen:
            low, high = min(low, seen[key].low), max(high, seen[key].high)
        share = counts[key][0] / max(counts[key][1], 1)
        seen[key] = LayerRange(stage, layer.name, target, low, high, share)

    execute(network, raw, observe)
    return list(seen.values())
