"""What a training section can be refused for before anything slow starts. Needs no TensorFlow."""

from __future__ import annotations

from pathlib import Path

from hwgen.errors import RecipeError
from hwgen.files import hash_file
from hwgen.recipe import LoadedRecipe
from hwgen.recipe.schema import Training
from hwgen.reference.storage import JSON_NAME, NPZ_NAME
from hwgen.training.storage import WEIGHTS_NAME

KERAS_ENDINGS = (".keras", ".h5")
MODEL_FILES = (JSON_NAME, NPZ_NAME, WEIGHTS_NAME)
"""What a model folder must hold to be started from."""


def check_training(loaded: LoadedRecipe) -> None:
    """Checks what can be known from the recipe and the file system alone.

    Raises:
        RecipeError: names the key, the value and what to do.
    """
    training = loaded.recipe.training
    stages = loaded.recipe.network.stages
    if stages is not None:  # how many stages a Python network has is known when it is built
        check_stages(training, len(stages))
    if training.start is not None:
        check_start(training.start, loaded.resolve(training.start))


def check_stages(training: Training, stages: int) -> None:
    """Refuses method `jei` without an early exit.

    Raises:
        RecipeError: there is one stage only.
    """
    if training.method == "jei" and stages < 2:
        raise RecipeError(
            "training.method",
            f"received 'jei' for a network of {stages} stage, which has no early exit to learn a gate for",
            "write two stages or more, or use joint",
        )


def check_start(start: str, path: Path) -> None:
    """Refuses a start that is not there or no trained network by its look.

    Args:
        start: as the recipe says it.
        path: where that is.
    Raises:
        RecipeError: names the file.
    """
    key = "training.start"
    if not path.exists():
        raise RecipeError(key, f"{start!r} does not exist", "paths are relative to the recipe")
    if path.is_dir():
        missing = [name for name in MODEL_FILES if not (path / name).is_file()]
        if missing:
            raise RecipeError(
                key,
                f"the folder {start!r} has no {missing[0]}",
                "name the model/ folder of a run, or a .keras or .h5 file",
            )
    elif path.suffix not in KERAS_ENDINGS:
        raise RecipeError(
            key, f"{start!r} is no model that can be read", "name a model folder, or a .keras or .h5 file"
        )


def start_hashes(path: Path) -> list[str]:
    """SHA-256 of the files a start consists of; the same content gives the same hashes wherever it lies."""
    if path.is_dir():
        return [hash_file(path / name) for name in MODEL_FILES]
    return [hash_file(path)]
