"""QKeras itself and the integer reference agree bit for bit, also where float32 is not exact."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from hwgen.recipe import LoadedRecipe
from hwgen.reference.executor import execute
from hwgen.reference.network import Tensor
from hwgen.training import KerasNetwork, build_network, qkeras_values
from hwgen.training.keras_env import set_seed
from tests.training.conftest import CONV, make_data
from tests.training.test_refusals import python_recipe

Recipes = Callable[..., LoadedRecipe]


def mismatches(network: KerasNetwork, raw: np.ndarray) -> int:
    pairs = zip(execute(network.export(), raw), qkeras_values(network, raw), strict=True)
    return sum(
        int((ours.features != theirs.features).sum() + (ours.logits != theirs.logits).sum())
        for ours, theirs in pairs
    )


def random_network(loaded: LoadedRecipe, bits: int) -> tuple[KerasNetwork, np.ndarray]:
    """A network with weights all over their range and beyond, and random inputs."""
    data = make_data((6, 6, 2), 3, width=bits)
    set_seed(3)
    network = build_network(loaded, Tensor(data.shape, data.format), data.classes)
    rng = np.random.default_rng(5)
    for node in network.nodes():
        for _, variable in node.weights():
            variable.assign(rng.uniform(-0.6, 0.6, variable.shape))
    return network, rng.integers(0, data.format.max_raw + 1, (300, *data.shape))


@pytest.mark.parametrize("bits", [2, 3, 6, 8, 12, 16])
def test_layer_lists_agree(recipe: Recipes, bits: int) -> None:
    formats = {"weights": {"bits": bits, "integer": 0}, "activations": {"bits": bits, "integer": 1}}
    loaded = recipe(CONV, network={**formats, "bias": {"bits": bits, "integer": 1}})
    network, raw = random_network(loaded, bits)
    assert mismatches(network, raw) == 0


@pytest.mark.parametrize(
    "stages",
    [
        "[([QConv2D(4, 3, kernel_quantizer=q(), bias_quantizer=q()), QActivation(quantized_bits(7, 2, alpha=1))],"
        " head())]",
        "[([QConv2D(4, 3, strides=2, kernel_quantizer=q(), use_bias=False, activation=quantized_bits(5, 1, alpha=1)),"
        " QActivation('quantized_relu(4, 1)')], [*head(), QActivation(quantized_bits(6, 3, alpha=1))])]",
        "[([QSeparableConv2D(4, 3, depthwise_quantizer=q(), pointwise_quantizer=q(), bias_quantizer=q(),"
        " activation=quantized_relu(6, 2)), MaxPooling2D(2), Dropout(0.5)], head())]",
        "[([QDepthwiseConv2D(3, padding='same', depthwise_quantizer=q(), bias_quantizer=q()),"
        " QActivation(quantized_relu(6, 2))], head()),"
        " ([QConv2D(4, (3, 1), strides=(2, 1), kernel_quantizer='quantized_bits(4,0,alpha=1)', bias_quantizer=q()),"
        " QActivation(quantized_relu(6, 2))], head())]",
    ],
    ids=["linear-activation", "activation-argument", "separable", "two-stages"],
)
def test_python_networks_agree(recipe: Recipes, stages: str) -> None:
    network, raw = random_network(python_recipe(recipe, stages), 8)
    assert mismatches(network, raw) == 0


def test_a_changed_weight_is_noticed(recipe: Recipes) -> None:
    network, raw = random_network(recipe(CONV), 8)
    exact = network.export()
    variable = network.stages[1].head[-1].layer.bias
    variable.assign_add([0.0, 0.5, 0.0])
    theirs = qkeras_values(network, raw)
    ours = execute(exact, raw)
    assert np.array_equal(ours[0].logits, theirs[0].logits)
    assert (ours[1].logits != theirs[1].logits).any(axis=0).tolist() == [False, True, False]
