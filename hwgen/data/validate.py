"""Refuses arrays that are no classification data set, each with the place that is wrong."""

from __future__ import annotations

import numpy as np

from hwgen.data.dataset import AnyArray, Arrays
from hwgen.errors import DataError
from hwgen.recipe import Recipe

_NEEDS_SAMPLES = "give at least one sample per class"
_NEEDS_OOD = "store samples, or leave the array out"


def _check_numbers(where: str, array: AnyArray, if_empty: str = _NEEDS_SAMPLES) -> None:
    if array.dtype.kind not in "biuf":
        raise DataError(where, f"holds {array.dtype}, expected numbers", "store integers or floats")
    if array.ndim not in (2, 3, 4):
        raise DataError(
            where,
            f"has shape {array.shape}",
            "use (samples, features), (samples, height, width) or (samples, height, width, channels)",
        )
    if len(array) == 0:
        raise DataError(where, f"is empty (shape {array.shape})", if_empty)
    if array.size == 0:
        raise DataError(where, f"has samples without values (shape {array.shape})", "no axis may be 0")
    if array.dtype.kind == "f":
        bad = ~np.isfinite(array)
        if bad.any():
            index = tuple(int(i) for i in np.argwhere(bad)[0])
            feature = index[1] if array.ndim == 2 else index[1:]
            raise DataError(
                where,
                f"sample {index[0]}, feature {feature} is {array[index]} ({int(bad.sum())} such values)",
                "remove the sample or fill in a number",
            )


def _check_labels(where: str, labels: AnyArray, samples: int, partner: str) -> None:
    if labels.ndim == 2 and labels.shape[1] > 1:
        raise DataError(
            where,
            f"has shape {labels.shape}, expected one label per sample",
            "one-hot labels: use argmax(axis=1)",
        )
    if not (labels.ndim == 1 or (labels.ndim == 2 and labels.shape[1] == 1)):
        raise DataError(
            where, f"has shape {labels.shape}, expected ({samples},)", "give one label per sample"
        )
    if len(labels) != samples:
        raise DataError(
            where, f"has {len(labels)} labels, {partner} has {samples} samples", "make them equal"
        )
    if labels.dtype.kind not in "biufUS":
        raise DataError(
            where, f"holds {labels.dtype}, expected integers or text", "store class numbers or names"
        )
    if labels.dtype.kind == "f":
        bad = ~np.isfinite(labels) | (labels != np.rint(labels))
        if bad.any():
            index = int(np.flatnonzero(bad)[0])
            raise DataError(
                where,
                f"label {index} is {labels.reshape(-1)[index]}, not a whole number",
                "store class numbers",
            )


def check_arrays(arrays: Arrays) -> None:
    """Checks types, shapes, lengths and finiteness of all arrays of a source.

    Raises:
        DataError: names the array, the sample and the feature or both shapes.
    """
    pairs = [("train", arrays.x_train, arrays.y_train)]
    if arrays.x_test is not None and arrays.y_test is not None:
        pairs.append(("test", arrays.x_test, arrays.y_test))
    for name, samples, labels in pairs:
        _check_numbers(f"{arrays.where}: x_{name}", samples)
        _check_labels(f"{arrays.where}: y_{name}", labels, len(samples), f"x_{name}")
    if arrays.x_ood is not None:
        _check_numbers(f"{arrays.where}: x_ood", arrays.x_ood, _NEEDS_OOD)
    for name, other in (("x_test", arrays.x_test), ("x_ood", arrays.x_ood)):
        if other is not None and other.shape[1:] != arrays.x_train.shape[1:]:
            raise DataError(
                f"{arrays.where}: {name}",
                f"samples have shape {other.shape[1:]}, those of x_train {arrays.x_train.shape[1:]}",
                "make them equal"
                if name == "x_test"
                else "store samples of the same shape, or leave the array out",
            )


def check_evaluation(recipe: Recipe, where: str, shape: tuple[int, ...]) -> None:
    """Refuses corruptions of samples that are no images.

    Args:
        recipe: the recipe.
        where: the source as error messages name it.
        shape: of one sample.
    Raises:
        DataError: names the source and the shape.
    """
    if recipe.evaluation.corruption_names and len(shape) != 3:
        raise DataError(
            "evaluation.corruptions",
            f"{where} holds tables (samples of shape {shape}), and corruptions are of images",
            "set evaluation.corruptions: none",
        )
