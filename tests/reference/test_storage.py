"""network.json and network.npz: nothing is lost, same network same bytes, damage gives one clear line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwgen.errors import DataError, ExitCode, HwgenError, NetworkError
from hwgen.fixedpoint import FixedPoint
from hwgen.reference.network import IntegerNetwork, Tensor
from hwgen.reference.storage import JSON_NAME, NPZ_NAME, load_network, network_files, save_network
from tests.networks import Builder, assemble, images, tabular


def every_kind() -> IntegerNetwork:
    make = Builder(3)
    return assemble(
        Tensor((6, 6, 2), FixedPoint(8, 1, True)),
        [
            (
                [
                    make.conv(2, 3, strides=2), make.relu(), make.depthwise(3, padding="valid"),
                    make.linear(FixedPoint(7, 3)),
                ],
                [make.flatten(), make.dense(3, 4)],
            )
        ],
    )  # fmt: skip


NETWORKS = {"images": images(), "tabular": tabular(), "every kind": every_kind()}


@pytest.mark.parametrize("name", NETWORKS)
def test_round_trip(name: str, tmp_path: Path) -> None:
    network = NETWORKS[name]
    save_network(network, tmp_path)
    again = load_network(tmp_path)
    for before, after in zip(network.stages, again.stages, strict=True):
        assert (before.name, before.source) == (after.name, after.source)
        for one, other in zip((*before.backbone, *before.head), (*after.backbone, *after.head), strict=True):
            assert type(one) is type(other)
            for field in fields(one):
                first, second = getattr(one, field.name), getattr(other, field.name)
                if isinstance(first, np.ndarray):
                    assert second.dtype == np.int64
                    assert np.array_equal(first, second)
                else:
                    assert first == second
    assert network_files(again) == network_files(network)


def test_same_network_same_bytes() -> None:
    assert network_files(images(7)) == network_files(images(7))
    assert network_files(images(7)) != network_files(images(8))


def test_the_written_format(tmp_path: Path) -> None:
    """What a reader in another language relies on."""
    save_network(images(), tmp_path)
    document = json.loads((tmp_path / JSON_NAME).read_text())
    assert document["format"] == "hwgen-integer-network"
    assert document["version"] == 1
    assert document["source"] == {"shape": [6, 6, 1], "format": {"width": 8, "integer": 0, "signed": False}}
    conv = document["stages"][0]["backbone"][0]
    assert conv == {
        "kind": "conv2d", "name": "conv1", "kernel": "conv1/kernel", "bias": "conv1/bias",
        "kernel_format": {"width": 6, "integer": 1, "signed": True},
        "bias_format": {"width": 12, "integer": 4, "signed": True}, "strides": [1, 1], "padding": "same",
    }  # fmt: skip
    with np.load(tmp_path / NPZ_NAME) as arrays:
        assert arrays["conv1/kernel"].dtype == np.int32
        assert arrays["conv1/kernel"].shape == (3, 3, 1, 3)


def test_a_name_used_twice_is_refused() -> None:
    first, second = Builder(0), Builder(1)
    network = assemble(
        Tensor((3,), FixedPoint(8, 1)), [([first.dense(3, 3), first.relu()], [second.dense(3, 2)])]
    )
    with pytest.raises(NetworkError, match="layer dense1: the name is used twice; rename one layer"):
        network_files(network)


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / JSON_NAME
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def put_arrays(folder: Path, **arrays: Any) -> None:
    with np.load(folder / NPZ_NAME) as archive:
        kept = dict(archive)
    np.savez(folder / NPZ_NAME, **(kept | {name.replace("__", "/"): value for name, value in arrays.items()}))


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "no json": (lambda folder: (folder / JSON_NAME).unlink(), "network.json: cannot be read"),
    "no npz": (lambda folder: (folder / NPZ_NAME).unlink(), "network.npz: does not exist"),
    "truncated json": (lambda folder: truncate(folder / JSON_NAME), "network.json: cannot be read"),
    "truncated npz": (lambda folder: truncate(folder / NPZ_NAME), "network.npz: is not a readable npz file"),
    "another format": (lambda folder: edit(folder, lambda d: d.update(format="onnx")), "is not hwgen-integer-network"),
    "another version": (lambda folder: edit(folder, lambda d: d.update(version=2)), "version 1; run `hwgen train`"),
    "no object": (lambda folder: (folder / JSON_NAME).write_text("[]"), "is not hwgen-integer-network version 1"),
    "no stages": (lambda folder: edit(folder, lambda d: d.pop("stages")), "is inconsistent (KeyError: 'stages')"),
    "stages no list": (lambda folder: edit(folder, lambda d: d.update(stages=3)), "is inconsistent (TypeError"),
    "unknown kind": (
        lambda folder: edit(folder, lambda d: d["stages"][0]["head"][0].update(kind="softmax")),
        "layer 'flatten4': unknown kind 'softmax'",
    ),
    "missing array": (
        lambda folder: edit(folder, lambda d: d["stages"][0]["backbone"][0].update(kernel="nothing")),
        "layer 'conv1': array 'nothing' is missing from network.npz",
    ),
    "missing field": (
        lambda folder: edit(folder, lambda d: d["stages"][0]["backbone"][0].pop("bias_format")),
        "is inconsistent (TypeError",
    ),
    "object array": (
        lambda folder: put_arrays(folder, conv1__kernel=np.array([{}], dtype=object)),
        "array 'conv1/kernel': cannot be read",
    ),
    "kernel out of range": (
        lambda folder: put_arrays(folder, conv1__kernel=np.full((3, 3, 1, 3), 99)),
        "conv1.kernel[0, 0, 0, 0]: raw value 99 is outside -32..31",
    ),
    "kernel of another shape": (
        lambda folder: put_arrays(folder, conv1__kernel=np.zeros((3, 3, 2, 3), np.int32)),
        "layer conv1: kernel has 2 input channels, received 1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_damage_gives_one_line(name: str, tmp_path: Path) -> None:
    save_network(images(), tmp_path)
    change, expected = BROKEN[name]
    change(tmp_path)
    with pytest.raises(HwgenError) as caught:
        load_network(tmp_path)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == ExitCode.USAGE


def test_no_flipped_byte_passes_unnoticed(tmp_path: Path) -> None:
    """Whatever byte of the archive is wrong, it is refused or does not matter."""
    network = images()
    save_network(network, tmp_path)
    path = tmp_path / NPZ_NAME
    whole = path.read_bytes()
    refused = 0
    for position in range(0, len(whole), 7):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x55]) + whole[position + 1 :])
        try:
            again = load_network(tmp_path)
        except (DataError, NetworkError):
            refused += 1
        else:
            assert network_files(again) == network_files(network)
    assert refused > len(whole) // 7 // 2
