"""train: model/ from the data and the network and training parts of the recipe."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hwgen.errors import RecipeError, UsageError
from hwgen.files import hash_file, replace_folder, sha256_of, write_atomic
from hwgen.reference.storage import JSON_NAME, NPZ_NAME
from hwgen.steps.job import Job, StepResult, stored_key

STAMP = "stamp.json"
_MEANING = 1
"""Raised when an equal recipe is to give another network: all trained networks are then stale."""


def train_key(job: Job) -> str:
    """Hash of what training depends on: thresholds, budgets and firmware are not part of it."""
    recipe = job.loaded.recipe
    parts: dict[str, Any] = {
        "network": recipe.network.model_dump(mode="json", exclude_defaults=True, exclude={"python"}),
        "training": recipe.training.model_dump(mode="json", exclude_defaults=True, exclude={"start"}),
        "seed": recipe.seed,
        "data": job.data.sha256,
        "meaning": _MEANING,
    }
    if recipe.network.python is not None:
        path, _, function = recipe.network.python.rpartition(":")
        file = job.loaded.resolve(path)
        if not file.is_file():
            raise RecipeError(
                "network.python", f"{recipe.network.python!r}: the file does not exist", "correct it"
            )
        parts["python"] = [hash_file(file), function]
    if recipe.training.start is not None:
        from hwgen.training import start_hashes

        parts["start"] = start_hashes(job.loaded.resolve(recipe.training.start))
    return sha256_of(parts)


def holds(folder: Path, key: str) -> bool:
    """Whether `folder` holds the network of this key, every file as it was written."""
    if stored_key(folder / STAMP) != key:
        return False
    files = json.loads((folder / STAMP).read_text()).get("files", {})
    whole = all(
        (folder / name).is_file() and hash_file(folder / name) == value for name, value in files.items()
    )
    return whole and {JSON_NAME, NPZ_NAME} <= files.keys()


def stamp_text(folder: Path, key: str) -> str:
    """The stamp of a folder whose files are complete: the key and the hash of every file."""
    files = {path.name: hash_file(path) for path in sorted(folder.iterdir())}
    return json.dumps({"inputs_sha256": key, "files": files}, indent=1) + "\n"


def shipped_model(job: Job) -> Path:
    """Where a recipe may carry its trained network: a folder of its own name beside it."""
    return job.loaded.folder / job.stem


def train(job: Job) -> StepResult:
    """Trains the network, unless it is there or came with the recipe.

    Raises:
        RecipeError: the network cannot be built or does not fit the data.
    """
    _check_recipe(job)
    key = train_key(job)
    forced = "train" in job.force
    folder = job.out.model
    if holds(folder, key) and not forced:
        return StepResult("train", done=False, details={"model": folder.name})
    _check_replaceable(folder)
    staging = _staging(folder)
    try:
        shipped = shipped_model(job)
        if holds(shipped, key) and not forced:
            job.listener.info(
                f"train: using the trained network of {shipped.name}/ (hwgen train --force trains anew)"
            )
            for name in [STAMP, *json.loads((shipped / STAMP).read_text())["files"]]:
                shutil.copyfile(shipped / name, staging / name)
        else:
            from hwgen.training import train as train_network

            job.listener.info("train: training the network")
            train_network(job.loaded, job.data, staging, job.listener.progress)
            write_atomic(staging / STAMP, stamp_text(staging, key))
        replace_folder(staging, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        job.forget("network", "network_sha256", "trained_gates")
    return StepResult("train", done=True, details={"model": folder.name})


def _check_recipe(job: Job) -> None:
    """Refuses what no training can do, before the data are read."""
    from hwgen.training import check_training

    check_training(job.loaded)
    start = job.loaded.recipe.training.start
    if start is not None and job.loaded.resolve(start) == job.out.model.resolve():
        raise RecipeError(
            "training.start",
            f"{start!r} is the folder this recipe's own network is written to",
            "copy it, or choose another --out",
        )


def _check_replaceable(folder: Path) -> None:
    entries = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if entries and not entries & {STAMP, JSON_NAME, NPZ_NAME}:
        raise UsageError(str(folder), "holds files that are no trained network", "choose another --out")


def _staging(folder: Path) -> Path:
    staging = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    staging.chmod(0o755)
    return staging
