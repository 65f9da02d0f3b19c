"""Networks of growing size with random weights: three convolutions with pools, and a classifier."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from csim.case import Case
from hwgen.calibration import Calibration
from hwgen.calibration.result import Measured, Policy
from hwgen.data.dataset import Split
from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.reference.executor import execute
from hwgen.reference.layers import Activation, Conv2D, Dense, Flatten, Layer, MaxPool2D
from hwgen.reference.network import IntegerNetwork, Stage, Tensor

SIZES = ((8, 12), (16, 12), (16, 24), (32, 24), (32, 36))
"""(length of the image's sides, channels of the first convolution): images and channels grow together."""
CLASSES = 10

_PIXEL = FixedPoint(8, 0, False)
_WEIGHT = FixedPoint(8, 0)
_BIAS = FixedPoint(8, 1)
_ACTIVATION = FixedPoint(8, 3, False)


def random_network(side: int, channels: int, seed: int = 0) -> IntegerNetwork:
    """One stage on images of side x side x 3."""
    rng = np.random.default_rng(seed)

    def raw(fmt: FixedPoint, *shape: int) -> IntArray:
        return rng.integers(fmt.min_raw, fmt.max_raw + 1, size=shape)

    layers: list[Layer] = []
    inputs = 3
    for number, outputs in enumerate((channels, 2 * channels, 4 * channels), 1):
        kernel, bias = raw(_WEIGHT, 3, 3, inputs, outputs), raw(_BIAS, outputs)
        layers += [
            Conv2D(f"conv{number}", kernel, _WEIGHT, bias, _BIAS, (1, 1), "same"),
            Activation(f"relu{number}", "relu", _ACTIVATION),
            MaxPool2D(f"pool{number}", (2, 2), (2, 2)),
        ]
        inputs = outputs
    size = (side // 8) ** 2 * inputs
    head = Dense("dense", raw(_WEIGHT, size, CLASSES), _WEIGHT, raw(_BIAS, CLASSES), _BIAS)
    source = Tensor((side, side, 3), _PIXEL)
    return IntegerNetwork((Stage("stage1", source, tuple(layers), (Flatten("flatten"), head)),))


def random_case(base: Case, side: int, channels: int, samples: int) -> Case:
    """A random network with random samples; firmware settings are those of `base`."""
    network = random_network(side, channels)
    shape = network.source.shape
    raw = np.random.default_rng(1).integers(0, _PIXEL.max_raw + 1, size=(samples, *shape))
    split = Split(raw, np.zeros(samples, dtype=np.int64))
    data = replace(base.data, test=split, calibration=split, shape=shape, format=_PIXEL, ood=None)
    policy = Policy(0.0, [], None, Measured(0.0, 0.0, 0.0, []))
    calibration = Calibration("cascade", "joint", samples, 0.0, ["stage1"], [None], [policy], 0)
    return Case(base.loaded, network, calibration, data, execute(network, raw))
