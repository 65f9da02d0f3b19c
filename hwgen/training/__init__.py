"""Training: the only package that imports TensorFlow and QKeras, and only when it is used."""

from __future__ import annotations

from pathlib import Path

from hwgen.data import DataSet
from hwgen.errors import NetworkError, RecipeError
from hwgen.recipe import LoadedRecipe
from hwgen.reference.network import Tensor
from hwgen.reference.storage import load_network, network_files
from hwgen.training.backtrack import train_backtrack
from hwgen.training.check import check_training, start_hashes
from hwgen.training.gates_file import read_gates
from hwgen.training.jei import train_jei
from hwgen.training.joint import train_joint
from hwgen.training.keras_env import keras_env, set_seed
from hwgen.training.loop import Progress
from hwgen.training.method import Method
from hwgen.training.network import KerasNetwork, build_network
from hwgen.training.qkeras_check import qkeras_values
from hwgen.training.start import prepare
from hwgen.training.storage import WEIGHTS_NAME, Trained, read_history, read_weights, set_weights

__all__ = [
    "KerasNetwork",
    "Progress",
    "Trained",
    "build_network",
    "check_training",
    "keras_env",
    "load_trained",
    "qkeras_values",
    "read_gates",
    "start_hashes",
    "train",
    "train_network",
]

METHODS: dict[str, Method] = {"joint": train_joint, "backtrack": train_backtrack, "jei": train_jei}


def _no_progress(what: str, done: int, total: int) -> None:
    """Tells nobody."""


def train_network(loaded: LoadedRecipe, data: DataSet, progress: Progress = _no_progress) -> Trained:
    """Builds and trains the recipe's network; same recipe, data and versions: same integers.

    Args:
        loaded: the recipe.
        data: its data; only the training split is used.
        progress: told after each step.
    Raises:
        RecipeError: the training section does not fit the network, or the network to start from cannot be used.
        NetworkError: a layer is not exact or does not fit, or training diverged; names the layer.
        ToolMissing: TensorFlow or QKeras is not installed.
    """
    check_training(loaded)
    recipe = loaded.recipe
    set_seed(recipe.seed)
    network = build_network(loaded, Tensor(data.shape, data.format), data.classes)
    criterion, early = recipe.exits.criterion, len(network.stages) - 1
    if isinstance(criterion, list) and len(criterion) != early:  # for a Python network not known before
        raise RecipeError(
            "exits.criterion", f"lists {len(criterion)} entries", f"write {early}, one per early exit"
        )
    network, free = prepare(loaded, network)
    result = METHODS[recipe.training.method](network, free, data, recipe, progress)
    return Trained(network.export(), network, result.history, result.gates)


def train(loaded: LoadedRecipe, data: DataSet, folder: Path, progress: Progress = _no_progress) -> Trained:
    """`train_network`, written to `folder`: what `Trained.save` writes."""
    trained = train_network(loaded, data, progress)
    trained.save(folder)
    return trained


def load_trained(loaded: LoadedRecipe, folder: Path) -> Trained:
    """Reads back what `train` wrote, QKeras layers included.

    Args:
        loaded: the recipe it was trained from.
        folder: where network.json and weights.npz are.
    Raises:
        NetworkError: a file is missing, or the weights do not give the integers beside them.
    """
    stored = load_network(folder)
    network = build_network(loaded, stored.source, stored.classes)
    set_weights(network, read_weights(folder), f"{folder.name}/{WEIGHTS_NAME}")
    if network_files(network.export()) != network_files(stored):
        raise NetworkError(
            f"{folder.name}/{WEIGHTS_NAME}",
            "does not give the integers of network.npz",
            "run `hwgen train` again",
        )
    return Trained(stored, network, read_history(folder), read_gates(folder))
