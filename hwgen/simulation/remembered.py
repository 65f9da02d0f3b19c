"""What the reference and QKeras say about a test set, kept under the hash of what it depends on.

Both are slower than the firmware on fast types. A file is used only if its name holds the hash of
the code, the network and the samples; of each kind only the last one is kept.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.files import hash_arrays, read_npz, sha256_of, write_atomic
from hwgen.fixedpoint import IntArray
from hwgen.material import code_sha256
from hwgen.reference.executor import StageValues, execute
from hwgen.reference.network import IntegerNetwork
from hwgen.reference.storage import network_files


def _key(network: IntegerNetwork, raw: IntArray, *more: bytes | str) -> str:
    files = network_files(network)
    return sha256_of(*more, *(files[name] for name in sorted(files)), hash_arrays({"raw": raw}))[:20]


def _keep(folder: Path, kind: str, path: Path, content: bytes | str) -> None:
    write_atomic(path, content)
    for other in folder.glob(f"{kind}-*"):
        if other != path:
            other.unlink(missing_ok=True)


def _small(values: IntArray) -> np.ndarray:
    """The same integers in the smallest type that holds them."""
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    return values.astype(np.promote_types(np.min_scalar_type(low), np.min_scalar_type(high)))


def reference_values(
    network: IntegerNetwork, raw: IntArray, folder: Path, embeddings: Collection[int] = ()
) -> list[StageValues]:
    """Features, logits and, where asked for, embeddings of every stage by the integer reference.

    Args:
        network: the integer network.
        raw: int64 (n, *input shape).
        folder: where the values are kept.
        embeddings: indices of the stages whose embedding is wanted.
    """
    kept = ",".join(map(str, sorted(embeddings)))
    path = folder / f"reference-{_key(network, raw, code_sha256('reference'), kept)}.npz"
    if path.is_file():
        arrays = {name: values.astype(np.int64) for name, values in read_npz(path).items()}
        return [
            StageValues(arrays[f"features{k}"], arrays[f"logits{k}"], arrays.get(f"embedding{k}"))
            for k in range(len(network.stages))
        ]
    values = execute(network, raw, embeddings=embeddings)
    buffer = io.BytesIO()
    arrays = {f"features{k}": _small(stage.features) for k, stage in enumerate(values)}
    arrays |= {f"logits{k}": _small(stage.logits) for k, stage in enumerate(values)}
    for k, stage in enumerate(values):
        if stage.embedding is not None:
            arrays[f"embedding{k}"] = _small(stage.embedding)
    np.savez(buffer, allow_pickle=False, **arrays)
    _keep(folder, "reference", path, buffer.getvalue())
    return values


def qkeras_verdict(
    network: IntegerNetwork, raw: IntArray, weights: bytes, folder: Path, ask: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """How QKeras compares with the reference; an agreement is remembered, a difference never.

    Args:
        network: the integer network.
        raw: int64 (n, *input shape).
        weights: the file QKeras loads.
        folder: where the verdict is kept.
        ask: runs QKeras: `samples`, and `mismatches` unless it could not be asked.
    """
    key = _key(network, raw, weights, code_sha256("reference", "training", "recipe", "simulation"))
    path = folder / f"qkeras-{key}.json"
    if path.is_file():
        verdict: dict[str, Any] = json.loads(path.read_text())
        return verdict
    verdict = ask()
    if not any(verdict.get("mismatches", {"not asked": 1}).values()):
        _keep(folder, "qkeras", path, json.dumps(verdict) + "\n")
    return verdict
