"""Layers of published points: the layouts that the sets use, read into the estimator's own.

Short entries (`dense` with `n_in` and `n_out`, `conv2d` with `in`, `filters` and `kernel`, ...), and the structures of
hls4ml's parameters.h with the types of its defines.h.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hwgen.latency.layer import PLAIN, LayerShape
from hwgen.latency.products import Products, assumed_products
from hwgen.latency.rules import TABLE_FUNCTIONS
from hwgen.latency.settings import Settings, nearest_reuse_factor

DEFAULT_BITS, DEFAULT_INTEGER = 16, 6
RELUS = ("relu", "leaky_relu", "prelu")


class Unusable(Exception):
    """A point that says too little of its design to be estimated."""


def width_of(text: str, default: tuple[int, int] = (DEFAULT_BITS, DEFAULT_INTEGER)) -> tuple[int, int]:
    found = re.search(r"fixed<\s*(\d+)\s*,\s*(-?\d+)", str(text))
    return (int(found[1]), int(found[2])) if found else default


def _products(
    entry: Mapping[str, Any], terms: int, outputs: int, weight: tuple[int, int], sparsity: float
) -> Products:
    known = entry.get("products")
    if known:
        digits, distinct = known["digits"], known["distinct"]
        return Products(
            terms,
            outputs,
            entry.get("n_zeros", known["zeros"]),
            (digits[0], digits[1], digits[2]),
            (distinct[0], distinct[1], distinct[2]),
            known["longest"],
            known["narrow"],
        )
    zeros = entry["n_zeros"] / (terms * outputs) if "n_zeros" in entry else sparsity
    return assumed_products(terms, outputs, weight[0], weight[0] - weight[1], zeros)


class Reader:
    """Reads one point's layers, carrying shape and width from layer to layer."""

    def __init__(self, point: Mapping[str, Any]) -> None:
        self.point = point
        self.types = point.get("types") or {}
        self.bits = width_of(self.types.get("input_t", point.get("precision") or ""))[0]
        self.shape: tuple[int, ...] = ()
        told = point.get("sparsity")
        # "50% zeros" and the like, wherever a source says it.
        said = re.search(r"(\d+)% (?:zeros|sparsity)", f"{told} {point.get('model')}")
        self.sparsity = float(told) if isinstance(told, float) else int(said[1]) / 100 if said else 0.0
        self.calls = {call["targs"].split(",")[-1].strip(): call for call in point.get("layer_calls") or ()}

    def _out_bits(self, entry: Mapping[str, Any], default: int) -> int:
        if "output_bits" in entry:
            return int(entry["output_bits"])
        call = self.calls.get(entry.get("name", ""))
        if call:
            parts = [part.strip() for part in call["targs"].split(",")]
            return width_of(self.types.get(parts[1], ""))[0]
        return default

    def _settings(self, entry: Mapping[str, Any], terms: int, outputs: int) -> Settings:
        strategy = str(entry.get("strategy") or self.point["strategy"]).split("::")[-1].lower()
        wanted = entry.get("reuse_factor", self.point["reuse_factor"])
        if not isinstance(wanted, int):
            raise Unusable("no reuse factor")
        built = nearest_reuse_factor(terms, outputs, wanted) if strategy == "resource" else wanted
        return Settings(strategy, built, 1, strategy)

    def _weight(self, entry: Mapping[str, Any]) -> tuple[int, int]:
        bits = entry.get("weight_bits", self.point.get("weight_bits"))
        if bits:
            return int(bits), int(entry.get("weight_integer", 1))
        if "weight_t" in entry and "fixed" in str(entry["weight_t"]):
            return width_of(entry["weight_t"])
        text = str(self.point.get("precision"))
        found = re.search(r"weights?[^\d]*quantized_bits\((\d+)|weight/bias (\d+) bit", text)
        return (int(found[1] or found[2]), 1) if found else width_of(text)

    def _weighted(self, entry: Mapping[str, Any], kind: str) -> LayerShape:
        weight = self._weight(entry)
        window, strides = (1, 1), (1, 1)
        if kind == "dense":
            terms, outputs = int(entry["n_in"]), int(entry["n_out"])
            source, result = (terms,), (outputs,)
        else:
            source = tuple(entry["in"]) if len(entry["in"]) == 3 else (1, *entry["in"])
            size = entry["kernel"]
            window = (1, size) if isinstance(size, int) else (size[0], size[1])
            strides = tuple(entry.get("strides", (1, 1)))  # type: ignore[assignment]
            channels = source[2]
            outputs = channels if kind == "depthwise" else int(entry["filters"])
            terms = window[0] * window[1] * (1 if kind == "depthwise" else channels)
            same = entry.get("padding") == "same"
            size2 = [
                -(-length // step) if same else (length - width) // step + 1
                for length, width, step in zip(source, window, strides, strict=False)
            ]
            result = (size2[0], size2[1], outputs)
        products = _products(entry, terms, outputs, weight, self.sparsity)
        layer = LayerShape(
            str(entry.get("name", kind)),
            kind,
            source,
            result,
            int(entry.get("input_bits", self.bits)),
            self._out_bits(entry, DEFAULT_BITS),
            self._settings(entry, terms, outputs),
            replace(products, planes=outputs if kind == "depthwise" else 1),
            weight[0],
            window,
            strides,
            str(entry.get("padding", "valid")),
        )
        self.shape, self.bits = layer.result, layer.output_bits
        return layer

    def _plain(self, entry: Mapping[str, Any], kind: str, function: str = "") -> LayerShape:
        shape = self.shape or (int(entry.get("n", entry.get("n_in", 1))),)
        narrow = re.search(r"quantized_relu\((\d+)\)|relu (\d+) bit", str(self.point.get("precision")))
        default = int(narrow[1] or narrow[2]) if narrow and function in RELUS else DEFAULT_BITS
        out = self._out_bits(entry, default)
        slope = entry.get("alpha")
        if slope is not None and math.log2(slope) % 1:
            function = "scaled_relu"
        wanted = self.point["reuse_factor"]
        settings = replace(PLAIN, reuse_factor=wanted) if isinstance(wanted, int) else PLAIN
        layer = LayerShape(
            str(entry.get("name", kind)), kind, shape, shape, self.bits, out, settings, function=function
        )
        self.bits = out
        return layer

    def _pool(self, entry: Mapping[str, Any]) -> LayerShape:
        source = tuple(entry.get("in") or self.shape)
        flat = len(source) == 2
        source = (1, *source) if flat else source
        size = int(entry["pool"])
        window = (1, size) if flat else (size, size)
        same = entry.get("padding") == "same"
        result = tuple(
            -(-length // step) if same else (length - step) // step + 1
            for length, step in zip(source[:2], window, strict=True)
        )
        function = "average" if "Average" in entry["kind"] else ""
        layer = LayerShape(
            "pool", "pool", source, (*result, source[2]), self.bits, self.bits, window=window,
            strides=window, padding=str(entry.get("padding", "valid")), function=function,
        )  # fmt: skip
        self.shape = layer.result
        return layer

    def read(self, entry: Mapping[str, Any]) -> LayerShape | None:
        kind, name = entry["kind"], str(entry.get("name", ""))
        if kind in ("dense", "dense_config"):
            return self._weighted(entry, "dense")
        if kind in ("conv1d", "conv2d"):
            return self._weighted(entry, "conv")
        if kind.startswith("depthwise"):
            return self._weighted(entry, "depthwise")
        if "pool" in kind.lower():
            return self._pool(entry)
        if kind == "flatten":
            size = int(entry["n"])
            layer = LayerShape("flatten", "flatten", self.shape, (size,), self.bits, self.bits)
            self.shape = (size,)
            return layer
        if kind == "normalise":
            return self._plain(entry, kind)
        if kind == "softmax" or "softmax" in name:
            return self._plain(entry, "softmax")
        if kind == "activ_config":
            return self._plain(entry, "activation", name.split("_config")[0].lower())
        if kind in (*RELUS, *TABLE_FUNCTIONS, "linear"):
            return self._plain(entry, "activation", kind)
        if kind in ("batchnorm", "batchnorm_config"):
            return None  # folded into the layer in front, or a scale by a power of two
        raise Unusable(f"layer {kind}")
