"""Data sets of OpenML by name, through scikit-learn's downloader and its cache."""

from __future__ import annotations

import numpy as np

from hwgen.data.dataset import Arrays
from hwgen.errors import DataError
from hwgen.recipe import LoadedRecipe


def read_openml(loaded: LoadedRecipe) -> Arrays:
    """All samples of `data.openml`: a name, `name:version`, or a number; categories become numbers.

    Raises:
        DataError: the data set cannot be fetched, or its features are not numbers.
    """
    from sklearn.datasets import fetch_openml

    wanted = loaded.recipe.data.openml
    assert wanted is not None
    where = f"data.openml {wanted}"
    name, _, version = wanted.partition(":")
    query: dict[str, object] = {"data_id": int(name)} if name.isdigit() else {"name": name}
    if version:
        if not version.isdigit():
            raise DataError(
                where, f"version {version!r} is no number", "write name:version, for example letter:1"
            )
        query["version"] = int(version)
    try:
        bunch = fetch_openml(**query, as_frame=False, parser="liac-arff")
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(
            where,
            f"cannot be fetched ({reason})",
            "check the name and the network, or save the arrays and use source: npz",
        ) from error
    samples, labels = bunch.data, bunch.target
    if not isinstance(samples, np.ndarray):
        samples = samples.toarray()
    if labels is None or labels.ndim != 1:
        raise DataError(where, "has no single target column", "choose a classification data set")
    if labels.dtype == object:
        labels = labels.astype(str)
    if samples.dtype == object:
        raise DataError(where, "has features that are not numbers", "encode them and use source: npz")
    return Arrays(where, samples, labels)
