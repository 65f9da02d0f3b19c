"""Strategy and reuse factor of a layer, read from the recipe's `hls` as hls4ml reads them."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hwgen.reference.layers import Conv2D, Dense, DepthwiseConv2D, Layer, Weighted

CLASS_NAMES: dict[type[Layer], str] = {Dense: "Dense", Conv2D: "Conv2D", DepthwiseConv2D: "DepthwiseConv2D"}
"""hls4ml's names of the layers whose strategy can be chosen, as `hls.LayerType` uses them."""


@dataclass(frozen=True)
class Settings:
    """How hls4ml is told to build one layer.

    Args:
        strategy: `latency` or `resource`; what else hls4ml knows is taken as the nearer of the two.
        reuse_factor: multiplications that share one multiplier, as hls4ml will set it.
        parallel_pixels: io_parallel convolutions: pixels computed side by side.
        named: the strategy as written.
    """

    strategy: str
    reuse_factor: int
    parallel_pixels: int
    named: str

    @property
    def in_memory(self) -> bool:
        """Whether weights are read from memory; else they are constants."""
        return self.strategy == "resource" and self.reuse_factor > 1


def _look_up(hls: Mapping[str, Any], layer: Layer, key: str) -> Any:
    """LayerName before LayerType before Model; names without regard to case."""
    sections = (("LayerName", layer.name), ("LayerType", CLASS_NAMES.get(type(layer), "")))
    for section, name in sections:
        for entry, values in (hls.get(section) or {}).items():
            if (
                str(entry).lower() == name.lower()
                and isinstance(values, Mapping)
                and values.get(key) is not None
            ):
                return values[key]
    model = hls.get("Model")
    return model.get(key) if isinstance(model, Mapping) else None


def named_strategy(hls: Mapping[str, Any], layer: Layer) -> str | None:
    """The strategy that the recipe's `hls` names for a layer, as written; None if it names none."""
    named = _look_up(hls, layer, "Strategy")
    return None if named is None else str(named)


def kind_of_strategy(named: str) -> str:
    """`latency` or `resource`: what else hls4ml knows is taken as the nearer of the two."""
    return "resource" if named.lower() in ("resource", "resource_unrolled", "unrolled") else "latency"


def divisors(products: int) -> list[int]:
    """All divisors, in order."""
    small = [value for value in range(1, math.isqrt(products) + 1) if products % value == 0]
    return sorted({*small, *(products // value for value in small)})


def _positive(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 1 else 1


def layer_settings(hls: Mapping[str, Any], layer: Layer) -> Settings:
    """Settings of one layer.

    Args:
        hls: the recipe's `hls`: {Model: {...}, LayerType: {...}, LayerName: {...}}.
        layer: any layer; only weighted ones have a strategy.
    """
    named = named_strategy(hls, layer) or "Latency"
    strategy = kind_of_strategy(named)
    reuse = _positive(_look_up(hls, layer, "ReuseFactor"))
    if strategy == "resource" and isinstance(layer, Weighted):
        inputs, outputs = layer.kernel_matrix().shape
        reuse = nearest_reuse_factor(int(inputs), int(outputs), reuse)
    return Settings(strategy, reuse, _positive(_look_up(hls, layer, "ParallelizationFactor")), named)


def is_valid_reuse_factor(inputs: int, outputs: int, reuse: int) -> bool:
    """Whether hls4ml's Resource kernels can be built with this reuse factor.

    It divides the number of products, and its multipliers either serve whole rows of outputs
    (reuse below the number of inputs) or whole columns of inputs.
    """
    if (inputs * outputs) % reuse:
        return False
    if reuse < inputs:
        return -(-inputs * outputs // reuse) % outputs == 0
    return reuse % inputs == 0


def nearest_reuse_factor(inputs: int, outputs: int, wanted: int) -> int:
    """The reuse factor that hls4ml takes instead of `wanted`; of two equally near, the smaller.

    Published designs confirm it: initiation interval = nearest valid reuse factor, 668 of 668 dense layers with
    weights in memory (tests/estimate/test_rules.py).
    """
    valid = [value for value in divisors(inputs * outputs) if is_valid_reuse_factor(inputs, outputs, value)]
    place = bisect_left(valid, wanted)
    if place == 0:
        return valid[0]
    if place == len(valid):
        return valid[-1]
    below, above = valid[place - 1], valid[place]
    return above if above - wanted < wanted - below else below
