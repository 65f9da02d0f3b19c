"""Labels of any kind to class numbers 0..K-1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwgen.data.dataset import AnyArray
from hwgen.errors import DataError
from hwgen.fixedpoint import IntArray


@dataclass(frozen=True)
class Labels:
    """Class numbers of the two sets; `names` is None if they were 0..K-1 already."""

    train: IntArray
    test: IntArray | None
    classes: int
    names: list[str] | None
    warnings: list[str]

    @property
    def display(self) -> list[str]:
        """A name for every class."""
        return self.names or [str(number) for number in range(self.classes)]


def _plain(labels: AnyArray) -> AnyArray:
    flat = labels.reshape(-1)
    if flat.dtype.kind == "S":
        return np.char.decode(flat.astype(np.bytes_), "utf-8", "replace")
    if flat.dtype.kind in "bf":
        return flat.astype(np.int64)
    return flat


def encode_labels(where: str, train: AnyArray, test: AnyArray | None) -> Labels:
    """Numbers the classes in sorted order: integers by value, text by code point.

    Args:
        where: the source as error messages name it.
        train, test: (n,) or (n, 1): integers, whole floats, booleans or text.
    Raises:
        DataError: fewer than two classes, a class of the test set that training lacks, or sets
            that mix numbers and text.
    """
    plain_train = _plain(train)
    known = np.unique(plain_train)
    warnings = []
    test_numbers = None
    if test is not None:
        plain_test = _plain(test)
        if (plain_test.dtype.kind == "U") != (plain_train.dtype.kind == "U"):
            raise DataError(f"{where}: y_test", "one label set holds numbers, the other text", "use one kind")
        found = np.unique(plain_test)
        unknown = np.setdiff1d(found, known)
        if len(unknown):
            raise DataError(
                f"{where}: y_train",
                f"class {unknown[0]!s} is in y_test but absent from training",
                "add training samples of it or remove it from the test set",
            )
        absent = np.setdiff1d(known, found)
        if len(absent):
            listed = ", ".join(str(name) for name in absent)
            warnings.append(f"{where}: y_test: no sample of class {listed}: its accuracy is not measured")
        test_numbers = np.searchsorted(known, plain_test).astype(np.int64)
    if len(known) < 2:
        raise DataError(
            f"{where}: y_train", f"holds one class only ({known[0]!s})", "give at least two classes"
        )
    contiguous = known.dtype.kind != "U" and known[0] == 0 and known[-1] == len(known) - 1
    if known.dtype.kind != "U" and known[0] == 0 and not contiguous:
        gaps = np.setdiff1d(np.arange(len(known)), known)
        warnings.append(
            f"{where}: y_train: no sample of class {gaps[0]}: {len(known)} classes are numbered anew"
        )
    return Labels(
        np.searchsorted(known, plain_train).astype(np.int64),
        test_numbers,
        len(known),
        None if contiguous else [str(name) for name in known],
        warnings,
    )
