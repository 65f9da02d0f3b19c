"""The user's own arrays: what is accepted and how it becomes integers; what is refused and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwgen.data import DataSet, load_data
from hwgen.errors import DataError, ExitCode

Load = Callable[..., DataSet]


def table(samples: int = 40, classes: int = 4, features: int = 3) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(0)
    labels = np.arange(samples) % classes
    return {
        "x_train": generator.random((samples, features)),
        "y_train": labels,
        "x_test": generator.random((samples // 2, features)),
        "y_test": labels[: samples // 2],
    }


@pytest.fixture
def load(tmp_path: Path, make_recipe: Callable[..., Any]) -> Load:
    def run(arrays: dict[str, np.ndarray], **data: object) -> DataSet:
        np.savez(tmp_path / "my.npz", **arrays)  # type: ignore[arg-type]
        return load_data(make_recipe({"source": "npz", "path": "my.npz", **data}))

    return run


def refused(load: Load, arrays: dict[str, np.ndarray], **data: object) -> str:
    with pytest.raises(DataError) as caught:
        load(arrays, **data)
    assert caught.value.exit_code == ExitCode.USAGE
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_table(load: Load) -> None:
    data = load(table())
    assert (data.classes, data.class_names, data.shape) == (4, None, (3,))
    assert (len(data.train), len(data.calibration), len(data.test)) == (32, 8, 20)
    assert data.train.raw.dtype == np.int64
    assert data.warnings == []


def test_images_get_a_channel_axis(load: Load) -> None:
    arrays = table()
    gray = {key: np.repeat(a, 10).reshape(len(a), 6, 5) if key[0] == "x" else a for key, a in arrays.items()}
    assert load(gray).shape == (6, 5, 1)
    colour = {key: a.reshape(len(a), 2, 5, 3) if key[0] == "x" else a for key, a in gray.items()}
    assert load(colour).shape == (2, 5, 3)


def test_values_round_half_to_even_and_saturate(load: Load) -> None:
    arrays = table(8, 2, 1)
    arrays["x_test"] = np.array([[0.5], [1.5], [2.5], [-3.0]]) / 256
    data = load(arrays)
    assert data.test.raw.tolist() == [[0], [2], [2], [0]]
    assert data.clipped["test"] == 0.25
    arrays["x_test"] = np.array([[255.4], [255.5], [1e300], [-1e300]]) / 256
    assert load(arrays).test.raw.tolist() == [[255], [255], [255], [0]]


def test_integers_are_real_values_in_a_format_that_holds_them(load: Load) -> None:
    arrays = table()
    for name in ("x_train", "x_test"):
        arrays[name] = (arrays[name] * 256).astype(np.uint8)
    data = load(arrays, input={"bits": 8, "integer": 8})
    assert np.array_equal(data.test.raw, arrays["x_test"])
    assert set(data.clipped.values()) == {0.0}


def test_uint8_images_without_integer_bits_are_pixels(load: Load) -> None:
    arrays = table()
    for name in ("x_train", "x_test"):
        arrays[name] = (np.repeat(arrays[name], 4).reshape(-1, 4, 3) * 256).astype(np.uint8)
    data = load(arrays)
    assert np.array_equal(data.test.raw[..., 0], arrays["x_test"])
    assert data.warnings == ["data.path my.npz: uint8 images are read as pixel/256"]


def test_values_far_outside_the_format_are_a_warning(load: Load) -> None:
    arrays = table()
    arrays["x_train"] = arrays["x_train"] * 100 + 1
    [warning] = load(arrays).warnings
    assert warning == (
        "data.input: 100% of the training values lie outside 0..0.996094 and saturate; "
        "set data.normalize: minmax or raise data.input.integer"
    )
    [warning] = load(table(), normalize="standard").warnings
    assert warning.endswith("standard makes half of the values negative: set data.input.signed: true")


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["b", "a", "c", "d"], ["a", "b", "c", "d"]),
        ([10, -1, 2, 5], ["-1", "2", "5", "10"]),
        ([1, 2, 3, 4], ["1", "2", "3", "4"]),
        ([3, 1, 2, 0], None),
        ([0.0, 1.0, 2.0, 3.0], None),
    ],
)
def test_labels_of_any_kind(load: Load, labels: list[object], names: list[str] | None) -> None:
    arrays = table()
    given = np.array(labels)
    for name in ("y_train", "y_test"):
        arrays[name] = given[arrays[name]]
    data = load(arrays)
    assert data.class_names == names
    shown = names or ["0", "1", "2", "3"]
    assert [shown[k] for k in data.test.labels[:4]] == [
        f"{value:g}" if names is None else str(value) for value in labels
    ]


def test_bytes_booleans_and_columns_are_labels_too(load: Load) -> None:
    arrays = table(classes=2)
    arrays["y_train"], arrays["y_test"] = arrays["y_train"] == 1, (arrays["y_test"] == 1)[:, np.newaxis]
    assert load(arrays).classes == 2
    names = np.array([b"no", b"yes"])
    arrays["y_train"], arrays["y_test"] = (
        names[arrays["y_train"].astype(int)],
        names[arrays["y_test"].astype(int)],
    )
    assert load(arrays).class_names == ["no", "yes"]


def test_out_of_distribution_samples(load: Load) -> None:
    arrays = table()
    arrays["x_ood"] = np.full((5, 3), 0.5)
    data = load(arrays)
    assert data.ood is not None
    assert data.ood.tolist() == [[128] * 3] * 5
    assert data.clipped["ood"] == 0


def test_what_only_the_test_set_lacks_is_a_warning(load: Load) -> None:
    arrays = table()
    keep = arrays["y_test"] != 2
    arrays["x_test"], arrays["y_test"] = arrays["x_test"][keep], arrays["y_test"][keep]
    assert load(arrays).warnings == [
        "data.path my.npz: y_test: no sample of class 2: its accuracy is not measured"
    ]


def test_a_class_that_nobody_has_is_a_warning(load: Load) -> None:
    arrays = table()
    for name in ("y_train", "y_test"):
        arrays[name] = np.where(arrays[name] == 3, 5, arrays[name])
    data = load(arrays)
    assert data.classes == 4
    assert data.warnings == ["data.path my.npz: y_train: no sample of class 3: 4 classes are numbered anew"]


def change(name: str, value: Callable[[np.ndarray], Any]) -> Callable[[dict[str, np.ndarray]], None]:
    def apply(arrays: dict[str, np.ndarray]) -> None:
        arrays[name] = value(arrays[name])

    return apply


def put(name: str, index: tuple[int, ...], value: object) -> Callable[[dict[str, np.ndarray]], None]:
    def apply(arrays: dict[str, np.ndarray]) -> None:
        arrays[name][index] = value

    return apply


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (
            put("x_train", (7, 2), np.nan),
            "x_train: sample 7, feature 2 is nan (1 such values); remove the sample",
        ),
        (put("x_test", (3, 0), -np.inf), "x_test: sample 3, feature 0 is -inf"),
        (change("x_train", lambda a: a.astype(object)), "array 'x_train': cannot be read"),
        (change("y_train", lambda a: np.array([{}] * len(a))), "array 'y_train': cannot be read"),
        (change("x_train", lambda a: a.astype(str)), "x_train: holds <U32, expected numbers"),
        (change("x_train", lambda a: a * 1j), "x_train: holds complex128, expected numbers"),
        (change("x_train", lambda a: a[0]), "x_train: has shape (3,); use (samples, features)"),
        (change("x_train", lambda a: a[:0]), "x_train: is empty (shape (0, 3))"),
        (change("x_train", lambda a: a[:, :0]), "x_train: has samples without values (shape (40, 0))"),
        (change("x_test", lambda a: a[:0]), "x_test: is empty"),
        (change("x_test", lambda a: a[:, :2]), "x_test: samples have shape (2,), those of x_train (3,)"),
        (change("y_train", lambda a: a[:-1]), "y_train: has 39 labels, x_train has 40 samples"),
        (change("y_test", lambda a: a[:-1]), "y_test: has 19 labels, x_test has 20 samples"),
        (
            change("y_train", lambda a: np.eye(4)[a]),
            "y_train: has shape (40, 4), expected one label per sample",
        ),
        (change("y_train", lambda a: a + 0.5), "y_train: label 0 is 0.5, not a whole number"),
        (
            change("y_train", lambda a: np.where(a == 1, np.nan, a)),
            "y_train: label 1 is nan, not a whole number",
        ),
        (change("y_train", lambda a: a * 0), "y_train: class 1 is in y_test but absent from training"),
        (change("y_train", lambda a: a % 3), "y_train: class 3 is in y_test but absent from training"),
        (change("y_test", lambda a: a.astype(str)), "y_test: one label set holds numbers, the other text"),
        (lambda a: a.update(x_ood=np.zeros((2, 4))), "x_ood: samples have shape (4,), those of x_train (3,)"),
        (
            lambda a: a.update(x_ood=np.full((2, 3), np.nan)),
            "x_ood: sample 0, feature 0 is nan (6 such values)",
        ),
    ],
)
def test_arrays_that_are_refused(
    load: Load, damage: Callable[[dict[str, np.ndarray]], None], line: str
) -> None:
    arrays = table()
    damage(arrays)
    text = refused(load, arrays)
    assert "my.npz: " + line in text


def test_one_class_only(load: Load) -> None:
    arrays = table(classes=1)
    assert refused(load, arrays).startswith("data.path my.npz: y_train: holds one class only (0)")


def test_a_class_with_one_sample_cannot_be_split(load: Load) -> None:
    arrays = table()
    arrays["y_train"] = np.array(["rare"] + ["often", "more"] * 20)[:40]
    arrays["y_test"] = np.array(["often"] * 20)
    assert refused(load, arrays).startswith(
        "data.path my.npz: class rare has 1 sample(s), too few to hold some out for calibration"
    )


@pytest.mark.parametrize("name", ["x_train", "y_train", "x_test", "y_test"])
def test_every_array_is_needed(load: Load, name: str) -> None:
    arrays = table()
    arrays[name.upper()] = arrays.pop(name)
    assert f"array '{name}' is missing, the file holds " in refused(load, arrays)


def test_arrays_that_are_not_used_are_named(load: Load) -> None:
    arrays = {**table(), "x_odd": np.zeros(1)}
    assert load(arrays).warnings == ["data.path my.npz: array 'x_odd' is not used"]


def test_files_that_are_no_npz(tmp_path: Path, make_recipe: Callable[..., Any]) -> None:
    recipe = make_recipe({"source": "npz", "path": "my.npz"})
    with pytest.raises(DataError, match="does not exist; correct the path"):
        load_data(recipe)
    for content in (b"", b"no archive", b"PK\x03\x04 broken"):
        (tmp_path / "my.npz").write_bytes(content)
        with pytest.raises(DataError, match="is not a readable npz file"):
            load_data(recipe)
    with (tmp_path / "my.npz").open("wb") as stream:
        np.save(stream, np.zeros(3))
    with pytest.raises(DataError, match="is a single array, not an npz archive"):
        load_data(recipe)
