"""What training leaves in `model/`: integers, float weights, history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.errors import NetworkError
from hwgen.files import npz_bytes, read_npz, write_atomic
from hwgen.reference.network import IntegerNetwork
from hwgen.reference.storage import network_files
from hwgen.training.gates_file import GATES_NAME, Gates, gates_text
from hwgen.training.network import KerasNetwork

WEIGHTS_NAME = "weights.npz"
HISTORY_NAME = "history.json"


@dataclass(frozen=True)
class Trained:
    """A trained network.

    Args:
        network: the integers, which is what everything later uses.
        keras: the QKeras layers behind it.
        history: one record per epoch.
        gates: learned gates as `hwgen.training.gates_file` describes them, or None.
    """

    network: IntegerNetwork
    keras: KerasNetwork
    history: list[dict[str, Any]]
    gates: Gates | None = None

    def files(self) -> dict[str, bytes]:
        """File name -> content; the bytes depend on the trained network only."""
        files = network_files(self.network)
        files[WEIGHTS_NAME] = npz_bytes(weights_of(self.keras))
        files[HISTORY_NAME] = (json.dumps(self.history, indent=1) + "\n").encode()
        if self.gates is not None:
            files[GATES_NAME] = gates_text(self.gates).encode()
        return files

    def save(self, folder: Path) -> None:
        """Writes network.json, network.npz, weights.npz, history.json and, with gates, gates.json."""
        for name, content in self.files().items():
            write_atomic(folder / name, content)


def weights_of(network: KerasNetwork) -> dict[str, np.ndarray]:
    """Float weights of the QKeras layers by `<layer>/<weight>`, float32."""
    return {
        f"{node.name}/{name}": np.asarray(variable.numpy(), np.float32)
        for node in network.nodes()
        for name, variable in node.weights()
    }


def set_weights(network: KerasNetwork, weights: Mapping[str, np.ndarray], where: str) -> None:
    """Puts stored weights into the QKeras layers.

    Raises:
        NetworkError: an array is missing or of another shape.
    """
    for node in network.nodes():
        for name, variable in node.weights():
            key = f"{node.name}/{name}"
            shape = tuple(variable.shape)
            if key not in weights or weights[key].shape != shape:
                raise NetworkError(
                    f"{where}: {key}", f"is missing or not of shape {shape}", "run `hwgen train` again"
                )
            variable.assign(weights[key])


def read_weights(folder: Path) -> dict[str, np.ndarray]:
    """The arrays of `weights.npz`."""
    return read_npz(folder / WEIGHTS_NAME)


def read_history(folder: Path) -> list[dict[str, Any]]:
    """The records of `history.json`."""
    path = folder / HISTORY_NAME
    try:
        return list(json.loads(path.read_text()))
    except (OSError, ValueError) as error:
        raise NetworkError(str(path), f"cannot be read ({error})", "run `hwgen train` again") from error
