"""The rules against csynth reports in public repositories (facts: cycles, and where they stand).

All points, and errors over them: tests/estimate. Here are designs that the rules were not made for, as networks.
"""

from __future__ import annotations

import pytest

from hwgen.fixedpoint import FixedPoint
from hwgen.latency.interval import layer_interval, stream_interval
from hwgen.latency.layer import LayerShape
from hwgen.latency.products import Products
from hwgen.latency.rules import (
    Timing,
    latency_cycles,
    latency_interval,
    parallel_windowed,
    resource_cycles,
    stream_pixel_interval,
)
from hwgen.latency.settings import Settings, nearest_reuse_factor
from hwgen.latency.stage import Target, stage_cycles
from hwgen.reference.network import Tensor
from tests.networks import Builder, assemble

FAST, SLOW = "xcu250-figd2104-2L-e", "xc7z007s-clg225-2"


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
    cycles, _ = stage_cycles(network.stages[0], Target("stream", "Vivado", 5.0, {}, FAST))
    assert abs(cycles - 1044) <= 0.015 * 1044


def test_streamed_depthwise_convolution() -> None:
    """fastmachinelearning/hls4ml, CI baseline: depthwise 3x3 on 32x32x3, Vitis, 5 ns: 1028 cycles."""
    make = Builder(0)
    head = [make.flatten(), make.dense(2700, 2)]
    network = assemble(
        Tensor((32, 32, 3), FixedPoint(8, 0, False)), [([make.depthwise(3, padding="valid")], head)]
    )
    _, layers = stage_cycles(network.stages[0], Target("stream", "Vitis", 5.0, {}, FAST))
    assert abs(layers[0].last - 1028) <= 5


def test_parallel_convolution_takes_one_cycle_per_output_pixel() -> None:
    """fastmachinelearning/hls4ml, CI baseline: 4x4 kernel, stride 4, 28x28x3, Resource, reuse 1: 52 cycles."""
    assert parallel_windowed(7 * 7, 1, 1, 1) == 52


def products(terms: int, outputs: int, zeros: int, multiplications: int, longest: int) -> Products:
    rest = terms * outputs - zeros
    return Products(terms, outputs, zeros, (0, rest, 0), (0, 0, multiplications), longest)


@pytest.mark.parametrize(
    ("kernel", "reuse", "clock_ns", "cycles", "interval"),
    [
        # ArgyKokk/hls4ml_MLP_estimator, layers of HLS_MLPs/<name>, 8 by 8 bits, Vitis HLS 2021.1.
        (products(64, 32, 930, 275, 57), 1, 3.33, 8, 1),  # jet_tagging, config5
        (products(16, 64, 165, 247, 16), 1, 3.33, 6, 1),  # config2
        (products(8, 16, 36, 42, 6), 1, 3.33, 4, 1),  # ARRYTHMIA, config5: published 5
        (products(64, 32, 576, 188, 57), 1, 5.0, 6, 1),  # mnist, config8
        (products(20, 64, 472, 156, 18), 1, 5.0, 4, 1),  # HAR, config5
        (products(196, 56, 5100, 120, 129), 1, 5.0, 50, 1),  # mnist, config2, a chain: published 48
        (products(561, 20, 4381, 33, 494), 1, 5.0, 189, 1),  # HAR, config2, a chain: published 192
        (products(561, 20, 4381, 33, 494), 100, 5.0, 189, 100),
        (products(32, 10, 27, 120, 30), 100, 5.0, 32, 33),  # mnist, config11
        (products(64, 32, 930, 275, 57), 100, 3.33, 27, 28),  # jet_tagging, config5
    ],
)
def test_constant_sums_on_7_series(
    kernel: Products, reuse: int, clock_ns: float, cycles: int, interval: int
) -> None:
    found = latency_cycles(kernel, 8, 8, reuse, Timing("Vitis", clock_ns, SLOW))
    assert (found, latency_interval(reuse, found)) == (cycles, interval)


@pytest.mark.parametrize(
    ("kernel", "reuse", "cycles", "interval"),
    [
        # Dendendelen/wa-hls4ml-search, 16 by 8 to 14 bits, Vivado HLS 2020.1, 5 ns.
        (products(32, 32, 11, 288, 32), 1, 1, 1),
        (products(32, 32, 11, 288, 32), 512, 145, 146),
        (products(32, 32, 4, 683, 32), 1023, 343, 344),
        (products(32, 64, 0, 1947, 32), 1023, 650, 651),
        (products(32, 96, 36, 622, 32), 1023, 157, 158),
        (products(64, 32, 596, 0, 53), 1023, 2, 3),
    ],
)
def test_multiplications_take_turns_as_far_as_multipliers_go(
    kernel: Products, reuse: int, cycles: int, interval: int
) -> None:
    """Whatever the reuse factor asks for, a layer is done when its products are."""
    found = latency_cycles(kernel, 16, 8, reuse, Timing("Vivado", 5.0, FAST))
    assert (found, latency_interval(reuse, found)) == (cycles, interval)


@pytest.mark.parametrize(
    ("terms", "bits", "reuse", "cycles"), [(32, 8, 1024, 1026), (192, 8, 384, 386), (192, 2, 384, 385)]
)
def test_shared_sums_take_their_reuse_factor(terms: int, bits: int, reuse: int, cycles: int) -> None:
    assert resource_cycles(terms, bits, reuse, Timing("Vivado", 5.0, FAST)) == cycles


@pytest.mark.parametrize(
    ("part", "reuse", "cycles"),
    [
        ("xc7z020-clg400-1", 9, 20),  # ChiRuiChen/AutoEncoder_hls4ml: 23120 cycles for 34 x 34 pixels
        ("xc7z020-clg400-1", 36, 47),
        ("xc7z020-clg400-1", 72, 83),
        ("xcvu9p-flgb2104-2-i", 18, 23),  # Keb-L/hls4ml-data, model32: 2300 cycles for 10 x 10 pixels
        ("xcvu9p-flgb2104-2-i", 75, 80),  # model64: 32000 cycles for 20 x 20 pixels
    ],
)
def test_streamed_pixels_of_strategy_resource(part: str, reuse: int, cycles: int) -> None:
    assert stream_pixel_interval("resource", reuse, 0, Timing("Vivado", 5.0, part)) == cycles


@pytest.mark.parametrize(
    ("strategy", "depth", "cycles"),
    [
        (
            "resource",
            0,
            2,
        ),  # Alezander9/ML_FPGAonPixel, cnn_large, Vitis HLS 2023.1: 303 cycles for 10 x 15 pixels
        ("resource", 1, 3),  # 146 cycles for 6 x 8 pixels
        ("latency", 1, 3),  # seanlipps/ECE226_CoDesign, Vitis HLS 2024.1: 393 cycles for 130 pixels
    ],
)
def test_streamed_pixels_of_constant_sums_of_vitis(strategy: str, depth: int, cycles: int) -> None:
    assert stream_pixel_interval(strategy, 1, depth, Timing("Vitis", 5.0, FAST)) == cycles


@pytest.mark.parametrize(("zeros", "multiplications", "outputs", "cycles"), [(223, 23, 16, 15)])
def test_a_streamed_pixel_is_done_before_a_large_reuse_factor(
    zeros: int, multiplications: int, outputs: int, cycles: int
) -> None:
    """RishThakkar/PokerML, quantized_pruned_cnn, Vivado HLS 2019.2: 15362 cycles for 32 x 32 pixels at 256."""
    timing = Timing("Vivado", 5.0, FAST)
    own = latency_cycles(products(27, outputs, zeros, multiplications, 27), 16, 6, 256, timing)
    assert stream_pixel_interval("latency", 256, own, timing) == cycles


@pytest.mark.parametrize(
    ("part", "side", "cycles"),
    [
        ("xc7z020-clg400-1", 24, 1155),  # CestMerNeil/FPGA_Accelerator4NN_Inference, LeNet
        ("xc7z020-clg400-1", 30, 1803),  # pominiq/DNNonSilicon
        ("xczu5ev-sfvc784-2LV-e", 30, 903),  # RishThakkar/PokerML
    ],
)
def test_streamed_pooling(part: str, side: int, cycles: int) -> None:
    layer = LayerShape(
        "pool", "pool", (side, side, 16), (side // 2, side // 2, 16), 16, 16, window=(2, 2), strides=(2, 2)
    )
    assert stream_interval(layer, Timing("Vivado", 5.0, part)) == cycles


@pytest.mark.parametrize(
    ("reuse", "cycles"), [(7840, 7842), (10000, 10002), (39200, 823205), (40000, 840005)]
)
def test_long_loops_are_not_overlapped(reuse: int, cycles: int) -> None:
    """mgrailoo/HLS4ML_*, io_parallel, Vivado HLS 2020.1.1 (the last of them: published 840004)."""
    assert resource_cycles(784, 16, reuse, Timing("Vivado", 5.0, FAST)) == cycles
    # Nothing of the kind was published of Vitis HLS.
    assert resource_cycles(784, 16, reuse, Timing("Vitis", 5.0, FAST)) == reuse + 2


@pytest.mark.parametrize("backend", ["Vivado", "Vitis"])
@pytest.mark.parametrize("io", ["stream", "parallel"])
def test_a_loop_that_is_not_overlapped_is_not_begun_again_either(io: str, backend: str) -> None:
    def interval(reuse: int) -> int:
        settings = Settings("resource", reuse, 1, "Resource")
        layer = LayerShape(
            "dense", "dense", (784,), (100,), 16, 16, settings, products(784, 100, 0, 78400, 784), 16
        )
        return layer_interval(layer, io, Timing(backend, 5.0, "xcu250-figd2104-2L-e"))

    step = 21 if backend == "Vivado" else 1
    assert 39200 * step <= interval(39200) < 39200 * step + 10
    assert 7840 <= interval(7840) < 7850


@pytest.mark.parametrize(
    ("inputs", "outputs", "wanted", "built"),
    [(32, 32, 1024, 1024), (32, 32, 3, 2), (5, 4, 3, 1), (5, 4, 4, 5), (5, 4, 99, 20), (1, 1, 9, 1)],
)
def test_reuse_factor_is_the_nearest_that_hls4ml_can_build(
    inputs: int, outputs: int, wanted: int, built: int
) -> None:
    assert nearest_reuse_factor(inputs, outputs, wanted) == built
