"""The corruptions against naive forms of their formulas, and on the grid of the input."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.data.corruptions import CORRUPTIONS, KINDS, SEVERITIES, blur, corrupt, pixelate
from hwgen.fixedpoint import FixedPoint, quantise_real

BYTE = FixedPoint(8, 0, False)
SIZES = [(8, 8, 1), (28, 28, 1), (5, 9, 3)]
FULL = (np.array([0]), np.array([255]))


def images(shape: tuple[int, ...], count: int = 6, fmt: FixedPoint = BYTE) -> np.ndarray:
    return np.random.default_rng(7).integers(fmt.min_raw, fmt.max_raw + 1, (count, *shape))


def span(shape: tuple[int, ...], fmt: FixedPoint = BYTE) -> tuple[np.ndarray, np.ndarray]:
    return np.full(shape[-1], fmt.min_raw), np.full(shape[-1], fmt.max_raw)


def test_every_name_of_the_recipe_has_five_severities() -> None:
    assert tuple(KINDS) == CORRUPTIONS
    assert all(len(kind.strengths) == SEVERITIES for kind in KINDS.values())


@pytest.mark.parametrize("shape", SIZES, ids=str)
@pytest.mark.parametrize("name", CORRUPTIONS)
def test_every_severity_stays_on_the_grid_and_differs_more_than_the_one_before(
    name: str, shape: tuple[int, ...]
) -> None:
    raw = images(shape)
    distances = []
    for severity in range(1, SEVERITIES + 1):
        found = corrupt(raw, BYTE, *span(shape), name, severity, 1)  # type: ignore[arg-type]
        assert found.shape == raw.shape
        assert found.dtype == np.int64
        assert BYTE.min_raw <= found.min() <= found.max() <= BYTE.max_raw
        distances.append(float(np.abs(found - raw).mean()))
    assert distances == sorted(distances)
    assert distances[-1] > 5


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_same_seed_same_images(name: str) -> None:
    raw = images((8, 8, 1))
    first, again, other = (corrupt(raw, BYTE, *FULL, name, 3, seed) for seed in (1, 1, 2))  # type: ignore[arg-type]
    assert np.array_equal(first, again)
    assert np.array_equal(first, other) == (name != "gaussian_noise")


def test_brightness_and_contrast_by_hand() -> None:
    raw = np.array([0, 100, 200, 255]).reshape(1, 2, 2, 1)
    brighter = corrupt(raw, BYTE, *FULL, "brightness", 1, 0)
    assert brighter.reshape(-1).tolist() == [26, 126, 226, 255]  # 25.5 more, half to even, saturated
    flat = corrupt(raw, BYTE, *FULL, "contrast", 5, 0)
    mean = 138.75
    assert flat.reshape(-1).tolist() == [round(mean + 0.2 * (value - mean)) for value in (0, 100, 200, 255)]


def test_range_is_that_of_training_and_of_each_channel() -> None:
    raw = np.array([[[[10, -40]], [[30, 0]]]])
    fmt = FixedPoint(8, 2, True)
    found = corrupt(raw, fmt, np.array([10, -40]), np.array([30, 40]), "brightness", 2, 0)  # 0.2 of 20 and 80
    assert found.tolist() == [[[[14, -24]], [[30, 16]]]]
    still = corrupt(raw, fmt, np.array([10, 7]), np.array([30, 7]), "brightness", 2, 0)
    assert still[..., 1].tolist() == raw[..., 1].tolist(), "a channel without range stays as it is"


def test_noise_is_the_same_draw_at_all_severities() -> None:
    raw = np.full((50, 28, 28, 1), 128)
    one, two = (corrupt(raw, BYTE, *FULL, "gaussian_noise", severity, 3) - 128.0 for severity in (1, 2))
    assert np.abs(two - 2 * one).max() <= 2
    assert one.std() / 255 == pytest.approx(0.05, rel=0.02)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.floats(0.02, 0.3), st.integers(0, 99))
def test_blur_is_the_sum_over_the_neighbourhood(rows: int, columns: int, strength: float, seed: int) -> None:
    image = np.random.default_rng(seed).random((1, rows, columns, 1))
    deviation = 0.25 + strength * min(rows, columns)
    reach = max(1, math.ceil(3 * deviation))
    found = blur(image, strength, 0)
    for row in range(rows):
        for column in range(columns):
            total = weights = 0.0
            for i in range(-reach, reach + 1):
                for j in range(-reach, reach + 1):
                    weight = math.exp(-(i * i + j * j) / (2 * deviation**2))
                    r, c = min(max(row + i, 0), rows - 1), min(max(column + j, 0), columns - 1)
                    total += weight * image[0, r, c, 0]
                    weights += weight
            assert found[0, row, column, 0] == pytest.approx(total / weights)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.floats(0.1, 1.0), st.integers(0, 99))
def test_pixelate_takes_the_mean_of_the_cell(rows: int, columns: int, strength: float, seed: int) -> None:
    image = np.random.default_rng(seed).random((1, rows, columns, 1))
    found = pixelate(image, strength, 0)
    fine = 12  # every pixel as 12 x 12 small ones, so that cells are counted and not computed

    def cell(place: int, size: int, cells: int) -> set[int]:
        """Small ones of the cell that the centre of pixel `place` lies in."""
        index = int((place + 0.5) * cells / size)
        return {k for k in range(size * fine * cells) if k // (size * fine) == index}

    for row in range(rows):
        for column in range(columns):
            cells = [max(1, round(strength * size)) for size in (rows, columns)]
            total = count = 0.0
            lines = [k // (fine * cells[0]) for k in cell(row, rows, cells[0])]
            stacks = [k // (fine * cells[1]) for k in cell(column, columns, cells[1])]
            weight_r = np.bincount(lines, minlength=rows)
            weight_c = np.bincount(stacks, minlength=columns)
            total = float(weight_r @ image[0, :, :, 0] @ weight_c)
            count = float(weight_r.sum() * weight_c.sum())
            assert found[0, row, column, 0] == pytest.approx(total / count)


def test_flat_images_are_blind_to_blur_contrast_and_pixelate() -> None:
    raw = np.full((2, 7, 5, 2), 99)
    for name in ("blur", "contrast", "pixelate"):
        assert np.array_equal(corrupt(raw, BYTE, *span((7, 5, 2)), name, 5, 0), raw)  # type: ignore[arg-type]


def test_one_pixel_is_enough() -> None:
    raw, _ = quantise_real(np.full((3, 1, 1, 1), 0.5), BYTE)
    for name in CORRUPTIONS:
        assert corrupt(raw, BYTE, *FULL, name, 5, 0).shape == raw.shape


def test_the_documented_severities_are_those_of_the_code() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "data.md").read_text()
    for name, kind in KINDS.items():
        (row,) = re.findall(rf"^\| `{name}` \|.*\| ([\d., ]+) \|$", page, re.MULTILINE)
        assert tuple(map(float, row.split(", "))) == kind.strengths
