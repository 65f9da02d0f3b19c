"""Training is repeatable, folds batch norm, survives two bits, and can be read back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwgen.data import DataSet
from hwgen.errors import NetworkError
from hwgen.files import npz_bytes
from hwgen.fixedpoint import FixedPoint
from hwgen.recipe import LoadedRecipe
from hwgen.recipe.schema import Augment
from hwgen.reference.executor import classify, execute
from hwgen.reference.network import Tensor
from hwgen.training import build_network, load_trained, qkeras_values, train, train_network
from hwgen.training.augment import augment
from hwgen.training.course import float_epochs, narrowest_kernel
from hwgen.training.float_phase import fold, folded, make_twin
from hwgen.training.freezing import everything
from hwgen.training.keras_env import keras_env, set_seed
from hwgen.training.loop import Phase, learning_rate
from hwgen.training.storage import read_weights
from tests.training.conftest import CONV, DENSE, make_data

Recipes = Callable[..., LoadedRecipe]


def test_two_trainings_give_the_same_bytes(recipe: Recipes, images: DataSet) -> None:
    loaded = recipe(CONV)
    assert train_network(loaded, images).files() == train_network(loaded, images).files()


def test_another_seed_gives_another_network(recipe: Recipes, images: DataSet) -> None:
    first, second = (train_network(recipe(CONV, seed=seed), images).files() for seed in (1, 2))
    assert first["network.npz"] != second["network.npz"]


def test_it_learns_and_reports_progress(recipe: Recipes, images: DataSet) -> None:
    calls: list[tuple[str, int, int]] = []
    loaded = recipe(CONV, training={"epochs": 12})
    trained = train_network(loaded, images, lambda *call: calls.append(call))
    logits = execute(trained.network, images.train.raw)[-1].logits
    assert (classify(logits) == images.train.labels).mean() > 0.9
    assert [call[1] for call in calls] == list(range(1, 12 * 8 + 1))
    assert {call[2] for call in calls} == {12 * 8}
    assert [name for name, _, _ in calls][:: 8 * 8] == ["training (float)", "training (quantised)"]
    assert [record["phase"] for record in trained.history] == ["float"] * 8 + ["quantised"] * 4
    assert all(len(record["loss"]) == len(record["accuracy"]) == 2 for record in trained.history)


def test_tabular_data_smaller_than_a_batch(recipe: Recipes) -> None:
    data = make_data((5,), 26, count=52)
    trained = train_network(recipe(DENSE, training={"batch": 4096}), data)
    assert trained.network.classes == 26


@pytest.mark.parametrize("stages", [1, 5])
def test_one_to_five_stages(recipe: Recipes, table: DataSet, stages: int) -> None:
    trained = train_network(recipe([DENSE[0]] * stages), table)
    assert [stage.name for stage in trained.network.stages] == [f"stage{k + 1}" for k in range(stages)]


@pytest.mark.parametrize("epochs", [{}, {"float_epochs": 1}], ids=["quantised", "float-first"])
def test_two_bits_train(recipe: Recipes, images: DataSet, epochs: dict[str, Any]) -> None:
    two = {"bits": 2, "integer": 0}
    loaded = recipe(CONV, network={"weights": two, "activations": two, "bias": two}, training=epochs)
    trained = train_network(loaded, images)
    exact = execute(trained.network, images.train.raw)
    for ours, theirs in zip(exact, qkeras_values(trained.keras, images.train.raw), strict=True):
        assert np.array_equal(ours.logits, theirs.logits)


def test_a_trained_network_can_be_read_back(recipe: Recipes, images: DataSet, tmp_path: Path) -> None:
    loaded = recipe(CONV)
    trained = train(loaded, images, tmp_path / "model")
    assert {file.name for file in (tmp_path / "model").iterdir()} == {
        "network.json",
        "network.npz",
        "weights.npz",
        "history.json",
    }
    assert load_trained(loaded, tmp_path / "model").files() == trained.files()


def test_weights_that_disagree_with_the_integers_are_noticed(
    recipe: Recipes, table: DataSet, tmp_path: Path
) -> None:
    loaded = recipe(DENSE)
    train(loaded, table, tmp_path)
    weights = read_weights(tmp_path)
    weights["stage1_dense1/kernel"] = -weights["stage1_dense1/kernel"]
    (tmp_path / "weights.npz").write_bytes(npz_bytes(weights))
    with pytest.raises(NetworkError, match="weights.npz: does not give the integers of network.npz"):
        load_trained(loaded, tmp_path)
    del weights["stage1_dense1/bias"]
    (tmp_path / "weights.npz").write_bytes(npz_bytes(weights))
    with pytest.raises(NetworkError, match="stage1_dense1/bias: is missing or not of shape"):
        load_trained(loaded, tmp_path)


def test_formats_of_the_recipe_arrive_in_the_integers(recipe: Recipes, table: DataSet) -> None:
    stages = [
        {
            "layers": [
                {"dense": 4, "weights": {"bits": 3, "integer": -1}, "activations": {"bits": 5, "integer": 1}}
            ],
            "exit": [{"dense": "classes", "bias": {"bits": 9, "integer": 4}}],
        }
    ]
    network = train_network(recipe(stages), table).network
    (dense, relu), (logits,) = network.stages[0].backbone, network.stages[0].head
    assert dense.kernel_format == FixedPoint(3, 0, True)
    assert relu.target == FixedPoint(5, 1, False)
    assert logits.kernel_format == FixedPoint(6, 2, True)
    assert logits.bias_format == FixedPoint(9, 5, True)


@pytest.mark.parametrize("kind", ["conv", "depthwise", "dense"])
def test_folding_batch_norm_changes_nothing(recipe: Recipes, kind: str) -> None:
    shape: tuple[int, ...] = (7,) if kind == "dense" else (6, 6, 3)
    entry = {"conv": {"conv": 5}, "depthwise": {"depthwise": 3}, "dense": {"dense": 5}}[kind] | {
        "batch_norm": True
    }
    head = [{"dense": "classes"}] if kind == "dense" else ["flatten", {"dense": "classes"}]
    set_seed(0)
    source = Tensor(shape, FixedPoint(8, 0, False))
    network = build_network(recipe([{"layers": [entry], "exit": head}]), source, 3)
    twin = make_twin(network.stages[0].backbone[0], (None, *shape))
    rng = np.random.default_rng(1)
    twin.norm.build(twin.weighted.compute_output_shape((None, *shape)))
    twin.norm.set_weights([rng.uniform(0.5, 2, weight.shape) for weight in twin.norm.get_weights()])
    values = rng.random((4, *shape)).astype(np.float32)
    wanted = twin.norm(twin.weighted(values)).numpy()
    fold(twin)
    layer = twin.node.layer
    for quantiser in ("kernel_quantizer", "depthwise_quantizer", "bias_quantizer"):
        setattr(layer, quantiser, None)  # compare before rounding
    assert np.allclose(layer(values).numpy(), wanted, atol=1e-5)


def test_folding_a_bias_and_a_norm_without_scale_or_center() -> None:
    norm = keras_env().keras.layers.BatchNormalization(epsilon=0.0, scale=False, center=False)
    norm.build((None, 2))
    norm.set_weights([np.array(v, float) for v in ([1, -1], [4, 9])])
    kernel, bias = folded(np.array([[6.0, 6.0]]), norm, depthwise=False, bias=np.array([3.0, 5.0]))
    assert kernel.tolist() == [[3.0, 2.0]]
    assert bias.tolist() == [1.0, 2.0]


def test_folding_by_hand() -> None:
    norm = keras_env().keras.layers.BatchNormalization(epsilon=0.0)
    norm.build((None, 2))
    norm.set_weights([np.array(v, float) for v in ([2, 3], [10, 20], [1, -1], [4, 9])])
    kernel, bias = folded(np.array([[1.0, 1.0]]), norm, depthwise=False)
    assert kernel.tolist() == [[1.0, 1.0]]
    assert bias.tolist() == [9.0, 21.0]


def test_augmentation_moves_and_mirrors() -> None:
    images = np.zeros((200, 5, 5, 1), np.float32)
    images[:, 2, 1] = 1.0
    changed = augment(images, Augment(flip=True, shift=1), np.random.default_rng(0))
    places = {tuple(int(v) for v in place) for place in np.argwhere(changed)[:, 1:3]}
    assert places == {(row, column) for row in (1, 2, 3) for column in (0, 1, 2, 3, 4)}
    assert np.array_equal(images[:, 2, 1], np.ones((200, 1)))
    assert np.array_equal(augment(images, Augment(), np.random.default_rng(0)), images)


def _no_step(*_: Any) -> Any:
    raise AssertionError("the learning rate does not depend on what a step does")


def test_learning_rate_rises_then_falls_to_zero() -> None:
    phase = Phase("float", (0,), 4, 0.1, True, _no_step, lambda: None)
    rates = [learning_rate(phase, "cosine", step, 10) for step in range(40)]
    assert rates[0] == pytest.approx(0.01)
    assert rates[10] == pytest.approx(0.1)
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert learning_rate(phase, "cosine", 40, 10) == pytest.approx(0)
    assert [learning_rate(phase, "constant", step, 10) for step in (10, 39)] == [0.1, 0.1]


def test_without_warmup_the_first_step_has_the_full_rate() -> None:
    phase = Phase("quantised", (0,), 4, 0.1, False, _no_step, lambda: None)
    assert learning_rate(phase, "cosine", 0, 10) == 0.1


def test_float_epochs_default_to_two_thirds_with_batch_norm(recipe: Recipes, images: DataSet) -> None:
    source = Tensor(images.shape, images.format)
    plain = [{"layers": [{"conv": 4}], "exit": ["flatten", {"dense": "classes"}]}]
    for stages, training, wanted in (
        (CONV, {"epochs": 9}, 6),
        (plain, {"epochs": 9}, 0),
        (plain, {"epochs": 9, "float_epochs": 2}, 2),
    ):
        loaded = recipe(stages, training=training)
        network = build_network(loaded, source, images.classes)
        names = everything(network).names()
        assert float_epochs(loaded.recipe.training, network, names) == wanted


def test_layers_that_are_not_trained_ask_for_no_float_epochs(recipe: Recipes, images: DataSet) -> None:
    loaded = recipe(CONV, training={"epochs": 9})
    network = build_network(loaded, Tensor(images.shape, images.format), images.classes)
    free = everything(network)
    assert float_epochs(loaded.recipe.training, network, free.heads[0]) == 0
    assert float_epochs(loaded.recipe.training, network, free.heads[1]) == 6


def test_the_narrowest_kernel_decides_how_hard_quantised_training_is(recipe: Recipes) -> None:
    stages = [
        {"layers": [{"dense": 4}], "exit": [{"dense": "classes", "weights": {"bits": 3, "integer": 0}}]}
    ]
    network = build_network(recipe(stages), Tensor((7,), FixedPoint(8, 0, False)), 4)
    free = everything(network)
    assert narrowest_kernel(network, free.names()) == 3
    assert narrowest_kernel(network, free.backbone) == 6
