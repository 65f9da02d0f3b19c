"""How large a stage is once it is unrolled, and which are too large for that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwgen.errors import RecipeError
from hwgen.fixedpoint import FixedPoint
from hwgen.reference.executor import run_layer
from hwgen.reference.layers import Layer, Weighted
from hwgen.reference.network import Stage, Tensor, trace_layers

LIMIT = 10_000
"""Most non-zero MACs of a stage that is unrolled.

Every one becomes hardware of its own, 4 to 10 LUTs at 4 to 6 bits: 10,000 fill a fifth of a large part, take
minutes in Verilator and longer in synthesis. Ten times as many fit no part.
"""

WIDEST = 48
"""Most bits of a sum that is unrolled: da4ml computes ranges in floating point, exact to 53 bits."""

_COUNT = FixedPoint(32, 32)


def _layer_macs(layer: Weighted, source: Tensor) -> int:
    """Non-zero products of one layer; taps that lie in the padding are none."""
    present = (layer.kernel != 0).astype(np.int64)
    counter = replace(
        layer, kernel=present, kernel_format=_COUNT, bias=np.zeros_like(layer.bias), bias_format=_COUNT
    )
    ones = np.ones((1, *source.shape), dtype=np.int64)
    return int(run_layer(counter, ones, FixedPoint(2, 2)).sum())


def _count(layers: tuple[Layer, ...], source: Tensor) -> int:
    tensors = trace_layers(layers, source)
    pairs = zip(layers, tensors[:-1], strict=True)
    return sum(_layer_macs(layer, before) for layer, before in pairs if isinstance(layer, Weighted))


def nonzero_macs(stage: Stage) -> int:
    """Multiply-accumulates of backbone and head whose weight is not zero, for one sample."""
    return _count(stage.backbone, stage.source) + _count(stage.head, stage.features)


def check_size(stage: Stage, limit: int = LIMIT) -> int:
    """Refuses a stage that cannot be unrolled; returns its non-zero MACs.

    Raises:
        RecipeError: it has more non-zero MACs than `limit`, or a sum wider than `WIDEST` bits.
    """
    macs = nonzero_macs(stage)
    if macs > limit:
        raise RecipeError(
            stage.name,
            f"has {macs} non-zero multiply-accumulates, firmware.rtl: da4ml unrolls at most {limit}",
            "make the stage smaller or split it, use fewer weight bits, or leave firmware.rtl out: "
            "the stage is then simulated as its compiled C++",
        )
    for layers, source in ((stage.backbone, stage.source), (stage.head, stage.features)):
        for layer, tensor in zip(layers, trace_layers(layers, source)[1:], strict=True):
            if tensor.format.width > WIDEST:
                raise RecipeError(
                    f"{stage.name}, layer {layer.name}",
                    f"its values have {tensor.format.width} bits, firmware.rtl: da4ml takes at most {WIDEST}",
                    "use fewer bits for weights, activations or bias",
                )
    return macs
