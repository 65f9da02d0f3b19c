"""Fashion-MNIST from idx files wherever they lie, and OpenML through scikit-learn."""

from __future__ import annotations

import gzip
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import hwgen.data.fashion_mnist as source
from hwgen.data import load_data
from hwgen.errors import DataError, ExitCode, ToolMissing


def idx(array: np.ndarray) -> bytes:
    return (
        struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()
    )


def write_files(folder: Path, packed: bool = True) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    images = np.arange(40 * 28 * 28).reshape(40, 28, 28) % 256
    labels = np.arange(40) % 10
    for name, array in zip(source.FILES.values(), (images, labels, images[:20], labels[:20]), strict=True):
        content = idx(array)
        (folder / (f"{name}.gz" if packed else name)).write_bytes(
            gzip.compress(content) if packed else content
        )


@pytest.fixture
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(source, "DEBIAN_FOLDER", tmp_path / "debian")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: None)
    return tmp_path


@pytest.mark.parametrize("place", ["debian", "keras/datasets/fashion-mnist"])
@pytest.mark.parametrize("packed", [True, False])
def test_files_are_found(
    nothing_installed: Path, make_recipe: Callable[..., Any], place: str, packed: bool
) -> None:
    write_files(nothing_installed / place, packed)
    data = load_data(make_recipe({"source": "fashion_mnist"}))
    assert data.shape == (28, 28, 1)
    assert (len(data.train), len(data.calibration), len(data.test)) == (30, 10, 20)
    assert data.test.raw[0].reshape(-1)[:3].tolist() == [0, 1, 2]  # pixel/256 in 8 fraction bits is the pixel


def test_files_of_a_path(nothing_installed: Path, make_recipe: Callable[..., Any]) -> None:
    recipe = make_recipe({"source": "fashion_mnist", "path": "mine"})
    with pytest.raises(
        DataError, match=r"data.path mine: train-images-idx3-ubyte.gz is missing; apt-get install"
    ):
        load_data(recipe)
    write_files(nothing_installed / "mine")
    assert len(load_data(recipe).test) == 20


def test_files_that_are_nowhere(nothing_installed: Path, make_recipe: Callable[..., Any]) -> None:
    with pytest.raises(
        ToolMissing, match="the files are not on this machine; apt-get install dataset"
    ) as caught:
        load_data(make_recipe({"source": "fashion_mnist"}))
    assert caught.value.exit_code == ExitCode.TOOL_MISSING


def test_keras_is_asked_to_download(
    nothing_installed: Path, make_recipe: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(command: list[str], **_: object) -> None:
        assert "fashion_mnist.load_data()" in command[-1]
        write_files(nothing_installed / "keras" / "datasets" / "fashion-mnist")

    monkeypatch.setattr(subprocess, "run", download)
    assert len(load_data(make_recipe({"source": "fashion_mnist"})).test) == 20


@pytest.mark.parametrize(
    "damage", [lambda c: c[:20], lambda c: b"text", lambda c: gzip.compress(b"\0\0\x08\x01\0\0\0\x09")]
)
def test_damaged_files(
    nothing_installed: Path, make_recipe: Callable[..., Any], damage: Callable[[bytes], bytes]
) -> None:
    write_files(nothing_installed / "debian")
    path = nothing_installed / "debian" / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match="t10k-labels-idx1-ubyte.gz: "):
        load_data(make_recipe({"source": "fashion_mnist"}))


@pytest.mark.fashion_mnist
def test_the_real_files(make_recipe: Callable[..., Any]) -> None:
    data = load_data(make_recipe({"source": "fashion_mnist"}))
    assert (len(data.train), len(data.calibration), len(data.test)) == (48000, 12000, 10000)
    assert np.bincount(data.test.labels).tolist() == [1000] * 10
    assert np.bincount(data.calibration.labels).tolist() == [1200] * 10
    assert set(data.clipped.values()) == {0.0}


def openml(monkeypatch: pytest.MonkeyPatch, answer: Callable[..., Any]) -> None:
    monkeypatch.setattr("sklearn.datasets.fetch_openml", answer)


@pytest.mark.parametrize(
    ("name", "query"),
    [("letter", {"name": "letter"}), ("letter:1", {"name": "letter", "version": 1}), ("6", {"data_id": 6})],
)
def test_openml(
    monkeypatch: pytest.MonkeyPatch, make_recipe: Callable[..., Any], name: str, query: dict[str, object]
) -> None:
    asked: list[dict[str, object]] = []

    def fetch(**arguments: object) -> SimpleNamespace:
        asked.append(arguments)
        return SimpleNamespace(
            data=np.arange(200.0).reshape(100, 2), target=np.array(["A", "B"] * 50, dtype=object)
        )

    openml(monkeypatch, fetch)
    data = load_data(make_recipe({"source": "openml", "openml": name, "normalize": "minmax"}))
    assert asked == [{**query, "as_frame": False, "parser": "liac-arff"}]
    assert (len(data.train), len(data.calibration), len(data.test)) == (64, 16, 20)
    assert data.class_names == ["A", "B"]


def test_openml_without_a_network(monkeypatch: pytest.MonkeyPatch, make_recipe: Callable[..., Any]) -> None:
    def fetch(**_: object) -> None:
        raise OSError("Name or service\nnot known")

    openml(monkeypatch, fetch)
    with pytest.raises(DataError) as caught:
        load_data(make_recipe({"source": "openml", "openml": "letter"}))
    assert str(caught.value) == (
        "data.openml letter: cannot be fetched (Name or service not known); "
        "check the name and the network, or save the arrays and use source: npz"
    )


@pytest.mark.parametrize(
    ("bunch", "line"),
    [
        (SimpleNamespace(data=np.zeros((4, 1)), target=None), "has no single target column"),
        (
            SimpleNamespace(data=np.zeros((4, 1), dtype=object), target=np.arange(4)),
            "features that are not numbers",
        ),
    ],
)
def test_openml_sets_that_do_not_fit(
    monkeypatch: pytest.MonkeyPatch, make_recipe: Callable[..., Any], bunch: object, line: str
) -> None:
    openml(monkeypatch, lambda **_: bunch)
    with pytest.raises(DataError, match=line):
        load_data(make_recipe({"source": "openml", "openml": "x"}))


def test_digits_are_those_of_scikit_learn(make_recipe: Callable[..., Any]) -> None:
    from sklearn.datasets import load_digits

    from hwgen.data.digits import read_digits

    theirs, ours = load_digits(), read_digits(make_recipe())
    assert np.array_equal(ours.x_train, theirs.images)
    assert np.array_equal(ours.y_train, theirs.target)
    assert ours.scale == 1 / 16
