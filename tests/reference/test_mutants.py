"""The naive comparison is sharp: it sees every one of these faults in the executor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hwgen.fixedpoint import FixedPoint, IntArray, round_half_even_shift
from hwgen.reference import executor, layers
from hwgen.reference.layers import Activation
from hwgen.reference.network import IntegerNetwork, Tensor
from tests.networks import Builder, assemble, samples
from tests.reference import naive

Patch = Callable[[pytest.MonkeyPatch], None]


def network() -> IntegerNetwork:
    """Two stages in which every rule matters: uneven padding, strides, ties, saturation, both alignments."""
    coarse = Builder(21, weights=FixedPoint(5, 2), activations=FixedPoint(4, 1, False), bias=FixedPoint(6, 4))
    fine = Builder(22, weights=FixedPoint(5, 2), activations=FixedPoint(4, 1, False), bias=FixedPoint(10, 1))
    fine.count = 100  # names are unique
    signed = FixedPoint(4, 2)
    return assemble(
        Tensor((6, 5, 2), FixedPoint(5, 2, True)),
        [
            (
                [coarse.linear(signed), coarse.conv(2, 3, kernel=3, strides=2), coarse.relu()],
                [coarse.pool(), coarse.flatten(), coarse.dense(3, 3)],
            ),
            (
                [fine.depthwise(3, kernel=2), Activation("signed_relu", "relu", signed), fine.pool()],
                [fine.flatten(), fine.dense(3, 4), fine.relu(), fine.dense(4, 3)],
            ),
        ],
    )


def differences() -> int:
    subject = network()
    raw = samples(subject, 40)
    found = 0
    for got, (features, logits) in zip(
        executor.execute(subject, raw), naive.run_network(subject, raw), strict=True
    ):
        found += int((got.features != features).sum()) + int((got.logits != logits).sum())
    return found


def rounding(rule: Callable[[IntArray, int], IntArray]) -> Patch:
    def requantise(raw: IntArray, source: FixedPoint, target: FixedPoint) -> IntArray:
        shift = source.fraction - target.fraction
        rounded = rule(raw, shift) if shift > 0 else raw << -shift
        return np.clip(rounded, target.min_raw, target.max_raw)

    return lambda patch: patch.setattr(executor, "requantise", requantise)


def wrap(patch: pytest.MonkeyPatch) -> None:
    def requantise(raw: IntArray, source: FixedPoint, target: FixedPoint) -> IntArray:
        rounded = round_half_even_shift(raw, source.fraction - target.fraction)
        return (rounded - target.min_raw) % (1 << target.width) + target.min_raw

    patch.setattr(executor, "requantise", requantise)


def shifts(change: Callable[[int, int], tuple[int, int]]) -> Patch:
    original = layers.Weighted.shifts
    return lambda patch: patch.setattr(
        layers.Weighted, "shifts", lambda self, source: change(*original(self, source))
    )


def windows(change: Callable[..., Any]) -> Patch:
    original = executor._windows

    def changed(values: Any, kernel: Any, strides: Any, padding: str, fill: int) -> Any:
        return change(original, values, kernel, strides, padding, fill)

    return lambda patch: patch.setattr(executor, "_windows", changed)


def accumulate(change: Callable[[layers.Weighted, Any], Any]) -> Patch:
    original = executor._accumulate
    return lambda patch: patch.setattr(
        executor, "_accumulate", lambda layer, raw, source: change(layer, original(layer, raw, source))
    )


def early_strides(original: Any, values: Any, kernel: Any, strides: Any, padding: str, fill: int) -> Any:
    view = original(values, kernel, (1, 1), padding, fill)
    return view[:, strides[0] - 1 :: strides[0], strides[1] - 1 :: strides[1]]


def padding_first(patch: pytest.MonkeyPatch) -> None:
    original = layers.same_padding
    patch.setattr(executor, "same_padding", lambda *arguments: original(*arguments)[::-1])


def no_clamp(patch: pytest.MonkeyPatch) -> None:
    class Bounds:
        """NumPy, but `maximum` returns its first argument."""

        def __getattr__(self, name: str) -> Any:
            return (lambda values, _: values) if name == "maximum" else getattr(np, name)

    patch.setattr(executor, "np", Bounds())


MUTANTS: dict[str, Patch] = {
    "floor instead of round half even": rounding(lambda raw, shift: raw >> shift),
    "half up instead of half even": rounding(lambda raw, shift: (raw + (1 << (shift - 1))) >> shift),
    "half away from zero": rounding(
        lambda raw, shift: np.sign(raw) * ((np.abs(raw) + (1 << (shift - 1))) >> shift)
    ),
    "towards zero": rounding(lambda raw, shift: np.sign(raw) * (np.abs(raw) >> shift)),
    "wrap instead of saturate": wrap,
    "odd padding before instead of after": padding_first,
    "windows start one stride late": windows(early_strides),
    "padding of another value": windows(
        lambda original, *arguments: original(*arguments[:-1], arguments[-1] + 1)
    ),
    "kernel turned round": windows(lambda original, *arguments: original(*arguments)[..., ::-1, ::-1]),
    "kernel transposed": windows(lambda original, *arguments: original(*arguments).swapaxes(-1, -2)),
    "bias not aligned": shifts(lambda up, bias_up: (up, 0)),
    "products not aligned": shifts(lambda up, bias_up: (max(up - 1, 0), bias_up)),
    "bias forgotten": accumulate(lambda layer, sums: sums - layer.bias),
    "no clamp at zero": no_clamp,
}


def test_the_executor_itself_agrees() -> None:
    assert differences() == 0


@pytest.mark.parametrize("name", MUTANTS)
def test_the_comparison_finds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTANTS[name](monkeypatch)
    try:
        found = differences()
    except ValueError:  # not even the right shape
        return
    assert found > 0
