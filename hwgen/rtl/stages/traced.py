"""A stage as da4ml sees it: one graph for the backbone and one for the head, or one for both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwgen.errors import ToolFailed
from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.reference.executor import StageValues, execute_stage
from hwgen.reference.network import Stage, Tensor
from hwgen.rtl.stages.graph import Graph, cut
from hwgen.rtl.stages.symbols import Value, bounds, is_constant, narrowed, variable
from hwgen.rtl.stages.unroll import Values, unroll

CHECKED_SAMPLES = 256


@dataclass(frozen=True)
class TracedStage:
    """The graphs of a stage.

    Args:
        stage: the stage.
        backbone: from the input to the features; None if the stage is the last one.
        head: from the varying features to logits and embedding; from the input if there is no `backbone`.
        embedding: whether the embedding stands behind the logits.
    """

    stage: Stage
    backbone: Graph | None
    head: Graph
    embedding: bool

    def run(self, raw: IntArray) -> StageValues:
        """The stage by da4ml's interpreter.

        Args:
            raw: int64 (n, *stage.source.shape).
        Returns:
            features (empty in the last stage), logits and, if asked for, the embedding.
        """
        entering = raw.reshape(len(raw), -1)
        features = np.empty((len(raw), 0), dtype=np.int64)
        if self.backbone is not None:
            every = self.backbone.run(entering)
            features = every.reshape(len(raw), *self.stage.features.shape)
            entering = every[:, [bool(word.width) for word in self.backbone.outputs]]
        values = self.head.run(entering)
        classes = self.stage.logits.size
        return StageValues(features, values[:, :classes], values[:, classes:] if self.embedding else None)


def _inputs(source: Tensor, ranges: tuple[IntArray, IntArray] | None) -> Values:
    low = np.full(source.size, source.format.min_raw) if ranges is None else ranges[0].ravel()
    high = np.full(source.size, source.format.max_raw) if ranges is None else ranges[1].ravel()
    values = np.empty(source.size, dtype=object)
    values[:] = [variable(int(a), int(b)) for a, b in zip(low, high, strict=True)]
    return values.reshape(source.shape)


def _fitting(values: Values, fmt: FixedPoint) -> list[Value]:
    """Values as outputs of a graph: none is wider than its format."""
    return [narrowed(value, fmt.min_raw, fmt.max_raw) for value in values.ravel()]


def _head(stage: Stage, features: Values, embedding: bool) -> list[Value]:
    """Logits, then the embedding."""
    split = stage.last_dense if embedding else 0
    assert split is not None
    entering = unroll(stage.head[:split], features, stage.features.format)
    between = stage.features.format
    for layer in stage.head[:split]:
        between = layer.output_format(between)
    logits = unroll(stage.head[split:], entering, between)
    return _fitting(logits, stage.logits.format) + (_fitting(entering, between) if embedding else [])


def _fresh(features: list[Value]) -> Values:
    """New variables for what comes out of a register, with the same ranges; constants stay constants."""
    values = np.empty(len(features), dtype=object)
    values[:] = [
        value if is_constant(value) else variable(*bounds(value), step=int(value.step)) for value in features
    ]
    return values


def trace(
    stage: Stage,
    *,
    last: bool,
    embedding: bool = False,
    adders: int,
    ranges: tuple[IntArray, IntArray] | None = None,
) -> TracedStage:
    """Unrolls a stage into graphs and checks them on random inputs.

    Args:
        stage: a stage that `check_size` accepted.
        last: whether nothing reads its features but its own head.
        embedding: whether the gate reads the embedding.
        adders: the longest chain of additions between two registers.
        ranges: smallest and largest raw value of each input; the whole format by default.
    Raises:
        ToolMissing: no da4ml.
        ToolFailed: what da4ml made differs from the reference.
    """
    source = _inputs(stage.source, ranges)
    features = unroll(stage.backbone, source, stage.source.format)
    backbone = None
    entering = list(source.ravel())
    if not last:
        leaving = _fitting(features, stage.features.format)
        backbone = cut(entering, leaving, adders)
        features = _fresh(leaving).reshape(features.shape)
        entering = [value for value in features.ravel() if not is_constant(value)]
    traced = TracedStage(stage, backbone, cut(entering, _head(stage, features, embedding), adders), embedding)
    _check(traced, ranges)
    return traced


def _check(traced: TracedStage, ranges: tuple[IntArray, IntArray] | None) -> None:
    stage = traced.stage
    shape, fmt = stage.source.shape, stage.source.format
    low, high = ranges if ranges is not None else (np.array(fmt.min_raw), np.array(fmt.max_raw))
    rng = np.random.default_rng(0)
    raw = rng.integers(
        np.broadcast_to(low.reshape(low.shape and shape), shape),
        np.broadcast_to(high.reshape(high.shape and shape), shape) + 1,
        size=(CHECKED_SAMPLES, *shape),
    )
    raw[0], raw[1] = low.reshape(low.shape and shape), high.reshape(high.shape and shape)
    expected, found = execute_stage(stage, raw, embedding=traced.embedding), traced.run(raw)
    pairs = [("logits", expected.logits, found.logits)]
    if traced.backbone is not None:
        pairs.append(("features", expected.features, found.features))
    if traced.embedding:
        assert expected.embedding is not None and found.embedding is not None
        pairs.append(("embedding", expected.embedding, found.embedding))
    for name, wanted, got in pairs:
        wrong = int((wanted != got).any(axis=tuple(range(1, wanted.ndim))).sum())
        if wrong:
            raise ToolFailed(
                f"da4ml, {stage.name}",
                f"{name} of {wrong} of {CHECKED_SAMPLES} random samples differ from the reference",
                "leave firmware.rtl out for this network",
            )
