"""From a recipe's `data` section to a data set: read, check, split, normalise, quantise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from hwgen.data.dataset import AnyArray, Arrays, DataSet, Split
from hwgen.data.digits import read_digits
from hwgen.data.fashion_mnist import read_fashion_mnist
from hwgen.data.labels import Labels, encode_labels
from hwgen.data.normalise import fit_normaliser
from hwgen.data.npz import read_npz_source
from hwgen.data.ood import built_in_ood
from hwgen.data.openml import read_openml
from hwgen.data.splits import SALT_CALIBRATION, SALT_TEST, stratified_split
from hwgen.data.validate import check_arrays, check_evaluation
from hwgen.files import hash_arrays, sha256_of
from hwgen.fixedpoint import FixedPoint
from hwgen.recipe import LoadedRecipe

CLIPPED_WARNING = 0.25
"""Share of saturated values above which the user is warned."""

SOURCES: dict[str, Callable[[LoadedRecipe], Arrays]] = {
    "digits": read_digits,
    "fashion_mnist": read_fashion_mnist,
    "npz": read_npz_source,
    "openml": read_openml,
}


def load_data(loaded: LoadedRecipe) -> DataSet:
    """Reads the data set of a recipe.

    Raises:
        DataError: the data is missing, malformed or does not fit the recipe.
        ToolMissing: Fashion-MNIST is not on this machine.
    """
    return prepare(loaded, SOURCES[loaded.recipe.data.source](loaded))


def _with_channel(samples: AnyArray) -> AnyArray:
    return samples[..., np.newaxis] if samples.ndim == 3 else samples


def _with_test_set(arrays: Arrays, labels: Labels, share: float, seed: int) -> tuple[Arrays, Labels]:
    keep, held = stratified_split(
        labels.train, labels.display, share, seed, SALT_TEST, arrays.where, "the test set"
    )
    split = replace(
        arrays,
        x_train=arrays.x_train[keep],
        y_train=arrays.y_train[keep],
        x_test=arrays.x_train[held],
        y_test=arrays.y_train[held],
    )
    return split, replace(labels, train=labels.train[keep], test=labels.train[held])


def prepare(loaded: LoadedRecipe, arrays: Arrays) -> DataSet:
    """Checks, splits, normalises and quantises what a source delivered.

    A source without a test set gets a stratified one of `data.test`. The calibration split is
    taken out of the training samples of every source. Both depend on the seed and on the labels
    only. Images without a channel axis get one.

    Raises:
        DataError: see `check_arrays`, `check_evaluation`, `encode_labels`, `stratified_split` and `built_in_ood`.
    """
    recipe = loaded.recipe
    check_arrays(arrays)
    labels = encode_labels(arrays.where, arrays.y_train, arrays.y_test)
    if arrays.x_test is None:
        arrays, labels = _with_test_set(arrays, labels, recipe.data.test, recipe.seed)
    assert arrays.x_test is not None
    assert labels.test is not None
    keep, held = stratified_split(
        labels.train,
        labels.display,
        recipe.data.calibration,
        recipe.seed,
        SALT_CALIBRATION,
        arrays.where,
        "calibration",
    )
    target = FixedPoint.from_recipe(
        recipe.data.input.bits, recipe.data.input.integer, recipe.data.input.signed
    )
    samples = _with_channel(arrays.x_train)
    check_evaluation(recipe, arrays.where, samples.shape[1:])
    train = samples[keep]
    normaliser = fit_normaliser(recipe.data.normalize, train, arrays.scale, target)
    parts = {"train": train, "calibration": samples[held], "test": _with_channel(arrays.x_test)}
    warnings = arrays.warnings + labels.warnings
    if recipe.data.ood is not None:
        parts["ood"] = built_in_ood(recipe.data.ood, train, len(parts["test"]), recipe.seed)
        if arrays.x_ood is not None:
            warnings.append(f"{arrays.where}: array 'x_ood' is not used, data.ood asks for {recipe.data.ood}")
    elif arrays.x_ood is not None:
        parts["ood"] = _with_channel(arrays.x_ood)
    raw, clipped = {}, {}
    for name, part in parts.items():
        raw[name], clipped[name] = normaliser.to_raw(part, target)
    numbers = {"train": labels.train[keep], "calibration": labels.train[held], "test": labels.test}
    compact: dict[str, AnyArray] = {f"x_{name}": raw[name].astype(np.int32) for name in numbers}
    compact.update({f"y_{name}": part for name, part in numbers.items()})
    return DataSet(
        source=recipe.data.source,
        classes=labels.classes,
        class_names=labels.names,
        shape=tuple(samples.shape[1:]),
        format=target,
        train=Split(raw["train"], numbers["train"]),
        calibration=Split(raw["calibration"], numbers["calibration"]),
        test=Split(raw["test"], numbers["test"]),
        ood=raw.get("ood"),
        clipped=clipped,
        warnings=warnings + _clip_warnings(clipped, target, recipe.data.normalize),
        sha256=sha256_of(hash_arrays(compact), target.to_dict(), labels.names, recipe.data.source),
        ood_sha256=hash_arrays({"x_ood": raw["ood"].astype(np.int32)}) if "ood" in raw else None,
    )


def _clip_warnings(clipped: dict[str, float], target: FixedPoint, normalize: str) -> list[str]:
    share = clipped["train"]
    if share <= CLIPPED_WARNING:
        return []
    if normalize == "standard" and not target.signed:
        remedy = "standard makes half of the values negative: set data.input.signed: true"
    elif normalize == "none":
        remedy = "set data.normalize: minmax or raise data.input.integer"
    else:
        remedy = "raise data.input.integer"
    span = f"{target.min_real:g}..{target.max_real:g}"
    return [f"data.input: {share:.0%} of the training values lie outside {span} and saturate; {remedy}"]
