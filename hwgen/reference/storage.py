"""Reading and writing the integer network: `network.json` and `network.npz`.

Format, version 1. `network.json`: {"format": "hwgen-integer-network", "version": 1,
"source": tensor, "stages": [{"name", "backbone": [layer], "head": [layer]}]}; a tensor is
{"shape": [..], "format": fixed}; fixed is {"width", "integer", "signed"} with the meaning of
`ap_fixed<width, integer>`; a layer is {"kind", "name", ...fields}. Weighted layers name their
arrays by `<layer name>/kernel` and `<layer name>/bias` in `network.npz` (int32, raw integers of
kernel_format and bias_format). Layer names are unique. The bytes depend on the network only.
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.errors import NetworkError
from hwgen.files import npz_bytes, read_npz, write_atomic
from hwgen.fixedpoint import FixedPoint
from hwgen.reference.layers import (
    Activation,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    Layer,
    MaxPool2D,
    Weighted,
)
from hwgen.reference.network import IntegerNetwork, Stage, Tensor

FORMAT = "hwgen-integer-network"
VERSION = 1
JSON_NAME = "network.json"
NPZ_NAME = "network.npz"
KINDS: dict[str, type[Layer]] = {
    cls.kind: cls for cls in (Dense, Conv2D, DepthwiseConv2D, MaxPool2D, Flatten, Activation)
}
_ARRAYS = ("kernel", "bias")


def _layer_to_dict(layer: Layer) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": layer.kind}
    for field in fields(layer):
        value = getattr(layer, field.name)
        if field.name in _ARRAYS:
            entry[field.name] = f"{layer.name}/{field.name}"
        else:
            entry[field.name] = value.to_dict() if isinstance(value, FixedPoint) else value
    return entry


def _layer_from_dict(entry: dict[str, Any], arrays: dict[str, np.ndarray], where: str) -> Layer:
    values = dict(entry)
    kind = values.pop("kind", None)
    if kind not in KINDS:
        raise NetworkError(f"{where}: layer {entry.get('name')!r}", f"unknown kind {kind!r}")
    for key, value in values.items():
        if isinstance(value, dict):
            values[key] = FixedPoint(**value)
        elif isinstance(value, list):
            values[key] = tuple(value)
        elif key in _ARRAYS:
            if value not in arrays:
                raise NetworkError(
                    f"{where}: layer {entry['name']!r}", f"array {value!r} is missing from {NPZ_NAME}"
                )
            values[key] = arrays[value].astype(np.int64)
    return KINDS[kind](**values)


def _tensor_from_dict(entry: dict[str, Any]) -> Tensor:
    return Tensor(tuple(entry["shape"]), FixedPoint(**entry["format"]))


def network_files(network: IntegerNetwork) -> dict[str, bytes]:
    """File name -> content of the two files that hold `network`."""
    arrays: dict[str, np.ndarray] = {}
    stages = []
    for stage in network.stages:
        for layer in (*stage.backbone, *stage.head):
            if isinstance(layer, Weighted):
                for part in _ARRAYS:
                    key = f"{layer.name}/{part}"
                    if key in arrays:
                        raise NetworkError(
                            f"layer {layer.name}", "the name is used twice", "rename one layer"
                        )
                    arrays[key] = getattr(layer, part).astype(np.int32)
        stages.append(
            {
                "name": stage.name,
                "backbone": [_layer_to_dict(layer) for layer in stage.backbone],
                "head": [_layer_to_dict(layer) for layer in stage.head],
            }
        )
    document = {
        "format": FORMAT,
        "version": VERSION,
        "source": {"shape": list(network.source.shape), "format": network.source.format.to_dict()},
        "stages": stages,
    }
    return {JSON_NAME: (json.dumps(document, indent=1) + "\n").encode(), NPZ_NAME: npz_bytes(arrays)}


def save_network(network: IntegerNetwork, folder: Path) -> None:
    """Writes `network` into `folder`, each file whole or not at all."""
    for name, content in network_files(network).items():
        write_atomic(folder / name, content)


def _network_from_dict(document: dict[str, Any], arrays: dict[str, np.ndarray], where: str) -> IntegerNetwork:
    source = _tensor_from_dict(document["source"])
    stages = []
    for entry in document["stages"]:
        backbone = tuple(_layer_from_dict(layer, arrays, where) for layer in entry["backbone"])
        head = tuple(_layer_from_dict(layer, arrays, where) for layer in entry["head"])
        stages.append(Stage(entry["name"], source, backbone, head))
        source = stages[-1].features
    return IntegerNetwork(tuple(stages))


def load_network(folder: Path) -> IntegerNetwork:
    """Reads a network that `save_network` wrote.

    Raises:
        NetworkError: network.json is missing, of another format or version, or inconsistent.
        DataError: network.npz is missing or damaged.
    """
    path = folder / JSON_NAME
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise NetworkError(str(path), f"cannot be read ({error})", "run `hwgen train` again") from error
    known = isinstance(document, dict) and (document.get("format"), document.get("version")) == (
        FORMAT,
        VERSION,
    )
    if not known:
        raise NetworkError(str(path), f"is not {FORMAT} version {VERSION}", "run `hwgen train` again")
    arrays = read_npz(folder / NPZ_NAME)
    try:
        return _network_from_dict(document, arrays, str(path))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        summary = f"{type(error).__name__}: {error}"
        raise NetworkError(str(path), f"is inconsistent ({summary})", "run `hwgen train` again") from error
