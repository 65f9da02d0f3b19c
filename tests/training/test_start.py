"""Starting from a trained network: the frozen part is bit for bit what it was, the rest is trained."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwgen.data import DataSet
from hwgen.errors import NetworkError, RecipeError
from hwgen.recipe import LoadedRecipe
from hwgen.recipe.load import validate
from hwgen.reference.executor import classify, execute
from hwgen.reference.layers import Weighted
from hwgen.training import Trained, train, train_network
from hwgen.training.keras_env import set_seed
from tests.training.conftest import CONV

Recipes = Callable[..., LoadedRecipe]
Integers = dict[str, bytes]

STATIC = [{"layers": CONV[0]["layers"] + CONV[1]["layers"], "exit": CONV[1]["exit"]}]
"""CONV without its early exit: one stage, so its layers have other names."""


def integers(trained: Trained, part: str) -> list[bytes]:
    """Kernel and bias of every layer whose name starts so, in order."""
    return [
        layer.kernel.tobytes() + layer.bias.tobytes()
        for stage in trained.network.stages
        for layer in (*stage.backbone, *stage.head)
        if isinstance(layer, Weighted) and layer.name.startswith(part)
    ]


@pytest.fixture
def static(recipe: Recipes, images: DataSet, tmp_path: Path) -> Trained:
    """A trained network of one stage in the folder `static`."""
    return train(recipe(STATIC), images, tmp_path / "static")


@pytest.fixture
def early(recipe: Recipes, images: DataSet, tmp_path: Path) -> Trained:
    """A trained network of two stages in the folder `early`."""
    return train(recipe(CONV), images, tmp_path / "early")


@pytest.mark.parametrize("method", ["joint", "backtrack", "jei"])
def test_exits_are_added_to_a_static_network(
    recipe: Recipes, images: DataSet, static: Trained, method: str
) -> None:
    loaded = recipe(CONV, training={"start": "static", "method": method, "epochs": 12})
    trained = train_network(loaded, images)
    assert integers(trained, "stage") == integers(static, "stage")
    assert integers(trained, "exit2") == integers(static, "exit1")
    logits = execute(trained.network, images.train.raw)
    assert (classify(logits[0].logits) == images.train.labels).mean() > 0.9
    assert np.array_equal(logits[1].logits, execute(static.network, images.train.raw)[0].logits)


def test_body_trains_the_last_layer_of_every_head(recipe: Recipes, images: DataSet, early: Trained) -> None:
    stages = copy.deepcopy(CONV)
    stages[1]["exit"].insert(2, {"dropout": 0.5})  # what mc_dropout needs on a network trained without
    trained = train_network(recipe(stages, training={"start": "early", "freeze": "body"}), images)
    assert integers(trained, "stage") == integers(early, "stage")
    assert integers(trained, "exit2_dense1") == integers(early, "exit2_dense1")
    for layer in ("exit1_dense1", "exit2_dense2"):
        assert integers(trained, layer) != integers(early, layer)


def test_a_frozen_network_is_taken_as_it_is(recipe: Recipes, images: DataSet, early: Trained) -> None:
    trained = train_network(recipe(CONV, training={"start": "early"}), images)
    assert integers(trained, "") == integers(early, "")
    assert trained.history == []


def test_static_keeps_the_last_head_only(recipe: Recipes, images: DataSet, early: Trained) -> None:
    trained = train_network(recipe(CONV, training={"start": "early", "freeze": "static"}), images)
    assert integers(trained, "stage") == integers(early, "stage")
    assert integers(trained, "exit2") == integers(early, "exit2")
    assert integers(trained, "exit1") != integers(early, "exit1")


def test_nothing_frozen_trains_everything(recipe: Recipes, images: DataSet, early: Trained) -> None:
    trained = train_network(recipe(CONV, training={"start": "early", "freeze": "none"}), images)
    for part in ("stage1", "stage2", "exit1", "exit2"):
        assert integers(trained, part) != integers(early, part)
    assert {record["phase"] for record in trained.history} == {"quantised"}  # folded norms do not come back


def test_a_head_of_another_shape_is_fresh(recipe: Recipes, images: DataSet, early: Trained) -> None:
    stages = [{"layers": CONV[0]["layers"], "exit": ["flatten", {"dense": 5}, {"dense": "classes"}]}, CONV[1]]
    trained = train_network(recipe(stages, training={"start": "early"}), images)
    assert integers(trained, "stage") == integers(early, "stage")
    assert integers(trained, "exit2") == integers(early, "exit2")
    assert [value is None for value in trained.history[0]["loss"]] == [False, True]


def test_jei_learns_gates_for_a_network_that_is_not_changed(
    recipe: Recipes, images: DataSet, early: Trained
) -> None:
    trained = train_network(recipe(CONV, training={"start": "early", "method": "jei"}), images)
    assert integers(trained, "") == integers(early, "")
    assert trained.gates is not None
    assert {record["phase"] for record in trained.history} == {"gates"}


def test_another_backbone_is_refused(recipe: Recipes, images: DataSet, static: Trained) -> None:
    wider = copy.deepcopy(STATIC)
    wider[0]["layers"][0]["conv"] = 5
    with pytest.raises(
        NetworkError,
        match=r"training.start: stage1_conv1: is conv \(kernel \(3, 3, 2, 4\), strides \(1, 1\), padding same\),"
        r" but network.stages.0.layers.0 \(conv\) is conv \(kernel \(3, 3, 2, 5\).*; write in network the layers",
    ):
        train_network(recipe(wider, training={"start": "static"}), images)
    longer = [{"layers": [*STATIC[0]["layers"], {"conv": 5}], "exit": STATIC[0]["exit"]}]
    with pytest.raises(
        NetworkError, match=r"has 4 layers with weights, the recipe's 5: .*layers.5 \(conv\) gets no"
    ):
        train_network(recipe(longer, training={"start": "static"}), images)


def refused(recipe: Recipes, images: DataSet, **training: Any) -> str:
    with pytest.raises(RecipeError) as caught:
        train_network(recipe(CONV, training=training), images)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_what_is_no_trained_network_is_refused(recipe: Recipes, images: DataSet, tmp_path: Path) -> None:
    assert refused(recipe, images, start="gone") == (
        "training.start: 'gone' does not exist; paths are relative to the recipe"
    )
    (tmp_path / "empty").mkdir()
    assert refused(recipe, images, start="empty") == (
        "training.start: the folder 'empty' has no network.json; "
        "name the model/ folder of a run, or a .keras or .h5 file"
    )
    for name in ("net.onnx", "net.keras", "net.h5"):
        (tmp_path / name).write_text("no network")
    assert "'net.onnx' is no model that can be read" in refused(recipe, images, start="net.onnx")
    for name in ("net.keras", "net.h5"):
        assert f"training.start: '{name}' cannot be read (" in refused(recipe, images, start=name)


def test_freeze_without_start_is_refused() -> None:
    document = {"name": "n", "data": {"source": "digits"}, "network": {"python": "n.py:f"}}
    with pytest.raises(
        RecipeError,
        match="training.freeze: received 'body', but there is no trained network to freeze; set training.start",
    ):
        validate({**document, "training": {"freeze": "body"}})


def test_same_start_same_bytes(recipe: Recipes, images: DataSet, static: Trained) -> None:
    loaded = recipe(CONV, training={"start": "static"})
    first = train_network(loaded, images).files()
    set_seed(99)
    assert train_network(loaded, images).files() == first
