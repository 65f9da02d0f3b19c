"""Train, calibration and test share no sample, are stratified, and follow the seed only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwgen.data import load_data
from hwgen.data.splits import held_out_counts, stratified_split

shares = st.floats(0.01, 0.99)


@given(st.lists(st.integers(2, 400), min_size=2, max_size=26), shares)
def test_held_out_counts(sizes: list[int], share: float) -> None:
    size = np.array(sizes)
    counts = held_out_counts(size, share)
    assert ((counts >= 1) & (counts < size)).all()
    inside = (size * share >= 1) & (size * (1 - share) >= 1)
    assert (np.abs(counts - size * share) < 1)[inside].all()
    if inside.all():
        assert counts.sum() == round(size.sum() * share) or abs(counts.sum() - size.sum() * share) <= 0.5


@given(st.integers(0, 2**31 - 1), st.lists(st.integers(2, 40), min_size=2, max_size=6), shares)
def test_a_split_is_a_partition(seed: int, sizes: list[int], share: float) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    names = [str(number) for number in range(len(sizes))]
    keep, held = stratified_split(labels, names, share, seed, 1, "data", "tests")
    assert sorted([*keep, *held]) == list(range(len(labels)))
    assert np.array_equal(
        np.bincount(labels[held], minlength=len(sizes)), held_out_counts(np.array(sizes), share)
    )
    again = stratified_split(labels, names, share, seed, 1, "data", "tests")
    assert np.array_equal(held, again[1])


def numbered(tmp_path: Path) -> None:
    """Every sample is its own number, so that a sample can be recognised in a split."""
    values = np.arange(600)
    np.savez(
        tmp_path / "n.npz",
        x_train=values[:400, np.newaxis],
        y_train=values[:400] % 3,
        x_test=values[400:, np.newaxis],
        y_test=values[400:] % 3,
    )


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_no_sample_is_in_two_parts(tmp_path: Path, make_recipe: Callable[..., Any], share: float) -> None:
    numbered(tmp_path)
    section = {
        "source": "npz",
        "path": "n.npz",
        "input": {"bits": 12, "integer": 12},
        "calibration": share,
    }
    data = load_data(make_recipe(section))
    parts = [set(part.raw[:, 0].tolist()) for part in (data.train, data.calibration, data.test)]
    assert set.union(*parts) == set(range(600))
    assert sum(len(part) for part in parts) == 600
    assert parts[2] == set(range(400, 600))
    assert len(parts[1]) == 400 * share
    for part in (data.train, data.calibration, data.test):
        assert np.array_equal(part.raw[:, 0] % 3, part.labels)


def test_another_seed_is_another_split(make_recipe: Callable[..., Any]) -> None:
    first, again, other = (load_data(make_recipe(seed=seed)) for seed in (1, 1, 2))
    assert first.sha256 == again.sha256 != other.sha256
    assert np.array_equal(first.test.raw, again.test.raw)
    assert not np.array_equal(first.test.raw, other.test.raw)


def test_the_calibration_share_does_not_move_the_test_set(make_recipe: Callable[..., Any]) -> None:
    small, large = (load_data(make_recipe({"source": "digits", "calibration": c})) for c in (0.1, 0.4))
    assert np.array_equal(small.test.raw, large.test.raw)


def test_digits(make_recipe: Callable[..., Any]) -> None:
    data = load_data(make_recipe())
    assert (len(data.train), len(data.calibration), len(data.test)) == (1150, 288, 359)
    assert data.shape == (8, 8, 1)
    # 8 fraction bits hold sixteenths; the brightest pixel, 16/16, saturates to 255/256
    assert set(np.unique(data.test.raw)) == {*range(0, 256, 16), 255}
    assert np.bincount(data.test.labels).min() >= 34
