"""Which layers a training may change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from hwgen.training.network import KerasNetwork, Node

Freeze = Literal["backbone", "static", "body", "none"]


@dataclass(frozen=True)
class Trainable:
    """Names of the layers that may change; a part that stays as it is has none.

    Args:
        backbone: of all backbone segments.
        heads: of each exit's head.
    """

    backbone: frozenset[str]
    heads: tuple[frozenset[str], ...]

    def names(self) -> frozenset[str]:
        """All of them."""
        return self.backbone.union(*self.heads)


def everything(network: KerasNetwork) -> Trainable:
    """Nothing is frozen."""
    backbone = frozenset(node.name for stage in network.stages for node in stage.backbone)
    return Trainable(backbone, tuple(_names(stage.head) for stage in network.stages))


def trainable(network: KerasNetwork, kept: Collection[int], freeze: Freeze) -> Trainable:
    """What is left to train of a network that started from a trained one.

    Args:
        network: the network.
        kept: numbers of the exits, from 0, whose head came from the trained network; the others are fresh
            and are trained whole, whatever is frozen.
        freeze: `backbone` and `static` keep the backbone and the heads that came with it, `body` gives the
            last layer of those heads free, `none` everything.
    """
    if freeze == "none":
        return everything(network)
    heads = []
    for number, stage in enumerate(network.stages):
        if number not in kept:
            heads.append(_names(stage.head))
        else:
            heads.append(_last_layer(stage.head) if freeze == "body" else frozenset())
    return Trainable(frozenset(), tuple(heads))


def _names(nodes: tuple[Node, ...]) -> frozenset[str]:
    return frozenset(node.name for node in nodes)


def _last_layer(head: tuple[Node, ...]) -> frozenset[str]:
    """The last layer with weights, and what follows it."""
    last = max(index for index, node in enumerate(head) if node.layer.weights)
    return _names(head[last:])
