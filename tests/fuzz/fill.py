"""Draws what depends on the built network: weights, hls settings, thresholds, samples."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np

from hwgen.calibration import (
    AbstainThreshold,
    Calibration,
    Measured,
    Policy,
    Threshold,
    TrainingValues,
    fit_gates,
)
from hwgen.criteria import Gate, Seen, observe
from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.recipe.schema import Exits
from hwgen.reference.executor import StageValues
from hwgen.reference.layers import DepthwiseConv2D, Weighted, Windowed
from hwgen.reference.network import IntegerNetwork, Tensor
from hwgen.training import KerasNetwork

_QUANTISERS = {
    "kernel": "kernel_quantizer_internal",
    "bias": "bias_quantizer_internal",
    "depthwise_kernel": "depthwise_quantizer_internal",
    "pointwise_kernel": "pointwise_quantizer_internal",
}


def _values(rng: np.random.Generator, fmt: FixedPoint, shape: tuple[int, ...]) -> IntArray:
    """Raw integers in one of the ways weights can lie: everywhere, near zero, mostly zero, at the ends."""
    style = rng.choice(["all", "near", "sparse", "ends"], p=[0.5, 0.25, 0.15, 0.1])
    raw = rng.integers(fmt.min_raw, fmt.max_raw + 1, size=shape)
    if style == "near":
        raw = np.rint(rng.normal(0, max(fmt.max_raw / 4, 0.7), size=shape)).astype(np.int64)
    elif style == "sparse":
        raw = np.where(rng.random(shape) < 0.7, 0, raw)
    elif style == "ends":
        raw = np.where(rng.random(shape) < 0.5, fmt.min_raw, fmt.max_raw)
    return np.clip(raw, fmt.min_raw, fmt.max_raw)


def fill_weights(network: KerasNetwork, seed: int) -> None:
    """Gives every weight a random value on the grid of its quantiser."""
    rng = np.random.default_rng([seed, 1])
    for node in network.nodes():
        for name, variable in node.weights():
            quantiser = getattr(node.layer, _QUANTISERS[name])
            fmt = FixedPoint.from_recipe(int(quantiser.bits), int(quantiser.integer), signed=True)
            variable.assign(fmt.to_real(_values(rng, fmt, tuple(variable.shape))))


def draw_hls(network: IntegerNetwork, io: str, backend: str, seed: int) -> dict[str, Any]:
    """The recipe's `hls`: strategy and reuse factor for all layers, or for some by name."""
    rng = random.Random(f"hls-{seed}")
    strategies = ("Latency", "Resource", "Resource_Unrolled")
    model: dict[str, Any] = {}
    if rng.random() < 0.6:
        model["Strategy"] = rng.choices(strategies, (45, 45, 10))[0]
    if rng.random() < 0.5:
        model["ReuseFactor"] = rng.choice((1, 2, 3, 4, 6, 8, 12, 16))
    if io == "stream" and rng.random() < (0.3 if backend == "Vivado" else 0.02):
        model["ConvImplementation"] = "Encoded"
    named: dict[str, Any] = {}
    for stage in network.stages:
        for layer in (*stage.backbone, *stage.head):
            if isinstance(layer, Weighted) and rng.random() < 0.3:
                size = layer.kernel_matrix().size
                factors = [factor for factor in range(1, size + 1) if size % factor == 0]
                named[layer.name] = {
                    "Strategy": rng.choices(strategies, (45, 45, 10))[0],
                    "ReuseFactor": rng.choice(factors),
                }
            # Anything else is refused there: rarely drawn.
            if isinstance(layer, DepthwiseConv2D) and io == "parallel" and rng.random() < 0.95:
                named.setdefault(layer.name, {})["Strategy"] = "Latency"
            if isinstance(layer, Windowed) and io == "parallel" and rng.random() < 0.1:
                named.setdefault(layer.name, {})["ParallelizationFactor"] = rng.choice((1, 2, 3, 4))
    return {key: value for key, value in {"Model": model, "LayerName": named}.items() if value}


def draw_samples(source: Tensor, count: int, seed: int) -> IntArray:
    """Raw inputs: all smallest, all largest, zeros, random ends, mostly zero, and anything."""
    fmt, rng = source.format, np.random.default_rng([seed, 2])
    raw = rng.integers(fmt.min_raw, fmt.max_raw + 1, size=(count, *source.shape))
    raw[0], raw[1], raw[2] = fmt.min_raw, fmt.max_raw, 0
    ends = rng.random((4, *source.shape)) < 0.5
    raw[3:7] = np.where(ends, fmt.min_raw, fmt.max_raw)
    raw[7:11] = np.where(rng.random((4, *source.shape)) < 0.8, 0, raw[7:11])
    return raw


def _threshold(rng: random.Random, gate: Gate, seen: Seen) -> int | None:
    """One that splits the samples, one anywhere, one at an end of the register; None disables."""
    way = rng.choices(("sample", "any", "end", "off"), (65, 12, 8, 15))[0]
    if way == "sample":
        return int(rng.choice(gate.critical_raw(seen).tolist()))
    if way == "any":
        return rng.randint(0, gate.max_raw)
    return rng.choice((0, gate.max_raw)) if way == "end" else None


def draw_calibration(
    network: IntegerNetwork, exits: Exits, values: list[StageValues], seed: int
) -> Calibration:
    """One to three policies with random thresholds; a temperature and parameters of a gate that are as odd."""
    rng = random.Random(f"thresholds-{seed}")
    temperature = math.exp(rng.uniform(-2.9, 2.9)) if rng.random() < 0.3 else 1.0
    drawn = exits.model_copy(update={"temperature": temperature})
    samples = len(values[0].logits)
    labels = np.array([rng.randrange(network.classes) for _ in range(samples)])
    gates = fit_gates(network, drawn, values, labels, seed, TrainingValues(values, samples))
    seen = observe(gates, values)
    policies = []
    for number in range(rng.randint(1, 3)):
        settings = [
            None if gate is None else (gate, _threshold(rng, gate, here))
            for gate, here in zip(gates, seen, strict=True)
        ]
        early = [
            Threshold(raw is not None, None if raw is None else gate.to_real(raw), raw, 0)
            for gate, raw in (setting for setting in settings[:-1] if setting is not None)
        ]
        last = None
        if settings[-1] is not None:
            gate, raw = settings[-1]
            last = AbstainThreshold(raw is not None, None if raw is None else gate.to_real(raw), raw, 0.0)
        policies.append(Policy(float(number), early, last, Measured(0.0, 0.0, 0.0, [])))
    names = [stage.name for stage in network.stages]
    active = rng.randrange(len(policies))
    return Calibration("cascade", "joint", samples, 0.0, names, gates, policies, active)
