"""Files are whole or absent, and their bytes depend on their content only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwgen import files
from hwgen.errors import DataError, ExitCode, UsageError
from hwgen.files import (
    canonical_json,
    hash_arrays,
    hash_file,
    npz_bytes,
    read_npz,
    replace_folder,
    sha256_of,
    write_atomic,
    write_tree,
)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_write_atomic_makes_folders_and_replaces(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "file.json"
    write_atomic(target, "first")
    write_atomic(target, "zweite Fassung \N{LATIN SMALL LETTER U WITH DIAERESIS}")
    assert target.read_text() == "zweite Fassung \N{LATIN SMALL LETTER U WITH DIAERESIS}"
    assert target.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in target.parent.iterdir()] == ["file.json"]


def test_a_failing_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "file"
    write_atomic(target, b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises(UsageError) as caught:
        write_atomic(target, b"new")
    assert str(caught.value) == f"{target}: cannot be written (No space left on device); choose another --out"
    assert caught.value.exit_code == ExitCode.USAGE
    assert tree(tmp_path) == {"file": b"old"}


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="cannot be written"):
        write_atomic(tmp_path / "file" / "inner", "x")
    with pytest.raises(UsageError, match="cannot be written"):
        write_tree(tmp_path / "file" / "inner", {"a": b"x"})


def test_write_tree_replaces_the_whole_folder(tmp_path: Path) -> None:
    folder = tmp_path / "firmware"
    write_tree(folder, {"old.txt": b"1", "deep/er/old.txt": b"2"})
    write_tree(folder, {"new.txt": b"3", "scripts/run.sh": b"#!/bin/sh\n"})
    assert tree(folder) == {"new.txt": b"3", "scripts/run.sh": b"#!/bin/sh\n"}
    assert (folder / "scripts/run.sh").stat().st_mode & 0o111
    assert not (folder / "new.txt").stat().st_mode & 0o111
    assert [path.name for path in tmp_path.iterdir()] == ["firmware"]


def test_a_failing_tree_leaves_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "firmware"
    write_tree(folder, {"file": b"old"})
    with pytest.raises(UsageError, match="cannot be written"):
        write_tree(folder, {"a": b"new", "a/b": b"a file cannot be a folder too"})
    assert tree(tmp_path) == {"firmware/file": b"old"}


@pytest.mark.parametrize("there", [False, True])
def test_replace_folder(tmp_path: Path, there: bool) -> None:
    write_tree(tmp_path / "staging", {"file": b"new"})
    if there:
        write_tree(tmp_path / "model", {"file": b"old", "other": b""})
    replace_folder(tmp_path / "staging", tmp_path / "model")
    assert tree(tmp_path) == {"model/file": b"new"}


ARRAYS: dict[str, Any] = {
    "layer/kernel": np.arange(24, dtype=np.int32).reshape(2, 3, 4),
    "empty": np.zeros((0, 3)),
    "scalar": np.array(7),
    "text": np.array(["a", "bc"]),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
}


def test_npz_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(npz_bytes(ARRAYS))
    back = read_npz(path)
    assert back.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert back[name].dtype == array.dtype
        assert back[name].shape == array.shape
        assert np.array_equal(back[name], array)


def test_npz_bytes_depend_on_the_arrays_only() -> None:
    turned = dict(reversed(ARRAYS.items()))
    turned["layer/kernel"] = np.arange(48, dtype=np.int32)[::2].reshape(2, 3, 4) // 2  # the same values
    assert npz_bytes(turned) == npz_bytes(ARRAYS)
    assert npz_bytes({**ARRAYS, "scalar": np.array(8)}) != npz_bytes(ARRAYS)


def test_objects_are_never_stored() -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        npz_bytes({"a": np.array([{}], dtype=object)})


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_npz(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_unreadable_npz_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    assert refused(path) == f"{path}: does not exist; correct the path"
    assert "is not a readable npz file" in refused(tmp_path)  # a folder
    for content in (b"", b"PK\x03\x04", b"no archive at all", npz_bytes(ARRAYS)[:-30]):
        path.write_bytes(content)
        assert "is not a readable npz file" in refused(path)
    with path.open("wb") as stream:
        np.save(stream, np.arange(3))
    assert refused(path) == f"{path}: is a single array, not an npz archive; use numpy.savez"
    np.savez(path, good=np.arange(3), bad=np.array([{}], dtype=object))
    assert f"{path}: array 'bad': cannot be read" in refused(path)
    assert "store numbers, not Python objects" in refused(path)


def test_a_pickle_is_never_executed(tmp_path: Path) -> None:
    marker = tmp_path / "executed"

    class Bomb:
        def __reduce__(self) -> tuple[object, ...]:
            return (marker.touch, ())

    np.savez(tmp_path / "bomb.npz", x_train=np.array([Bomb()], dtype=object))
    refused(tmp_path / "bomb.npz")
    assert not marker.exists()


def test_canonical_json() -> None:
    assert canonical_json({"b": [1, 2.5], "a": None}) == '{"a":null,"b":[1,2.5]}'


def test_sha256_does_not_depend_on_the_order_of_keys() -> None:
    assert sha256_of({"a": 1, "b": 2}) == sha256_of({"b": 2, "a": 1})
    assert sha256_of("text") == sha256_of(b"text")


@given(*[st.lists(st.text("ab", max_size=2), max_size=3)] * 2)
def test_sha256_tells_parts_apart(first: list[str], second: list[str]) -> None:
    """("ab", "c") and ("a", "bc") are different inputs."""
    assert (sha256_of(*first) == sha256_of(*second)) == (first == second)


def test_hash_arrays_sees_names_types_shapes_and_values() -> None:
    base: dict[str, Any] = {"a": np.arange(6)}
    others: list[dict[str, Any]] = [
        {"b": np.arange(6)}, {"a": np.arange(6, dtype=np.int32)}, {"a": np.arange(6).reshape(2, 3)},
        {"a": np.arange(6)[::-1]}, {"a": np.arange(6), "b": np.zeros(0)},
    ]  # fmt: skip
    hashes = {hash_arrays(arrays) for arrays in (base, *others)}
    assert len(hashes) == 6
    assert hash_arrays({"a": np.arange(12)[::2] // 2}) == hash_arrays(base)
    assert hash_arrays({"b": np.zeros(2), "a": np.ones(2)}) == hash_arrays(
        {"a": np.ones(2), "b": np.zeros(2)}
    )


def test_hash_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert hash_file(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
