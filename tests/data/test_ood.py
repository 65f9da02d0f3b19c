"""Built-in out-of-distribution samples: their shape, their range, and what they must not change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwgen.data import DataSet, load_data
from hwgen.data.digits import digit_images
from hwgen.data.ood import built_in_ood, enlarge, shrink
from hwgen.errors import DataError, RecipeError
from tests.data.test_npz import table

Load = Callable[..., DataSet]


@pytest.fixture
def load(tmp_path: Path, make_recipe: Callable[..., Any]) -> Load:
    def run(arrays: dict[str, np.ndarray], seed: int = 1, **data: object) -> DataSet:
        np.savez(tmp_path / "my.npz", **arrays)  # type: ignore[arg-type]
        return load_data(make_recipe({"source": "npz", "path": "my.npz", **data}, seed=seed))

    return run


def pictures(*shape: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(3)
    arrays = table()
    for name in ("x_train", "x_test"):
        arrays[name] = generator.random((len(arrays[name]), *shape)) * 0.9
    return arrays


def test_digits_grow_to_28_pixels_and_fashion_shrinks_to_8() -> None:
    small = np.arange(2 * 64.0).reshape(2, 8, 8)
    large = enlarge(small)
    assert large.shape == (2, 28, 28)
    assert np.array_equal(large[:, 3:26:3, 3:26:3], small), "the middle of every 3x3 block"
    assert large[:, :2].max() == large[:, -2:].max() == large[:, :, :2].max() == large[:, :, -2:].max() == 0
    assert large.sum() == 9 * small.sum()
    assert np.array_equal(shrink(large), small)
    image = np.random.default_rng(0).random((1, 28, 28))
    assert shrink(image)[0, 2, 5] == pytest.approx(image[0, 8:11, 17:20].mean())


def test_digits_beside_images_of_28_pixels(load: Load) -> None:
    data = load(pictures(28, 28), ood="digits")
    assert data.ood is not None
    assert data.ood.shape == (1797, 28, 28, 1)
    low, high = data.train.raw.min(), data.train.raw.max()
    assert (data.ood.min(), data.ood.max()) == (low, high)
    unit = (data.ood - low) / (high - low)
    assert np.abs(unit[:, 3:26:3, 3:26:3, 0] - digit_images("test") / 16).max() < 0.01


def test_colour_and_normalised_images(load: Load) -> None:
    arrays = pictures(8, 8, 3)
    for name in ("x_train", "x_test"):
        arrays[name] = arrays[name] * [1, 10, 100] - 5
    data = load(arrays, ood="digits", normalize="minmax")
    assert data.ood is not None
    assert data.ood.shape == (1797, 8, 8, 3)
    assert np.abs(data.ood[..., 0] - data.ood[..., 2]).max() <= 1
    assert data.ood.max() == 255


@pytest.mark.fashion_mnist
def test_fashion_beside_digits(make_recipe: Callable[..., Any]) -> None:
    data = load_data(make_recipe({"source": "digits", "ood": "fashion_mnist"}))
    assert data.ood is not None
    assert data.ood.shape == (10_000, 8, 8, 1)
    assert (data.ood.min(), data.ood.max()) == (0, 255)


@pytest.mark.parametrize("shape", [(3,), (6, 5), (6, 5, 3)])
def test_noise_fills_the_range_of_every_feature(load: Load, shape: tuple[int, ...]) -> None:
    data = load(pictures(*shape), ood="noise")
    assert data.ood is not None
    assert data.ood.shape == data.test.raw.shape
    axes = tuple(range(data.ood.ndim - 1))
    assert (data.ood.min(axis=axes) >= data.train.raw.min(axis=axes)).all()
    assert (data.ood.max(axis=axes) <= data.train.raw.max(axis=axes)).all()
    other = load(pictures(*shape), ood="noise", seed=2)
    assert not np.array_equal(data.ood, other.ood)
    assert np.array_equal(data.ood, load(pictures(*shape), ood="noise").ood)


def test_a_constant_feature_stays_constant() -> None:
    found = built_in_ood("noise", np.array([[1.0, 5.0], [3.0, 5.0]]), 20, 0)
    assert (found[:, 1] == 5.0).all()
    assert len(np.unique(found[:, 0])) == 20


@pytest.mark.parametrize("ood", ["digits", "fashion_mnist"])
@pytest.mark.parametrize("shape", [(3,), (64,), (10, 10), (8, 28)])
def test_a_shape_they_cannot_be_brought_to(load: Load, shape: tuple[int, ...], ood: str) -> None:
    with pytest.raises(DataError) as caught:
        load(pictures(*shape), ood=ood)
    text = str(caught.value)
    full = (*shape, 1) if len(shape) == 2 else shape
    assert text.startswith(f"data.ood {ood}: its images have shape {(8, 8) if ood == 'digits' else (28, 28)}")
    assert f"the samples of the data {full}" in text
    assert text.endswith("use data.ood: noise, or source: npz with an array x_ood of the same shape")


def test_the_data_itself_is_not_out_of_distribution(make_recipe: Callable[..., Any]) -> None:
    with pytest.raises(RecipeError, match=r"^data.ood: digits is the data itself"):
        make_recipe({"source": "digits", "ood": "digits"})


def test_only_the_hash_of_its_own_depends_on_it(load: Load) -> None:
    arrays = table()
    plain = load(arrays)
    assert plain.ood_sha256 is None
    found = [
        load(arrays, ood="noise"),
        load(arrays, ood="noise", seed=1),
        load(arrays | {"x_ood": arrays["x_test"]}),
    ]
    assert {data.sha256 for data in found} == {plain.sha256}, "or trained networks would be trained again"
    assert found[0].ood_sha256 == found[1].ood_sha256 != found[2].ood_sha256
    assert all(np.array_equal(data.train.raw, plain.train.raw) for data in found)


def test_the_recipe_has_the_last_word(load: Load) -> None:
    arrays = table()
    arrays["x_ood"] = np.full((7, 3), 0.5)
    assert load(arrays).ood.tolist() == [[128] * 3] * 7  # type: ignore[union-attr]
    both = load(arrays, ood="noise")
    assert len(both.ood) == 20  # type: ignore[arg-type]
    assert both.warnings == ["data.path my.npz: array 'x_ood' is not used, data.ood asks for noise"]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((0, 3)), "is empty (shape (0, 3)); store samples, or leave the array out"),
        (np.zeros((4, 5)), "samples have shape (5,), those of x_train (3,); store samples of the same shape"),
        (
            np.zeros((4, 8, 8)),
            "samples have shape (8, 8), those of x_train (3,); store samples of the same shape",
        ),
    ],
)
def test_bad_arrays(load: Load, array: np.ndarray, message: str) -> None:
    with pytest.raises(DataError) as caught:
        load(table() | {"x_ood": array})
    assert str(caught.value).startswith(f"data.path my.npz: x_ood: {message}")


def test_corruptions_are_of_images(make_recipe: Callable[..., Any], tmp_path: Path) -> None:
    np.savez(tmp_path / "my.npz", **table())  # type: ignore[arg-type]
    recipe = make_recipe({"source": "npz", "path": "my.npz"}, evaluation={"corruptions": ["blur"]})
    with pytest.raises(DataError) as caught:
        load_data(recipe)
    assert str(caught.value) == (
        "evaluation.corruptions: data.path my.npz holds tables (samples of shape (3,)), and corruptions are of "
        "images; set evaluation.corruptions: none"
    )


@pytest.mark.parametrize("wrong", ["fog", ["blur", "fog"]])
def test_an_unknown_corruption(make_recipe: Callable[..., Any], wrong: object) -> None:
    with pytest.raises(RecipeError, match="must be none, all, or a list of gaussian_noise, .*, not 'fog'"):
        make_recipe(evaluation={"corruptions": wrong})
