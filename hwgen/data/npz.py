"""The user's own arrays: x_train, y_train, x_test, y_test, optionally x_ood, in one npz file."""

from __future__ import annotations

import difflib
from pathlib import Path

import numpy as np

from hwgen.data.dataset import AnyArray, Arrays
from hwgen.errors import DataError
from hwgen.files import read_npz
from hwgen.recipe import LoadedRecipe

REQUIRED = ("x_train", "y_train", "x_test", "y_test")
OPTIONAL = ("x_ood",)
_NPY = b"\x93NUMPY"


def read_npz_source(loaded: LoadedRecipe) -> Arrays:
    """The arrays of `data.path`.

    Values are taken as they are, with one exception: uint8 images in a format without integer
    bits, not normalised, are pixels, so 0..255 means 0..255/256 (a warning says so).

    Raises:
        DataError: the file is missing or no npz, an array is missing or holds Python objects.
    """
    data = loaded.recipe.data
    assert data.path is not None
    path = loaded.resolve(data.path)
    where = f"data.path {data.path}"
    if _starts_with(path, _NPY):
        raise DataError(where, "is a single array, not an npz archive", "write it with numpy.savez")
    arrays = read_npz(path)
    for name in REQUIRED:
        if name not in arrays:
            found = ", ".join(sorted(arrays)) or "nothing"
            spare = [other for other in arrays if other not in REQUIRED + OPTIONAL]
            near = difflib.get_close_matches(name, spare, n=1)
            hint = f"rename {near[0]!r}" if near else f"expected {', '.join(REQUIRED)}, optionally x_ood"
            raise DataError(where, f"array {name!r} is missing, the file holds {found}", hint)
    warnings = [
        f"{where}: array {name!r} is not used" for name in sorted(arrays) if name not in REQUIRED + OPTIONAL
    ]
    samples: list[AnyArray] = [arrays[name] for name in ("x_train", "x_test", "x_ood") if name in arrays]
    scale = 1.0
    pixels = all(array.dtype == np.uint8 and array.ndim in (3, 4) for array in samples)
    if pixels and data.normalize == "none" and data.input.integer <= 0:
        scale = 1 / 256
        warnings.append(f"{where}: uint8 images are read as pixel/256")
    return Arrays(
        where,
        arrays["x_train"],
        arrays["y_train"],
        arrays["x_test"],
        arrays["y_test"],
        arrays.get("x_ood"),
        scale,
        warnings,
    )


def _starts_with(path: Path, magic: bytes) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(magic)) == magic
