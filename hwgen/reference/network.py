"""The integer network: stages of layers, each with an exit head.

It is the single hand-over point between training, the reference executor and every back end.
File format: see `hwgen.reference.storage`.
"""

from __future__ import annotations

from dataclasses import dataclass

from hwgen.errors import NetworkError
from hwgen.fixedpoint import FixedPoint
from hwgen.reference.layers import Dense, Flatten, Layer, Shape, Weighted


@dataclass(frozen=True)
class Tensor:
    """Shape (of one sample) and format of a value between layers."""

    shape: Shape
    format: FixedPoint

    @property
    def size(self) -> int:
        count = 1
        for length in self.shape:
            count *= length
        return count


def trace_layers(layers: tuple[Layer, ...], source: Tensor) -> list[Tensor]:
    """Tensors before the first and after each layer: len(layers) + 1 entries.

    Raises:
        NetworkError: a layer does not fit its input; names the layer and both shapes.
    """
    tensors = [source]
    for layer in layers:
        last = tensors[-1]
        tensors.append(Tensor(layer.output_shape(last.shape), layer.output_format(last.format)))
    return tensors


def count_macs(layers: tuple[Layer, ...], source: Tensor) -> int:
    """Multiply-accumulates of `layers` for one sample."""
    tensors = trace_layers(layers, source)
    return sum(layer.macs(before.shape) for layer, before in zip(layers, tensors[:-1], strict=True))


def count_parameters(layers: tuple[Layer, ...]) -> int:
    """Weights and biases of `layers`."""
    return sum(layer.kernel.size + layer.bias.size for layer in layers if isinstance(layer, Weighted))


@dataclass(frozen=True)
class Stage:
    """A backbone segment and its exit head.

    Args:
        name: `stage1`, `stage2`, ...
        source: what the stage receives: the input, or the features of the stage before.
        backbone: layers from `source` to the features.
        head: layers from the features to the logits.
    """

    name: str
    source: Tensor
    backbone: tuple[Layer, ...]
    head: tuple[Layer, ...]

    @property
    def features(self) -> Tensor:
        return trace_layers(self.backbone, self.source)[-1]

    @property
    def logits(self) -> Tensor:
        return trace_layers(self.head, self.features)[-1]

    @property
    def last_dense(self) -> int | None:
        """Index in the head of its last layer with weights, if that is a dense layer; else None."""
        weighted = [index for index, layer in enumerate(self.head) if isinstance(layer, Weighted)]
        return weighted[-1] if weighted and isinstance(self.head[weighted[-1]], Dense) else None

    @property
    def embedding(self) -> Tensor | None:
        """What enters the head's last dense layer, as a vector; None if the head ends otherwise."""
        index = self.last_dense
        if index is None:
            return None
        tensor = trace_layers(self.head[:index], self.features)[-1]
        return Tensor((tensor.size,), tensor.format)

    @property
    def embedding_is_features(self) -> bool:
        """Whether the embedding holds the features themselves, in their order."""
        index = self.last_dense
        return index is not None and all(isinstance(layer, Flatten) for layer in self.head[:index])

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the backbone segment."""
        return count_macs(self.backbone, self.source)

    @property
    def head_macs(self) -> int:
        return count_macs(self.head, self.features)

    @property
    def parameters(self) -> int:
        return count_parameters(self.backbone) + count_parameters(self.head)


@dataclass(frozen=True)
class IntegerNetwork:
    """A quantised multi-exit classifier in integers.

    Raises:
        NetworkError: no stage, a stage does not receive what the one before gives, or exits
            disagree on the number of classes.
    """

    stages: tuple[Stage, ...]

    def __post_init__(self) -> None:
        if not self.stages:
            raise NetworkError("network.stages", "the list is empty", "write at least one stage")
        for stage in self.stages:
            for part, layers in (("layers", stage.backbone), ("exit", stage.head)):
                if all(isinstance(layer, Flatten) for layer in layers):
                    raise NetworkError(
                        f"{stage.name} {part}", "holds no layer that computes", "add a conv or dense"
                    )
        for before, after in zip(self.stages[:-1], self.stages[1:], strict=True):
            if before.features != after.source:
                raise NetworkError(
                    after.name, f"expects {after.source}, but {before.name} produces {before.features}"
                )
        for stage in self.stages:
            shape = stage.logits.shape
            if len(shape) != 1:
                raise NetworkError(
                    f"{stage.name} exit",
                    f"logits have shape {shape}, expected a vector",
                    "end the head with {dense: classes}",
                )
            if shape[0] != self.classes:
                raise NetworkError(
                    f"{stage.name} exit",
                    f"has {shape[0]} classes, {self.stages[0].name} has {self.classes}",
                    "give all exits the same classes",
                )

    @property
    def source(self) -> Tensor:
        return self.stages[0].source

    @property
    def classes(self) -> int:
        return self.stages[0].logits.shape[0]

    def exit_macs(self) -> list[int]:
        """MACs spent on a sample that leaves at exit k: all backbones and heads up to k."""
        totals, spent = [], 0
        for stage in self.stages:
            spent += stage.macs + stage.head_macs
            totals.append(spent)
        return totals

    @property
    def static_macs(self) -> int:
        """MACs of the static network: all backbone segments and the last head only."""
        return sum(stage.macs for stage in self.stages) + self.stages[-1].head_macs


def static_network(network: IntegerNetwork) -> IntegerNetwork:
    """The backbone and the last head alone, as a network of one stage."""
    backbone = tuple(layer for stage in network.stages for layer in stage.backbone)
    return IntegerNetwork((Stage("stage1", network.source, backbone, network.stages[-1].head),))
