"""Files that are whole or absent, with bytes that depend on their content only."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.errors import DataError, UsageError

MANIFEST = "manifest.json"
"""In a generated tree: the hash of its inputs and that of every file."""
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_atomic(path: Path, content: bytes | str) -> None:
    """Writes a file through a temporary name and a rename.

    Raises:
        UsageError: the folder cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(
            str(path), f"cannot be written ({error.strerror or error})", "choose another --out"
        ) from error


def write_tree(folder: Path, files: Mapping[str, bytes]) -> None:
    """Replaces `folder` by a tree of `files` (relative path -> content): whole or not at all."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        os.chmod(staging, 0o755)
        try:
            for name, content in sorted(files.items()):
                target = staging / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                if content.startswith(b"#!"):
                    target.chmod(0o755)
            replace_folder(staging, folder)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
    except OSError as error:
        raise UsageError(
            str(folder), f"cannot be written ({error.strerror or error})", "choose another --out"
        ) from error


def replace_folder(staging: Path, folder: Path) -> None:
    """Puts `staging` in the place of `folder`; at every moment one whole folder or none is there."""
    if folder.exists():
        old = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.old."))
        os.replace(folder, old / folder.name)
        os.replace(staging, folder)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(staging, folder)


def npz_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    """An npz archive without time stamps: same arrays, same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(arrays):
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(arrays[name], order="C"), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", _ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, member.getvalue())
    return buffer.getvalue()


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an npz file. Never unpickles.

    Raises:
        DataError: the file is missing, no npz, damaged, or holds an object array (named).
    """
    try:
        archive = np.load(path, allow_pickle=False)
        if isinstance(archive, np.ndarray):
            raise DataError(str(path), "is a single array, not an npz archive", "use numpy.savez")
        with archive:
            return {name: _member(archive, name, path) for name in archive.files}
    except DataError:
        raise
    except FileNotFoundError as error:
        raise DataError(str(path), "does not exist", "correct the path") from error
    except Exception as error:  # damage shows in zipfile, zlib, struct or NumPy, each with its own errors
        raise DataError(
            str(path), f"is not a readable npz file ({_line(error)})", "write it with numpy.savez"
        ) from error


def _member(archive: Mapping[str, np.ndarray], name: str, path: Path) -> np.ndarray:
    try:
        return archive[name]
    except ValueError as error:
        where = f"{path}: array {name!r}"
        raise DataError(
            where, f"cannot be read ({_line(error)})", "store numbers, not Python objects"
        ) from error


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces, for hashing."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def sha256_of(*parts: bytes | str | Any) -> str:
    """Hex SHA-256 over parts; what is neither bytes nor text is hashed as canonical JSON."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            data = part.encode()
        elif isinstance(part, bytes):
            data = part
        else:
            data = canonical_json(part).encode()
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


def hash_file(path: Path) -> str:
    """Hex SHA-256 of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def file_hashes(folder: Path, without: str = "") -> dict[str, str]:
    """Relative path -> SHA-256 of every file below a folder.

    Args:
        folder: where to look.
        without: ending of files to leave out, such as `.pyc`.
    """
    return {
        path.relative_to(folder).as_posix(): hash_file(path)
        for path in sorted(folder.rglob("*"))
        if not (without and path.name.endswith(without)) and path.is_file()
    }


def hash_arrays(arrays: Mapping[str, np.ndarray]) -> str:
    """Hex SHA-256 over names, dtypes, shapes and contents."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.asarray(arrays[name], order="C")
        digest.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
        digest.update(array.data if array.size else b"")
    return digest.hexdigest()
