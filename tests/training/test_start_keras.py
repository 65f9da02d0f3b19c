"""Starting from Keras and QKeras model files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwgen.data import DataSet
from hwgen.errors import NetworkError
from hwgen.recipe import LoadedRecipe
from hwgen.reference.executor import execute
from hwgen.training import train_network
from hwgen.training.keras_env import keras_env, set_seed

Recipes = Callable[..., LoadedRecipe]

WIDE = {"bits": 16, "integer": 3}
"""So fine that rounding hardly shows."""
FINE = {"weights": WIDE, "activations": WIDE, "bias": WIDE}
RECIPE: list[dict[str, Any]] = [
    {"layers": [{"conv": 4}, {"pool": 2}], "exit": ["flatten", {"dense": "classes"}]},
    {"layers": [{"depthwise": 3}, {"conv": 5, "kernel": 1}], "exit": ["flatten", {"dense": "classes"}]},
]


@pytest.fixture(autouse=True)
def seed() -> None:
    set_seed(5)


def float_layers() -> list[Any]:
    layers = keras_env().keras.layers
    return [
        layers.Conv2D(4, 3, padding="same", use_bias=False, name="first"),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(2),
        layers.DepthwiseConv2D(3, padding="same", name="deep"),
        layers.BatchNormalization(scale=False),
        layers.Activation("relu"),
        layers.Conv2D(5, 1, activation="relu", name="point"),
        layers.Flatten(),
        layers.Dropout(0.2),
        layers.Dense(3, name="logits"),
    ]


def built(layers: list[Any], images: DataSet) -> Any:
    """A model of random weights, random running statistics included."""
    keras = keras_env().keras
    model = keras.Sequential([keras.layers.InputLayer(images.shape), *layers])
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            layer.set_weights([rng.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
    return model


def start(recipe: Recipes, name: str, stages: Any = RECIPE, **training: Any) -> LoadedRecipe:
    return recipe(stages, network=FINE, training={"start": name, "epochs": 1, **training})


@pytest.mark.parametrize("name", ["net.keras", "net.h5"])
def test_a_float_model_keeps_what_it_computes(
    recipe: Recipes, images: DataSet, tmp_path: Path, name: str
) -> None:
    model = built(float_layers(), images)
    model.save(tmp_path / name)
    trained = train_network(start(recipe, name), images)
    last = trained.network.stages[-1].logits.format
    found = execute(trained.network, images.test.raw)[-1].logits * last.lsb
    wanted = model.predict(images.test.raw * images.format.lsb, verbose=0)
    assert np.allclose(found, wanted, atol=0.01)
    assert [value is None for value in trained.history[0]["loss"]] == [False, True]


def test_a_functional_and_a_nested_model_are_chains_too(
    recipe: Recipes, images: DataSet, tmp_path: Path
) -> None:
    keras = keras_env().keras
    layers = float_layers()
    entry = keras.Input(images.shape)
    value = entry
    for layer in (*layers[:4], keras.Sequential(layers[4:8]), *layers[8:]):
        value = layer(value)
    model = keras.Model(entry, value)
    model.save(tmp_path / "net.keras")
    trained = train_network(start(recipe, "net.keras"), images)
    last = trained.network.stages[-1].logits.format
    found = execute(trained.network, images.test.raw)[-1].logits * last.lsb
    assert np.allclose(found, model.predict(images.test.raw * images.format.lsb, verbose=0), atol=0.01)


@pytest.mark.parametrize("name", ["net.keras", "net.h5"])
def test_a_qkeras_model_gives_its_own_integers(
    recipe: Recipes, images: DataSet, tmp_path: Path, name: str
) -> None:
    """The recipe has the model's formats, so the kernels are the model's, bit for bit."""
    env = keras_env()
    q, layers = env.qkeras, env.keras.layers

    def quantisers() -> dict[str, Any]:
        return {
            "kernel_quantizer": q.quantized_bits(4, 0, alpha=1),
            "bias_quantizer": q.quantized_bits(6, 1, alpha=1),
        }

    model = built(
        [
            q.QConv2D(4, 3, padding="same", **quantisers()),
            q.QActivation(q.quantized_relu(6, 2)),
            layers.Flatten(),
            q.QDense(3, **quantisers()),
        ],
        images,
    )
    model.save(tmp_path / name)
    formats = {"weights": {"bits": 4, "integer": 0}, "bias": {"bits": 6, "integer": 1}}
    stages = [{"layers": [{"conv": 4}], "exit": ["flatten", {"dense": "classes"}]}]
    loaded = recipe(stages, network=formats, training={"start": name})
    network = train_network(loaded, images).network
    for exact, layer in zip(
        (network.stages[0].backbone[0], network.stages[0].head[-1]),
        (model.layers[0], model.layers[-1]),
        strict=True,
    ):
        wanted = layer.kernel_quantizer_internal(layer.kernel).numpy() / exact.kernel_format.lsb
        assert np.array_equal(exact.kernel, wanted)


def test_scales_of_a_qkeras_model_are_kept(recipe: Recipes, images: DataSet, tmp_path: Path) -> None:
    """alpha='auto' multiplies by a scale per channel: the values with it are what the model computes."""
    env = keras_env()
    dense = env.qkeras.QDense(3, kernel_quantizer=env.qkeras.quantized_bits(4, 0, alpha="auto"))
    model = built([env.keras.layers.Flatten(), env.qkeras.QDense(6), dense], images)
    model.save(tmp_path / "net.h5")
    stages = [{"layers": ["flatten", {"dense": 6}], "exit": [{"dense": "classes"}]}]
    network = train_network(start(recipe, "net.h5", stages), images).network
    exact = network.stages[0].head[-1]
    wanted = dense.kernel_quantizer_internal(dense.kernel).numpy()
    assert np.allclose(exact.kernel * exact.kernel_format.lsb, wanted, atol=exact.kernel_format.lsb)
    assert not np.allclose(wanted, dense.kernel.numpy(), atol=1e-3)


def test_a_model_without_head_gets_a_fresh_one(recipe: Recipes, images: DataSet, tmp_path: Path) -> None:
    built(float_layers()[:8], images).save(tmp_path / "net.keras")
    trained = train_network(start(recipe, "net.keras"), images)
    assert [value is None for value in trained.history[0]["loss"]] == [False, False]


def replaced(at: int, layer: Any) -> list[Any]:
    layers = float_layers()
    layers[at : at + 1] = layer
    return layers


def cases() -> dict[str, tuple[Callable[[], list[Any]], str]]:
    def layers() -> Any:
        return keras_env().keras.layers

    return {
        "filters": (
            lambda: replaced(7, [layers().Conv2D(6, 1)]),
            r"is conv \(kernel \(1, 1, 4, 6\), strides \(1, 1\), padding valid\), but network.stages.1.layers.1"
            r" \(conv\) is conv \(kernel \(1, 1, 4, 5\)",
        ),
        "strides": (
            lambda: replaced(4, [layers().DepthwiseConv2D(3, strides=2, padding="same", name="deep")]),
            r"layer 'deep': is depthwise \(depthwise_kernel \(3, 3, 4, 1\), strides \(2, 2\).*but"
            r" network.stages.1.layers.0 \(depthwise\)",
        ),
        "kind": (
            lambda: replaced(4, [layers().Conv2D(4, 3, padding="same", name="deep")]),
            r"'deep': is conv \(kernel .* is depthwise",
        ),
        "order": (
            lambda: replaced(2, [layers().ReLU(), layers().BatchNormalization(name="late")]),
            r"net.keras layer 'late': batch normalisation does not directly follow a layer with weights",
        ),
        "recurrent": (
            lambda: replaced(8, [layers().Reshape((9, 5)), layers().LSTM(3, name="memory")]),
            r"layer 'memory': LSTM cannot be taken over; start from a plain chain",
        ),
        "too long": (
            lambda: [*float_layers(), layers().Dense(3, name="more")],
            r"backbone and last head has 5 layers with weights, the recipe's 4: net.keras layer 'more' has no",
        ),
        "too short": (
            lambda: float_layers()[:3],
            r"has 1 layers with weights, the recipe's 4: network.stages.1.layers.0 \(depthwise\) gets no weights",
        ),
        "dilation": (
            lambda: replaced(0, [layers().Conv2D(4, 3, padding="same", dilation_rate=2, name="first")]),
            r"layer 'first': has dilation_rate=\(2, 2\); only \(1, 1\) can be built",
        ),
    }


@pytest.mark.parametrize("case", cases())
def test_other_models_are_refused(recipe: Recipes, images: DataSet, tmp_path: Path, case: str) -> None:
    layers, message = cases()[case]
    built(layers(), images).save(tmp_path / "net.keras")
    with pytest.raises(NetworkError, match=f"training.start: .*{message}") as caught:
        train_network(start(recipe, "net.keras"), images)
    assert "\n" not in str(caught.value)


def test_branches_are_refused(recipe: Recipes, images: DataSet, tmp_path: Path) -> None:
    keras = keras_env().keras
    entry = keras.Input(images.shape)
    one = keras.layers.Conv2D(2, 3, padding="same", name="one")(entry)
    two = keras.layers.Conv2D(2, 3, padding="same", name="two")(one)
    both = keras.layers.Add(name="both")([one, two])
    keras.Model(entry, both).save(tmp_path / "net.keras")
    with pytest.raises(
        NetworkError, match="layer 'both': does not follow 'two' alone: the model is no chain"
    ):
        train_network(start(recipe, "net.keras"), images)


def test_weights_that_are_not_finite_are_refused(recipe: Recipes, images: DataSet, tmp_path: Path) -> None:
    model = built(float_layers(), images)
    model.get_layer("point").bias.assign(np.full(5, np.nan))
    model.save(tmp_path / "net.keras")
    with pytest.raises(NetworkError, match="layer 'point': holds NaN or infinite weights"):
        train_network(start(recipe, "net.keras"), images)
