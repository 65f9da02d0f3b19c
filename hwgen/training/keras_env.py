"""The one place that imports TensorFlow, Keras and QKeras, and makes them repeatable.

QKeras 0.9 needs Keras 2 (`tf_keras`), chosen by an environment variable before TensorFlow is first
imported, and `np.product`, which NumPy 2 dropped; its quantisers fail where `integer` is negative.
Everything is imported on first use only.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from hwgen.errors import ToolFailed, ToolMissing

THREADS = 2
"""Threads of one TensorFlow operation. Fixed, so that sums do not depend on the number of cores."""


@dataclass(frozen=True)
class KerasEnv:
    """The imported modules.

    Args:
        tf: tensorflow.
        keras: tf_keras (Keras 2).
        qkeras: qkeras.
    """

    tf: Any
    keras: Any
    qkeras: Any

    @property
    def versions(self) -> dict[str, str]:
        """Package name -> version of what decides the trained bits."""
        return {
            "tensorflow": self.tf.__version__,
            "tf_keras": self.keras.__version__,
            "qkeras": self.qkeras.__version__,
            "numpy": np.__version__,
        }


class ModuleView:
    """A module in which some names mean something else."""

    def __init__(self, module: Any, **replaced: Any) -> None:
        self._module = module
        self.__dict__.update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _allow_negative_integer_bits(quantizers: Any) -> None:
    """QKeras computes 2**integer in int32, which fails below zero."""
    backend = quantizers.K

    def power(base: Any, exponent: Any) -> Any:
        if isinstance(exponent, int) and exponent < 0:
            return backend.constant(float(base) ** exponent)
        return backend.pow(base, exponent)

    quantizers.K = ModuleView(backend, pow=power)


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    """Hides what TensorFlow's C++ part writes before its log level is read."""
    sys.stderr.flush()
    kept = os.dup(2)
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(sink)


@cache
def keras_env() -> KerasEnv:
    """Imports the training packages once.

    Raises:
        ToolMissing: one of them is not installed.
        ToolFailed: TensorFlow was imported before with Keras 3 chosen.
    """
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    if not hasattr(np, "product"):
        np.product = np.prod  # type: ignore[attr-defined]  # noqa: NPY003, NPY201
    try:
        with _silent_stderr():
            import tensorflow as tf
            import tf_keras

            if tf.keras.layers.Layer is not tf_keras.layers.Layer:
                raise ToolFailed(
                    "TensorFlow",
                    "was imported with Keras 3 before hwgen",
                    "set the environment variable TF_USE_LEGACY_KERAS=1 before importing tensorflow",
                )
            import qkeras
            from qkeras import quantizers

            with contextlib.suppress(RuntimeError):  # the process already runs TensorFlow: its threads stay
                tf.config.threading.set_intra_op_parallelism_threads(THREADS)
                tf.config.threading.set_inter_op_parallelism_threads(1)
            tf.config.experimental.enable_op_determinism()
            tf.zeros(()) + 1.0  # starts the runtime while its messages are hidden
    except ImportError as error:
        raise ToolMissing(
            "training",
            f"cannot import {error.name or error}",
            "pip install tensorflow tf-keras qkeras pyparsing",
        ) from error
    _allow_negative_integer_bits(quantizers)
    tf.get_logger().setLevel("ERROR")
    return KerasEnv(tf, tf_keras, qkeras)


def set_seed(seed: int) -> None:
    """Restarts every random generator that Keras, TensorFlow and NumPy draw from."""
    keras_env().keras.utils.set_random_seed(seed)
