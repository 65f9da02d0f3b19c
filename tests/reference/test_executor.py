"""The executor against the naive definition, layer by layer and as whole networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.errors import RangeError
from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.reference import executor
from hwgen.reference.executor import classify, execute, execute_stage, run_layer
from hwgen.reference.layers import Activation, Layer, MaxPool2D
from hwgen.reference.network import IntegerNetwork, Tensor
from tests.networks import Builder, assemble, images, samples, tabular
from tests.reference import naive

few = settings(max_examples=40, deadline=None)


@st.composite
def small_formats(draw: st.DrawFn) -> FixedPoint:
    width = draw(st.integers(1, 9))
    return FixedPoint(width, draw(st.integers(-2, width + 2)), draw(st.booleans()))


@st.composite
def builders(draw: st.DrawFn) -> Builder:
    signed = small_formats().map(lambda fmt: FixedPoint(max(fmt.width, 2), fmt.integer, True))
    return Builder(draw(st.integers(0, 2**32 - 1)), draw(signed), draw(small_formats()), draw(signed))


def raw_samples(source: Tensor, seed: int, count: int = 3) -> IntArray:
    """Random samples, the two extremes among them."""
    rng = np.random.default_rng(seed)
    raw = rng.integers(source.format.min_raw, source.format.max_raw + 1, size=(count, *source.shape))
    raw[0], raw[1] = source.format.min_raw, source.format.max_raw
    return raw


def assert_equals_naive(layer: Layer, raw: IntArray, source: FixedPoint) -> None:
    result = run_layer(layer, raw, source)
    assert result.dtype == np.int64
    assert result.shape[1:] == layer.output_shape(raw.shape[1:])
    for got, sample in zip(result, raw, strict=True):
        wanted, target, _ = naive.run_layer(layer, sample.astype(object), source)
        assert got.tolist() == wanted.tolist()
        target.check(got, layer.name)


@given(builders(), small_formats(), st.integers(1, 6), st.integers(1, 4), st.integers(0, 99))
@few
def test_dense(make: Builder, source: FixedPoint, inputs: int, outputs: int, seed: int) -> None:
    assert_equals_naive(make.dense(inputs, outputs), raw_samples(Tensor((inputs,), source), seed), source)


@pytest.mark.parametrize("kind", ["conv", "depthwise"])
@given(
    builders(), small_formats(), st.tuples(st.integers(3, 6), st.integers(3, 6), st.integers(1, 3)),
    st.integers(1, 3), st.integers(1, 3), st.sampled_from(["same", "valid"]), st.integers(0, 99),
)  # fmt: skip
@few
def test_convolutions(
    kind: str, make: Builder, source: FixedPoint, shape: tuple[int, int, int], kernel: int, strides: int, padding: str,
    seed: int,
) -> None:  # fmt: skip
    if kind == "conv":
        layer: Layer = make.conv(shape[2], 2, kernel, strides, padding)
    else:
        layer = make.depthwise(shape[2], kernel, strides, padding)
    assert_equals_naive(layer, raw_samples(Tensor(shape, source), seed), source)


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_rectangular_kernel_and_strides(padding: str) -> None:
    make = Builder(5)
    square = make.conv(2, 3, 3, 1, padding)
    kernel = make.rng.integers(-32, 32, size=(2, 3, 2, 3))
    layer = type(square)(
        "conv", kernel, square.kernel_format, square.bias, square.bias_format, (3, 2), padding
    )
    source = FixedPoint(5, 2, True)
    assert_equals_naive(layer, raw_samples(Tensor((7, 6, 2), source), 1), source)


@given(
    small_formats(), st.tuples(st.integers(3, 6), st.integers(3, 6), st.integers(1, 2)), st.integers(1, 3),
    st.integers(1, 3), st.sampled_from(["same", "valid"]), st.integers(0, 99),
)  # fmt: skip
@few
def test_max_pool(
    source: FixedPoint, shape: tuple[int, int, int], size: int, strides: int, padding: str, seed: int
) -> None:
    layer = MaxPool2D("pool", (size, size), (strides, strides), padding)
    assert_equals_naive(layer, raw_samples(Tensor(shape, source), seed), source)


@pytest.mark.parametrize("function", ["relu", "linear"])
@given(small_formats(), small_formats())
@few
def test_activations_exhaustively(function: str, source: FixedPoint, target: FixedPoint) -> None:
    raw = np.arange(source.min_raw, source.max_raw + 1)[np.newaxis]
    assert_equals_naive(Activation("act", function, target), raw, source)


def test_flatten_keeps_channels_fastest() -> None:
    raw = np.arange(12).reshape(1, 2, 3, 2)
    assert run_layer(Builder(0).flatten(), raw, FixedPoint(5, 5)).tolist() == [list(range(12))]


def deep_network() -> IntegerNetwork:
    """Every kind of layer, three stages."""
    make = Builder(11)
    return assemble(
        Tensor((7, 6, 2), FixedPoint(5, 1, True)),
        [
            ([make.conv(2, 3), make.relu(), make.pool()], [make.flatten(), make.dense(27, 3)]),
            (
                [make.depthwise(3, padding="valid"), make.relu(), make.conv(3, 2, kernel=1), make.relu()],
                [make.flatten(), make.dense(2, 4), make.relu(), make.dense(4, 3)],
            ),
            ([make.flatten(), make.dense(2, 5), make.linear(FixedPoint(6, 2))], [make.dense(5, 3)]),
        ],
    )


@pytest.mark.parametrize(
    "network", [deep_network(), images(3), tabular(4)], ids=["deep", "images", "tabular"]
)
def test_networks(network: IntegerNetwork) -> None:
    raw = samples(network, 6)
    for got, (features, logits) in zip(execute(network, raw), naive.run_network(network, raw), strict=True):
        assert got.features.tolist() == features.tolist()
        assert got.logits.tolist() == logits.tolist()


@pytest.mark.parametrize("elements", [1, 100, 1 << 23])
def test_chunks_do_not_change_results(monkeypatch: pytest.MonkeyPatch, elements: int) -> None:
    network = deep_network()
    raw = samples(network, 23)
    whole = execute(network, raw)
    monkeypatch.setattr(executor, "_CHUNK_ELEMENTS", elements)
    for got, wanted in zip(execute(network, raw), whole, strict=True):
        assert np.array_equal(got.features, wanted.features)
        assert np.array_equal(got.logits, wanted.logits)


def test_no_samples_give_no_values() -> None:
    network = deep_network()
    values = execute(network, samples(network, 0))
    assert [stage.logits.shape for stage in values] == [(0, 3)] * 3
    assert executor.layer_ranges(network, samples(network, 0)) == []


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64])
def test_products_in_all_number_types_agree(monkeypatch: pytest.MonkeyPatch, kind: Any) -> None:
    network = deep_network()
    raw = samples(network, 8)
    chosen = execute(network, raw)
    monkeypatch.setattr(executor, "_product_type", lambda bound: kind)
    for got, wanted in zip(execute(network, raw), chosen, strict=True):
        assert np.array_equal(got.features, wanted.features)
        assert np.array_equal(got.logits, wanted.logits)


@pytest.mark.parametrize(
    ("weights", "kind"),
    [((6,), np.float32), ((16,), np.float64), ((16, 16), np.float64), ((16, 16, 8), np.int64)],
)
def test_wide_sums_are_exact(monkeypatch: pytest.MonkeyPatch, weights: tuple[int, ...], kind: Any) -> None:
    """Dense layers with nothing in between: the accumulators grow by the width of each layer's weights."""
    used: list[Any] = []
    choose = executor._product_type

    def watched(bound: int) -> Any:
        used.append(choose(bound))
        return used[-1]

    monkeypatch.setattr(executor, "_product_type", watched)
    source = FixedPoint(16, 4)
    raw = raw_samples(Tensor((2,), source), 3, count=20)
    for width in weights:
        layer = Builder(2, weights=FixedPoint(width, 3), bias=FixedPoint(16, 3)).dense(2, 2)
        assert_equals_naive(layer, raw, source)
        raw, source = run_layer(layer, raw, source), layer.output_format(source)
    assert used[-1] is kind


@pytest.mark.parametrize("too_small", [np.float32, np.float64])
def test_wide_sums_need_the_number_type_that_is_chosen(
    monkeypatch: pytest.MonkeyPatch, too_small: Any
) -> None:
    wide = FixedPoint(26 if too_small is np.float32 else 44, 4)
    layer = Builder(2, weights=FixedPoint(16, 3)).dense(2, 2)
    raw = np.full((1, 2), wide.max_raw)
    exact = run_layer(layer, raw, wide)
    monkeypatch.setattr(executor, "_product_type", lambda bound: too_small)
    assert not np.array_equal(run_layer(layer, raw, wide), exact)


def test_an_input_outside_its_format_is_refused() -> None:
    stage = tabular().stages[0]
    raw = np.zeros((3, 5), dtype=np.int64)
    raw[2, 4] = 200
    with pytest.raises(
        RangeError, match=r"stage1 input\[2, 4\]: raw value 200 is outside -128..127 of ap_fixed<8, 2>"
    ):
        execute_stage(stage, raw)


def test_the_class_is_the_lowest_index_among_the_maxima() -> None:
    logits = np.array([[1, 3, 3], [5, 5, 5], [-4, -2, -3], [0, -1, 0]])
    assert classify(logits).tolist() == [1, 0, 1, 0]
    assert classify(logits).dtype == np.int64
