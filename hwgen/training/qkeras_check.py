"""Runs the QKeras layers themselves in double precision and returns raw integers.

QKeras computes in float32, where a sum of 12-bit by 12-bit products is no longer exact. Here its
own layer code and its own quantiser code run in float64, in which all sums are exact: Keras'
float type is float64 for the time of the call, and the float32 casts that `quantized_relu` holds
in its source are redirected.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from hwgen.errors import NetworkError
from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.reference.executor import StageValues
from hwgen.training.keras_env import ModuleView, keras_env
from hwgen.training.network import KerasNetwork, Node

CHUNK = 500
"""Samples evaluated at a time."""
_LOCK = threading.Lock()


@contextlib.contextmanager
def double_precision() -> Iterator[None]:
    """Makes QKeras quantisers and layer calls compute in float64."""
    env = keras_env()
    from qkeras import quantizers

    backend, tf = quantizers.K, quantizers.tf

    def cast(values: Any, dtype: Any) -> Any:
        return backend.cast(values, "float64" if dtype == "float32" else dtype)

    with _LOCK:
        floatx = env.keras.backend.floatx()
        env.keras.backend.set_floatx("float64")
        quantizers.K, quantizers.tf = ModuleView(backend, cast=cast), ModuleView(tf, float32=tf.float64)
        try:
            yield
        finally:
            quantizers.K, quantizers.tf = backend, tf
            env.keras.backend.set_floatx(floatx)


def _apply(nodes: tuple[Node, ...], values: Any) -> Any:
    """The layers' own `call`, without Keras' cast of the inputs to the layer's float32."""
    for node in nodes:
        if type(node.layer).__name__ != "Dropout":
            values = node.layer.call(values)
    return values


def _raw(values: Any, fmt: FixedPoint, what: str) -> IntArray:
    scaled = values.numpy() / fmt.lsb
    raw = np.rint(scaled)
    if not np.array_equal(raw, scaled):
        raise NetworkError(
            what, f"QKeras gives values off the grid of {fmt.cpp()}", "use quantised layers only"
        )
    return raw.astype(np.int64)


def qkeras_values(network: KerasNetwork, raw: IntArray) -> list[StageValues]:
    """What QKeras computes for every stage, as `hwgen.reference.executor.execute` returns it.

    Args:
        network: a trained or freshly built network.
        raw: int64 (n, *shape), raw values of the network's input format.
    Returns:
        Features and logits of every stage for all samples, raw integers of the exact formats.
    Raises:
        NetworkError: a value is not on the grid of its exact format.
    """
    exact = network.export()
    tf = keras_env().tf
    chunks: list[list[tuple[IntArray, IntArray]]] = [[] for _ in network.stages]
    with double_precision():
        for start in range(0, len(raw), CHUNK):
            values = tf.constant(network.source.format.to_real(raw[start : start + CHUNK]))
            for number, (stage, formats) in enumerate(zip(network.stages, exact.stages, strict=True)):
                values = _apply(stage.backbone, values)
                logits = _apply(stage.head, values)
                chunks[number].append(
                    (
                        _raw(values, formats.features.format, f"{formats.name} features"),
                        _raw(logits, formats.logits.format, f"{formats.name} logits"),
                    )
                )
    return [
        StageValues(np.concatenate([pair[0] for pair in stage]), np.concatenate([pair[1] for pair in stage]))
        for stage in chunks
    ]
