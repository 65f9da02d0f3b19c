"""Fashion-MNIST: 60,000 + 10,000 images of 28x28 pixels, read from the four idx files.

Looked for in `data.path`, then where Debian's package dataset-fashion-mnist puts them, then in
Keras's download folder. If none holds them, Keras's own downloader is asked once.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np

from hwgen.data.dataset import AnyArray, Arrays
from hwgen.errors import DataError, ToolMissing
from hwgen.recipe import LoadedRecipe

DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
FILES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
INSTALL = "apt-get install dataset-fashion-mnist, or set data.path to the folder of its idx files"
_UBYTE = 0x08
_DOWNLOAD = "from tf_keras.datasets import fashion_mnist; fashion_mnist.load_data()"
_DOWNLOAD_SECONDS = 900


def read_fashion_mnist(loaded: LoadedRecipe) -> Arrays:
    """Train and test images, real values pixel/256.

    Raises:
        DataError: `data.path` lacks a file, or a file is damaged.
        ToolMissing: the files are nowhere and cannot be downloaded.
    """
    path = loaded.recipe.data.path
    if path is not None:
        folder = loaded.resolve(path)
        missing = missing_file(folder)
        if missing:
            raise DataError(f"data.path {path}", f"{missing}.gz is missing", INSTALL)
    else:
        folder = find_folder() or _download("data.source fashion_mnist")
    arrays = {key: read_idx(_existing(folder, name)) for key, name in FILES.items()}
    return Arrays(
        "data.source fashion_mnist",
        arrays["x_train"],
        arrays["y_train"],
        arrays["x_test"],
        arrays["y_test"],
        scale=1 / 256,
    )


def fashion_images(where: str) -> AnyArray:
    """The test images, uint8 (10000, 28, 28).

    Args:
        where: the key of the recipe that asks for them, for the message.
    Raises:
        DataError: the file is damaged.
        ToolMissing: the files are nowhere and cannot be downloaded.
    """
    return read_idx(_existing(find_folder() or _download(where), FILES["x_test"]))


def find_folder() -> Path | None:
    """The folder of this machine that holds the four files, or None."""
    for folder in (DEBIAN_FOLDER, keras_folder()):
        if missing_file(folder) is None:
            return folder
    return None


def keras_folder() -> Path:
    """Where Keras's downloader puts the files."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "datasets" / "fashion-mnist"


def _existing(folder: Path, name: str) -> Path:
    packed = folder / f"{name}.gz"
    return packed if packed.is_file() else folder / name


def missing_file(folder: Path) -> str | None:
    """Name of the first file that `folder` lacks, or None."""
    return next((name for name in FILES.values() if not _existing(folder, name).is_file()), None)


def _download(where: str) -> Path:
    # In a process of its own: only hwgen.training may load Keras into this one.
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            [sys.executable, "-c", _DOWNLOAD],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_DOWNLOAD_SECONDS,
            check=False,
        )
    if missing_file(keras_folder()) is not None:
        raise ToolMissing(where, "the files are not on this machine", INSTALL)
    return keras_folder()


def read_idx(path: Path) -> AnyArray:
    """An idx file of unsigned bytes, gzip-packed if its name ends in .gz, as a uint8 array.

    Raises:
        DataError: the file is damaged.
    """
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(str(path), f"cannot be read ({error})", INSTALL) from error
    if len(content) < 4 or content[:3] != bytes((0, 0, _UBYTE)):
        raise DataError(str(path), "is not an idx file of bytes", INSTALL)
    start = 4 + 4 * content[3]
    shape = np.frombuffer(content[4:start], dtype=">u4").astype(np.int64)
    if len(content) - start != int(shape.prod()):
        raise DataError(
            str(path), f"holds {len(content) - start} bytes, its header promises {int(shape.prod())}", INSTALL
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)
