"""The train step with a start network: what makes it train anew, and what it refuses before reading data."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from hwgen.errors import RecipeError
from hwgen.reference.storage import JSON_NAME
from hwgen.steps import Job, open_job
from hwgen.steps.train import train, train_key
from hwgen.training import load_trained
from hwgen.training.storage import WEIGHTS_NAME

RECIPE = """
name: example
data: {source: npz, path: my.npz}
network:
  stages:
    - {layers: [{dense: 5}], exit: [{dense: classes}]}
    - {layers: [{dense: 4}], exit: [{dense: classes}]}
training: {epochs: 1, batch: 16}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    arrays = {name: rng.random((count, 6)) for name, count in (("x_train", 90), ("x_test", 30))}
    labels = {name: np.arange(count) % 3 for name, count in (("y_train", 90), ("y_test", 30))}
    np.savez(tmp_path / "my.npz", **arrays, **labels)
    (tmp_path / "example.yaml").write_text(RECIPE)
    return tmp_path


def job(folder: Path, out: str, *overrides: str) -> Job:
    folder_out = folder / out
    folder_out.mkdir(exist_ok=True)
    return open_job(folder / "example.yaml", verb="train", overrides=overrides, out=folder_out)


def test_the_content_of_the_start_counts_not_its_place(folder: Path) -> None:
    plain = job(folder, "plain")
    assert train(plain).done
    shutil.copytree(folder / "plain/model", folder / "other")
    key = train_key(job(folder, "a", "training.start=plain/model"))
    assert key == train_key(job(folder, "a", "training.start=other"))
    assert key != train_key(plain)
    weights = folder / "other" / WEIGHTS_NAME
    weights.write_bytes(weights.read_bytes() + b"\n")
    assert key != train_key(job(folder, "a", "training.start=other"))


def test_new_keys_at_their_defaults_do_not_count(folder: Path) -> None:
    wanted = train_key(job(folder, "a"))
    for override in ("training.start=null", "training.jei.cost=0.5", "training.head_epochs=null"):
        assert train_key(job(folder, "a", override)) == wanted
    assert train_key(job(folder, "a", "training.head_epochs=2")) != wanted


def test_gates_belong_to_the_model(folder: Path) -> None:
    made = job(folder, "jei", "training.method=jei")
    assert train(made).done
    assert not train(made).done
    trained = load_trained(made.loaded, made.out.model)
    assert trained.gates is not None
    (made.out.model / "gates.json").write_text("{}")
    assert train(made).done


def test_what_cannot_be_trained_is_refused_before_the_data_are_read(folder: Path) -> None:
    (folder / "my.npz").unlink()
    for overrides, message in (
        (["training.start=gone"], "training.start: 'gone' does not exist"),
        (
            ["training.start=my.txt"],
            "training.start: 'my.txt' is no model that can be read; name a model folder",
        ),
        (["training.start=a/model"], "is the folder this recipe's own network is written to; copy it"),
    ):
        (folder / "my.txt").write_text("")
        asked = job(folder, "a", *overrides)
        asked.out.model.mkdir(exist_ok=True)
        for name in (JSON_NAME, "network.npz", WEIGHTS_NAME):
            (asked.out.model / name).touch()
        with pytest.raises(RecipeError) as caught:
            train(asked)
        assert message in str(caught.value)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.head_epochs=0", "training.head_epochs: received 0; must be at least 1"),
        ("training.head_epochs=1.5", "training.head_epochs: received 1.5; must be a whole number"),
        ("training.jei.cost=-1", "training.jei.cost: received -1; must be at least 0"),
        ("training.jei=5", "training.jei: received 5; must be a mapping of cost"),
        ("training.jei.price=1", "training.jei.price: unknown key"),
        (
            "training.freeze=all",
            "training.freeze: received 'all'; must be 'backbone', 'static', 'body' or 'none'",
        ),
        (
            "training.freeze=none",
            "training.freeze: received 'none', but there is no trained network to freeze",
        ),
        ("training.method=jie", "training.method: received 'jie'; must be 'joint', 'backtrack' or 'jei'"),
    ],
)
def test_keys_with_other_values(folder: Path, override: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        job(folder, "a", override)
    assert str(caught.value).startswith(message)
