"""Networks that do not fit or are not exact are refused before training, by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hwgen.data import DataSet
from hwgen.errors import NetworkError, RecipeError
from hwgen.recipe import LoadedRecipe
from hwgen.reference.network import Tensor
from hwgen.training import KerasNetwork, build_network, train_network

Recipes = Callable[..., LoadedRecipe]


def build(loaded: LoadedRecipe, data: DataSet) -> KerasNetwork:
    return build_network(loaded, Tensor(data.shape, data.format), data.classes)


HEAD: list[Any] = ["flatten", {"dense": "classes"}]


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        (
            [{"layers": [{"dense": 4}], "exit": [{"dense": "classes"}]}],
            r"network.stages.0.layers.0 \(dense\): dense expects a vector, received shape \(6, 6, 2\); put {flatten}",
        ),
        (
            [{"layers": ["flatten", {"conv": 4}], "exit": HEAD}],
            r"network.stages.0.layers.1 \(conv\): conv expects height x width x channels, received shape \(72,\)",
        ),
        (
            [{"layers": [{"conv": 4, "kernel": 9, "padding": "valid"}], "exit": HEAD}],
            r"network.stages.0.layers.0 \(conv\): a 9x9 window does not fit an input of 6x6",
        ),
        (
            [{"layers": [{"pool": 2}, {"pool": 4}], "exit": HEAD}],
            r"network.stages.0.layers.1 \(pool\): a 4x4 pool does not fit an input of 3x3",
        ),
        (
            [{"layers": [{"pool": 3, "strides": 2}], "exit": HEAD}],
            r"\(pool\): a pool of \(3, 3\) has strides \(2, 2\): hls4ml pools windows side by side only; leave strides out",
        ),
        (
            [{"layers": [{"conv": 4}], "exit": ["flatten", {"dense": 5}]}],
            "exit1: has 5 classes, but the data has 3",
        ),
        (
            [
                {"layers": [{"conv": 4}], "exit": HEAD},
                {"layers": [{"conv": 4}], "exit": ["flatten", {"dense": 4}]},
            ],
            "exit2: has 4 classes, but exit1 has 3; write {dense: classes} in every exit",
        ),
        ([{"layers": [{"conv": 4}], "exit": [{"conv": 3}]}], r"exit1: its logits have shape \(6, 6, 3\)"),
        ([{"layers": [{"dropout": 0.5}], "exit": HEAD}], "stage1: holds dropout only"),
    ],
)
def test_layer_lists(recipe: Recipes, images: DataSet, stages: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        build(recipe(stages), images)


PYTHON = """
from qkeras import *
from tensorflow.keras.layers import *
from tensorflow.keras.layers import Conv2D, Dense, MaxPooling2D, Flatten
q = lambda: quantized_bits(6, 1, alpha=1)
good = lambda: QConv2D(
    4, 3, kernel_quantizer=q(), bias_quantizer=q(), activation=quantized_relu(6, 2), name='one'
)
def build(input_shape, classes):
    head = lambda: [Flatten(), QDense(classes, kernel_quantizer=q(), bias_quantizer=q())]
    return {stages}
"""


def python_recipe(recipe: Recipes, stages: str) -> LoadedRecipe:
    loaded = recipe(network={"python": "net.py:build"})
    (loaded.folder / "net.py").write_text(PYTHON.replace("{stages}", stages))
    return loaded


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        (
            "[([Conv2D(4, 3, name='plain')], head())]",
            "'plain': Conv2D has no exact integer form; use QConv2D",
        ),
        ("[([good()], [Flatten(), Dense(classes)])]", "Dense has no exact integer form; use QDense"),
        (
            "[([QConv2D(4, 3, kernel_quantizer=q(), name='one')], head())]",
            "network.python: stage 1 backbone layer 1 'one' bias: is not quantised; give it quantized_bits",
        ),
        ("[([QConv2D(4, 3, bias_quantizer=q(), name='one')], head())]", "'one' kernel: is not quantised"),
        ("[([good(), BatchNormalization()], head())]", "BatchNormalization has no.*batch_norm: true"),
        (
            "[([QConv2DBatchnorm(4, 3, kernel_quantizer=q(), bias_quantizer=q())], head())]",
            "QConv2DBatchnorm has no",
        ),
        ("[([good(), AveragePooling2D()], head())]", "AveragePooling2D has no.*use MaxPooling2D"),
        (
            "[([good()], [*head(), Softmax()])]",
            "Softmax has no.*leave softmax out: the gates work on the logits",
        ),
        ("[([good()], [*head(), QActivation('softmax')])]", "received .*softmax.*; leave softmax out"),
        (
            "[([good()], [Flatten(), QDense(classes, kernel_quantizer=q(), bias_quantizer=q(),"
            " activation='softmax')])]",
            "received softmax; leave softmax out",
        ),
        (
            "[([QConv2D(4, 3, kernel_quantizer=quantized_bits(6, 0), bias_quantizer=q())], head())]",
            "set alpha=1",
        ),
        (
            "[([QConv2D(4, 3, kernel_quantizer=q(), bias_quantizer=q(), dilation_rate=2)], head())]",
            "set dilation_rate=1",
        ),
        ("[([good(), MaxPooling2D(padding='same')], head())]", "use padding='valid'"),
        (
            "[([good()], [Flatten(), QDense(7, kernel_quantizer=q(), bias_quantizer=q())])]",
            "exit1: has 7 classes",
        ),
        ("[]", r"build returned list; return \[\(backbone_layers, head_layers\)"),
        ("None", "build returned NoneType"),
        ("[(good(), head())]", "the backbone of stage 1 is no list of layers"),
        ("[([good(), 3], head())]", "stage 1 holds 3, which is no layer"),
        ("[([one := good(), one], head())]", "layer 'one' is used twice"),
        ("1 / 0", r"build failed \(ZeroDivisionError: division by zero\)"),
    ],
)
def test_python_networks(recipe: Recipes, images: DataSet, stages: str, message: str) -> None:
    with pytest.raises(NetworkError, match=message) as caught:
        build(python_recipe(recipe, stages), images)
    assert "\n" not in str(caught.value)


def test_python_file_and_function_must_exist(recipe: Recipes, images: DataSet, tmp_path: Path) -> None:
    loaded = recipe(network={"python": "net.py:build"})
    with pytest.raises(NetworkError, match="network.python: 'net.py' does not exist; paths are relative"):
        build(loaded, images)
    (tmp_path / "net.py").write_text("x = 1")
    with pytest.raises(NetworkError, match="'net.py' has no function 'build'"):
        build(loaded, images)
    (tmp_path / "net.py").write_text("def build(:")
    with pytest.raises(NetworkError, match=r"'net.py' cannot be imported \(SyntaxError"):
        build(loaded, images)
    assert not (tmp_path / "__pycache__").exists()


def test_training_section_must_fit(recipe: Recipes, table: DataSet) -> None:
    stages = [{"layers": [{"dense": 4}], "exit": [{"dense": "classes"}]}]
    with pytest.raises(
        RecipeError, match="training.float_epochs: received 2 of 2 epochs; leave at least one"
    ):
        train_network(recipe(stages, training={"float_epochs": 2}), table)
    with pytest.raises(RecipeError, match="training.method: received 'jei' for a network of 1 stage"):
        train_network(recipe(stages, training={"method": "jei"}), table)


def test_jei_needs_an_early_exit_in_a_python_network_too(recipe: Recipes, images: DataSet) -> None:
    loaded = recipe(network={"python": "net.py:build"}, training={"method": "jei"})
    (loaded.folder / "net.py").write_text(PYTHON.replace("{stages}", "[([good()], head())]"))
    with pytest.raises(RecipeError, match="no early exit to learn a gate for; write two stages or more"):
        train_network(loaded, images)


def test_divergence_names_the_cause(recipe: Recipes, table: DataSet) -> None:
    stages = [{"layers": [{"dense": 4, "batch_norm": True}], "exit": [{"dense": "classes"}]}]
    training = {"loss_weights": [1e38], "epochs": 3}
    with pytest.raises(NetworkError, match="network.stages.0.*NaN or infinite; lower training.learning_rate"):
        train_network(recipe(stages, training=training), table)
