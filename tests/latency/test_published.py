"""The rules against csynth reports in public repositories (facts: latency in cycles, and where it stands)."""

from __future__ import annotations

import pytest

from hwgen.fixedpoint import FixedPoint
from hwgen.latency.rules import parallel_windowed, sum_depth
from hwgen.latency.settings import Settings, nearest_reuse_factor
from hwgen.latency.stage import Target, stage_cycles
from hwgen.reference.network import Tensor
from tests.networks import Builder, assemble


def test_streamed_cnn_takes_its_pixels_and_a_little_more() -> None:
    """fastmachinelearning/hls4ml-tutorial, pruned_cnn: 32x32x3 SVHN, Vivado HLS 2020.1, 5 ns: 1044 cycles."""
    make = Builder(0)
    conv = [
        make.conv(3, 16, padding="valid"), make.relu(), make.pool(),
        make.conv(16, 16, padding="valid"), make.relu(), make.pool(),
        make.conv(16, 24, padding="valid"), make.relu(), make.pool(),
    ]  # fmt: skip
    head = [
        make.flatten(), make.dense(96, 42), make.relu(), make.dense(42, 64), make.relu(), make.dense(64, 10),
    ]  # fmt: skip
    network = assemble(Tensor((32, 32, 3), FixedPoint(8, 0, False)), [(conv, head)])
    cycles, _ = stage_cycles(network.stages[0], Target("stream", "Vivado", 5.0, {}))
    assert abs(cycles - 1044) <= 0.03 * 1044


def test_streamed_depthwise_convolution() -> None:
    """fastmachinelearning/hls4ml, CI baseline: depthwise 3x3 on 32x32x3, Vitis, 5 ns: 1028 cycles."""
    make = Builder(0)
    head = [make.flatten(), make.dense(2700, 2)]
    network = assemble(
        Tensor((32, 32, 3), FixedPoint(8, 0, False)), [([make.depthwise(3, padding="valid")], head)]
    )
    _, layers = stage_cycles(network.stages[0], Target("stream", "Vitis", 5.0, {}))
    assert abs(layers[0].last - 1028) <= 5


def test_parallel_convolution_takes_one_cycle_per_output_pixel() -> None:
    """fastmachinelearning/hls4ml, CI baseline: 4x4 kernel, stride 4, 28x28x3, Resource, reuse 1: 52 cycles."""
    layer = Builder(0).conv(3, 32, kernel=4, strides=4)
    cycles = parallel_windowed(layer, (7, 7, 32), Settings("resource", 1, 1, "Resource"), "Vitis", 5.0)
    assert abs(cycles - 52) <= 1


VITIS_MLPS = [
    # ArgyKokk/hls4ml_MLP_estimator, HLS_MLPs/<name>, DSP_reuse1: pruned, 8-bit weights, Vitis HLS 2021.1.
    ("ARRYTHMIA", (274, 8), 3.33, 40),
    ("Breast_cancer", (10, 5, 3), 5.0, 22),
    ("CARDIO", (21, 3), 3.33, 29),
    ("HAR", (561, 20, 64, 64), 5.0, 229),
    ("jet_tagging", (16, 64, 32, 32), 3.33, 58),
    ("mnist", (196, 56, 64, 32), 5.0, 89),
]


@pytest.mark.parametrize(("name", "inputs", "clock_ns", "published"), VITIS_MLPS)
def test_depth_of_vitis_sums_is_within_a_factor_of_three(
    name: str, inputs: tuple[int, ...], clock_ns: float, published: int
) -> None:
    estimate = sum(sum_depth(count, "Vitis", clock_ns) + 1 for count in inputs)
    assert published / 3 <= estimate <= published * 3, name


@pytest.mark.parametrize(
    "published", [9, 13, 15]
)  # the same MLP on three parts (hls4ml-tutorial and a fork of it)
def test_depth_of_vivado_sums_is_within_a_factor_of_two(published: int) -> None:
    estimate = sum(sum_depth(count, "Vivado", 5.0) + 1 for count in (16, 64, 32, 32))
    assert published / 2 <= estimate <= published * 2


@pytest.mark.parametrize(
    ("inputs", "outputs", "wanted", "built"),
    [(32, 32, 1024, 1024), (32, 32, 3, 2), (5, 4, 3, 1), (5, 4, 4, 5), (5, 4, 99, 20), (1, 1, 9, 1)],
)
def test_reuse_factor_is_the_nearest_that_hls4ml_can_build(
    inputs: int, outputs: int, wanted: int, built: int
) -> None:
    assert nearest_reuse_factor(inputs, outputs, wanted) == built
