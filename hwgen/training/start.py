"""Starting from a trained network: its weights go where the recipe has the same layers."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest

from hwgen.errors import NetworkError
from hwgen.recipe import LoadedRecipe
from hwgen.training.freezing import Trainable, everything, trainable
from hwgen.training.network import KerasNetwork, KerasStage, Node
from hwgen.training.start_folder import StartNetwork, read_folder
from hwgen.training.start_keras import read_keras
from hwgen.training.start_layers import KEY, StartLayer, mismatch


def prepare(loaded: LoadedRecipe, network: KerasNetwork) -> tuple[KerasNetwork, Trainable]:
    """Puts in the weights of the recipe's `training.start`, if it has one.

    Args:
        loaded: the recipe.
        network: built with fresh weights; gets the others in place.
    Returns:
        The network, layers with weights from the start no longer marked for batch normalisation (theirs is
        folded in), and what may be trained.
    Raises:
        RecipeError: the file cannot be read, or its backbone is not the recipe's; names both layers.
    """
    training = loaded.recipe.training
    if training.start is None:
        return network, everything(network)
    path = loaded.resolve(training.start)
    exits = range(len(network.stages))
    if path.is_dir():
        kept = put_network(network, read_folder(path), exits[-1:] if training.freeze == "static" else exits)
    else:
        kept = put_chain(network, read_keras(path))
    return _without_norms(network, kept), trainable(network, kept, training.freeze or "backbone")


def put_network(network: KerasNetwork, start: StartNetwork, exits: range) -> frozenset[int]:
    """Puts in the backbone, and each head that stands behind the same layer and has the same shapes.

    Args:
        network: gets the weights in place.
        start: the trained network.
        exits: numbers of the exits whose head may come along.
    Returns:
        The exits, from 0, whose head came from `start`.
    Raises:
        NetworkError: the backbones differ.
    """
    _put_all(_backbone(network), start.backbone, "backbone")
    left = list(start.heads)
    kept = set()
    depths = _depths(network)
    for number in reversed(exits):
        nodes = _weighted(network.stages[number].head)
        for head in reversed(left):
            depth, layers = head
            if depth == depths[number] and _fit(nodes, layers):
                _put_all(nodes, layers, "head")
                left.remove(head)
                kept.add(number)
                break
    return frozenset(kept)


def put_chain(network: KerasNetwork, layers: tuple[StartLayer, ...]) -> frozenset[int]:
    """Puts a static network into the backbone and the last head.

    Returns:
        The exits whose head came along: the last one, or none if the chain ends with the backbone.
    Raises:
        NetworkError: a layer is not the recipe's at its place.
    """
    backbone = _backbone(network)
    last = len(network.stages) - 1
    if len(layers) == len(backbone):
        _put_all(backbone, layers, "backbone")
        return frozenset()
    _put_all(backbone + _weighted(network.stages[last].head), layers, "backbone and last head")
    return frozenset({last})


def _put_all(nodes: list[Node], layers: tuple[StartLayer, ...], what: str) -> None:
    for node, layer in zip_longest(nodes, layers):
        if node is None or layer is None:
            extra = f"{layer.label} has no counterpart" if node is None else f"{node.where} gets no weights"
            raise NetworkError(
                KEY,
                f"its {what} has {len(layers)} layers with weights, the recipe's {len(nodes)}: {extra}",
                "write in network the layers of the network to start from",
            )
        if not layer.fits(node):
            raise mismatch(layer, node)
    for node, layer in zip(nodes, layers, strict=True):
        layer.put(node)


def _fit(nodes: list[Node], layers: tuple[StartLayer, ...]) -> bool:
    pairs = zip(nodes, layers, strict=False)
    return len(nodes) == len(layers) and all(layer.fits(node) for node, layer in pairs)


def _weighted(nodes: tuple[Node, ...]) -> list[Node]:
    return [node for node in nodes if node.layer.weights]


def _backbone(network: KerasNetwork) -> list[Node]:
    return [node for stage in network.stages for node in _weighted(stage.backbone)]


def _depths(network: KerasNetwork) -> list[int]:
    """Backbone layers with weights before each head."""
    counts, total = [], 0
    for stage in network.stages:
        total += len(_weighted(stage.backbone))
        counts.append(total)
    return counts


def _without_norms(network: KerasNetwork, kept: frozenset[int]) -> KerasNetwork:
    def folded(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple(replace(node, batch_norm=False) for node in nodes)

    stages = [
        KerasStage(folded(stage.backbone), folded(stage.head) if number in kept else stage.head)
        for number, stage in enumerate(network.stages)
    ]
    return KerasNetwork(network.source, tuple(stages))
