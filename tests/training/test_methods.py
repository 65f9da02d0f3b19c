"""Methods backtrack and jei: what they train, what they leave alone, what they record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwgen.data import DataSet
from hwgen.errors import NetworkError
from hwgen.recipe import LoadedRecipe
from hwgen.reference.executor import classify, execute
from hwgen.reference.network import Tensor
from hwgen.training import build_network, load_trained, qkeras_values, train, train_network
from hwgen.training.backtrack import head_epochs
from hwgen.training.course import Course
from hwgen.training.freezing import everything
from hwgen.training.jei import train_jei
from hwgen.training.keras_env import set_seed
from hwgen.training.storage import weights_of
from tests.training.conftest import CONV, DENSE

Recipes = Callable[..., LoadedRecipe]
Snapshot = dict[str, np.ndarray]


@pytest.fixture
def snapshots(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Snapshot, list[bytes]]]:
    """(phase, weights, integers) after each phase of training."""
    seen: list[tuple[str, Snapshot, list[bytes]]] = []
    phase = Course.phase

    def watched(self: Course, what: Any) -> None:
        phase(self, what)
        seen.append((what.name, weights_of(self.network), integers(self.network)))

    monkeypatch.setattr(Course, "phase", watched)
    return seen


def integers(network: Any) -> list[bytes]:
    """Kernels and biases of backbone and last head."""
    exact = network.export()
    layers = [*(layer for stage in exact.stages for layer in stage.backbone), *exact.stages[-1].head]
    return [layer.kernel.tobytes() + layer.bias.tobytes() for layer in layers if hasattr(layer, "kernel")]


def changed(before: Snapshot, after: Snapshot) -> set[str]:
    """Layers with a weight that differs in a bit."""
    return {name.partition("/")[0] for name in after if before[name].tobytes() != after[name].tobytes()}


def heads_of(names: set[str]) -> set[str]:
    return {name.partition("_")[0] for name in names}


@pytest.mark.parametrize("method", ["backtrack", "jei"])
def test_same_recipe_same_bytes(recipe: Recipes, table: DataSet, method: str) -> None:
    loaded = recipe(DENSE, training={"method": method})
    first, second = (train_network(loaded, table).files() for _ in range(2))
    assert first == second
    assert ("gates.json" in first) == (method == "jei")


@pytest.mark.parametrize("method", ["backtrack", "jei"])
def test_it_learns_and_qkeras_agrees(recipe: Recipes, images: DataSet, method: str) -> None:
    trained = train_network(recipe(CONV, training={"method": method, "epochs": 12}), images)
    exact = execute(trained.network, images.train.raw)
    for ours, theirs in zip(exact, qkeras_values(trained.keras, images.train.raw), strict=True):
        assert np.array_equal(ours.logits, theirs.logits)
        assert (classify(ours.logits) == images.train.labels).mean() > 0.9


def test_backtrack_trains_one_part_at_a_time(
    recipe: Recipes, images: DataSet, snapshots: list[tuple[str, Snapshot, list[bytes]]]
) -> None:
    stages = [CONV[1], CONV[0], CONV[0]]
    calls: list[tuple[str, int, int]] = []
    training = {"method": "backtrack", "epochs": 3, "head_epochs": 2}
    trained = train_network(recipe(stages, training=training), images, lambda *call: calls.append(call))
    assert [name for name, _, _ in snapshots] == [
        *("backbone float", "backbone quantised"),
        *("exit1 float", "exit1 quantised", "exit2 quantised"),
    ]
    weights = {name: snapshot for name, snapshot, _ in snapshots}
    for earlier, later, wanted in (
        ("backbone quantised", "exit1 quantised", "exit1"),
        ("exit1 quantised", "exit2 quantised", "exit2"),
    ):
        assert heads_of(changed(weights[earlier], weights[later])) == {wanted}
    assert snapshots[1][2] == snapshots[-1][2] == integers(trained.keras)
    assert [call[1] for call in calls] == list(range(1, (3 + 2 + 2) * 8 + 1))
    assert {call[2] for call in calls} == {(3 + 2 + 2) * 8}
    assert [record["phase"] for record in trained.history] == [
        *["backbone float"] * 2,
        *["backbone quantised", "exit1 float", "exit1 quantised"],
        *["exit2 quantised"] * 2,
    ]
    assert [value is None for value in trained.history[0]["accuracy"]] == [True, True, False]
    assert [value is None for value in trained.history[-1]["loss"]] == [True, False, True]


def test_the_backbone_of_backtrack_does_not_depend_on_the_heads_epochs(
    recipe: Recipes, table: DataSet
) -> None:
    nets = [
        train_network(recipe(DENSE, training={"method": "backtrack", "head_epochs": epochs}), table).keras
        for epochs in (1, 3)
    ]
    assert integers(nets[0]) == integers(nets[1])
    assert heads_of(changed(weights_of(nets[0]), weights_of(nets[1]))) == {"exit1"}


def test_jei_leaves_backbone_and_last_head_alone(
    recipe: Recipes, images: DataSet, snapshots: list[tuple[str, Snapshot, list[bytes]]]
) -> None:
    calls: list[int] = []
    training = {"method": "jei", "epochs": 3, "head_epochs": 4}
    stages = [CONV[0], CONV[1], CONV[0]]
    trained = train_network(recipe(stages, training=training), images, lambda *call: calls.append(call[1]))
    names = [name for name, _, _ in snapshots]
    assert names[1:] == ["backbone quantised", "heads float", "heads quantised", "heads and gates", "gates"]
    (_, first, exact), *_, (_, warm, _), (_, joint, _), (_, last, _) = snapshots[1:]
    assert heads_of(changed(first, last)) == {"exit1", "exit2"}
    assert heads_of(changed(warm, joint)) == {"exit1", "exit2"}
    assert changed(joint, last) == set()
    assert all(integers == exact for _, _, integers in snapshots[1:])
    assert calls == list(range(1, (3 + 4 + 2 + 2) * 8 + 1))
    record = trained.history[-1]
    assert len(record["gate_loss"]) == 2
    assert sum(record["share"]) == pytest.approx(1, abs=1e-5)
    assert len(record["loss"]) == len(record["accuracy"]) == 3


def test_the_cost_of_going_on_decides_how_many_leave(recipe: Recipes, table: DataSet) -> None:
    """And other gates weigh the heads' losses otherwise, so that the heads differ too."""
    cheap, dear = (
        train_network(recipe(DENSE, training={"method": "jei", "epochs": 10, "jei": {"cost": cost}}), table)
        for cost in (0.01, 20)
    )
    assert cheap.history[-1]["share"][0] < dear.history[-1]["share"][0] > 0.9
    assert heads_of(changed(weights_of(cheap.keras), weights_of(dear.keras))) == {"exit1"}


def test_gates_are_read_back(recipe: Recipes, images: DataSet, tmp_path: Path) -> None:
    loaded = recipe(CONV, training={"method": "jei"})
    trained = train(loaded, images, tmp_path / "model")
    again = load_trained(loaded, tmp_path / "model")
    assert again.gates == trained.gates
    assert again.files() == trained.files()
    assert trained.gates is not None
    assert len(trained.gates["gates"]) == 1


def test_head_epochs_default_to_epochs(recipe: Recipes) -> None:
    def section(**keys: int) -> Any:
        return recipe(DENSE, training=keys).recipe.training

    assert head_epochs(section(epochs=30)) == 30
    assert head_epochs(section(epochs=30, head_epochs=7)) == 7


def test_gates_that_diverge_are_refused(
    recipe: Recipes, table: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hwgen.training.jei.GATE_RATE", float("inf"))
    loaded = recipe(DENSE, training={"method": "jei", "epochs": 3})
    set_seed(1)
    network = build_network(loaded, Tensor(table.shape, table.format), table.classes)
    with pytest.raises(NetworkError, match="gate1: its weights became NaN or infinite"):
        train_jei(network, everything(network), table, loaded.recipe, lambda *_: None)


def test_backtrack_of_one_stage_is_the_static_network(recipe: Recipes, table: DataSet) -> None:
    trained = train_network(recipe([DENSE[0]], training={"method": "backtrack"}), table)
    assert {record["phase"] for record in trained.history} == {"backbone quantised"}
