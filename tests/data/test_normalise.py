"""Normalisation is fitted on training samples only, per feature or per channel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwgen.data import load_data
from hwgen.data.normalise import fit_normaliser
from hwgen.fixedpoint import FixedPoint

UNSIGNED = FixedPoint(8, 0, signed=False)
SIGNED = FixedPoint(10, 3, signed=True)


def test_minmax_uses_the_whole_format_and_clips_no_training_sample() -> None:
    train = np.array([[0.0, 100.0, 7.0], [10.0, 300.0, 7.0], [5.0, 200.0, 7.0]])
    raw, clipped = fit_normaliser("minmax", train, 1.0, UNSIGNED).to_raw(train, UNSIGNED)
    assert raw.tolist() == [[0, 0, 0], [255, 255, 0], [128, 128, 0]]
    assert clipped == 0
    raw, clipped = fit_normaliser("minmax", train, 1.0, SIGNED).to_raw(train, SIGNED)
    assert raw[1].tolist() == [128, 128, 0]  # one, in seven fraction bits


def test_minmax_saturates_what_lies_outside_the_training_range() -> None:
    normaliser = fit_normaliser("minmax", np.array([[0.0], [1.0]]), 1.0, UNSIGNED)
    raw, clipped = normaliser.to_raw(np.array([[-1.0], [2.0], [0.5], [0.25]]), UNSIGNED)
    assert raw[:2, 0].tolist() == [0, 255]
    assert clipped == 0.5


def test_standard_is_per_feature_of_a_table() -> None:
    train = np.random.default_rng(0).normal([5, -3], [2, 0.1], (1000, 2))
    raw, _ = fit_normaliser("standard", train, 1.0, SIGNED).to_raw(train, SIGNED)
    real = SIGNED.to_real(raw)
    assert np.abs(real.mean(axis=0)).max() < 0.01
    assert np.abs(real.std(axis=0) - 1).max() < 0.01


def test_images_are_normalised_per_channel() -> None:
    train = np.random.default_rng(0).normal([[[5.0, -3.0]]], [[[2.0, 0.1]]], (50, 4, 4, 2))
    normaliser = fit_normaliser("standard", train, 1.0, SIGNED)
    assert normaliser.offset.shape == (2,)
    assert np.allclose(normaliser.offset, train.mean(axis=(0, 1, 2)))


@pytest.mark.parametrize("kind", ["minmax", "standard"])
def test_a_constant_feature_becomes_zero(kind: str) -> None:
    train = np.full((4, 1), 3.5)
    raw, _ = fit_normaliser(kind, train, 1.0, SIGNED).to_raw(np.array([[3.5], [9.0]]), SIGNED)
    assert raw.tolist() == [[0], [0]]


@pytest.mark.parametrize("kind", ["minmax", "standard"])
def test_only_the_training_part_is_looked_at(
    tmp_path: Path, make_recipe: Callable[..., Any], kind: str
) -> None:
    def training_part(test_value: float) -> np.ndarray:
        x = np.random.default_rng(1).random((100, 2))
        y = np.arange(100) % 2
        np.savez(tmp_path / "t.npz", x_train=x, y_train=y, x_test=x[:10] * test_value, y_test=y[:10])
        section = {"source": "npz", "path": "t.npz", "normalize": kind, "input": {"bits": 10, "integer": 3}}
        return load_data(make_recipe(section)).train.raw

    assert np.array_equal(training_part(1), training_part(1000))


def test_the_calibration_part_is_not_looked_at(tmp_path: Path, make_recipe: Callable[..., Any]) -> None:
    x = np.random.default_rng(1).random((100, 1)) * 0.5
    y = np.arange(100) % 2
    section = {"source": "npz", "path": "t.npz", "normalize": "minmax"}

    def load(values: np.ndarray) -> Any:
        np.savez(tmp_path / "t.npz", x_train=values, y_train=y, x_test=x, y_test=y)
        return load_data(make_recipe(section))

    np.savez(tmp_path / "t.npz", x_train=np.arange(100.0)[:, np.newaxis], y_train=y, x_test=x, y_test=y)
    wide = {**section, "normalize": "none", "input": {"bits": 8, "integer": 8}}
    held_out = load_data(make_recipe(wide)).calibration.raw[:, 0]
    before = load(x)
    x_changed = x.copy()
    x_changed[held_out] = 1.0
    after = load(x_changed)
    assert np.array_equal(before.train.raw, after.train.raw)
    assert after.clipped["train"] == 0
    assert after.clipped["calibration"] == 1
