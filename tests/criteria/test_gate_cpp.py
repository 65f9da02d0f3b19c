"""The C++ blocks answer as the integer definition does, bit for bit; damaged ones are found out."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from hwgen.criteria import Gate, get_criterion, names
from hwgen.fixedpoint import FixedPoint
from tests.criteria.gate_program import CompiledGates, Variant, compile_gates

pytestmark = pytest.mark.gxx

# Three classes of five bits: every vector there is. Ten of sixteen: a usual head.
FORMATS = [
    (FixedPoint(5, 3), 3, 1.0),
    (FixedPoint(16, 6), 10, 1.0),
]
# The margin block holds all the others: odd formats go through it.
ODD_FORMATS = [
    (FixedPoint(40, 9), 26, 0.5),
    (FixedPoint(8, 12), 7, 20.0),  # LSB larger than one
    (FixedPoint(8, -3), 2, 0.05),  # more fraction bits than bits
    (FixedPoint(9, 4, signed=False), 11, 1.0),
]


def every_vector(fmt: FixedPoint, classes: int) -> np.ndarray:
    values = range(fmt.min_raw, fmt.max_raw + 1)
    return np.array(list(itertools.product(values, repeat=classes)), dtype=np.int64)


def random_vectors(gate: Gate, count: int, seed: int) -> np.ndarray:
    """Uniform, close together, saturated and tied logits in equal parts."""
    rng = np.random.default_rng(seed)
    low, high = gate.logits.min_raw, gate.logits.max_raw
    vectors = rng.integers(low, high + 1, (count, gate.classes))
    quarter = count // 4
    near = max(2, (high - low) >> 8)
    middle = rng.integers(low, high + 1, (quarter, 1))
    vectors[:quarter] = np.clip(middle + rng.integers(-near, near + 1, (quarter, gate.classes)), low, high)
    vectors[quarter : 2 * quarter] = rng.choice([low, high, high - 1], (quarter, gate.classes))
    vectors[2 * quarter : 3 * quarter] = rng.integers(-1, 2, (quarter, gate.classes)).clip(low, high)
    return vectors


def telling_thresholds(gate: Gate, vectors: np.ndarray, count: int) -> list[int]:
    """Critical raws, one step below and above them, and both ends of the register."""
    critical = np.unique(gate.critical_raw(vectors))
    chosen = critical[np.linspace(0, len(critical) - 1, count).astype(int)]
    steps = (chosen[:, None] + np.array([-1, 0, 1])).ravel()
    return np.unique(np.clip([*steps, 0, gate.max_raw], 0, gate.max_raw)).tolist()


def differences(
    program: CompiledGates, index: int, gate: Gate, vectors: np.ndarray, thresholds: list[int]
) -> int:
    """Answers in which the C++ differs from the integer definition."""
    label, leaves = program.run(index, vectors, thresholds)
    wanted = np.stack([gate.leaves(vectors, raw) for raw in thresholds], axis=1)
    return int((label != vectors.argmax(axis=1)).sum() + (leaves != wanted).sum())


def test_cpp_agrees_on_every_vector_and_on_a_million_random_ones(tmp_path: Path) -> None:
    gates = [get_criterion(name).gate(*parts) for name in names() for parts in FORMATS]
    gates += [get_criterion("margin").gate(*parts) for parts in ODD_FORMATS]
    program = compile_gates(tmp_path, [Variant(gate) for gate in gates])
    assert program.warnings == []
    for index, gate in enumerate(gates):
        if gate.logits.width == 5:
            vectors = every_vector(gate.logits, gate.classes)
            assert differences(program, index, gate, vectors, telling_thresholds(gate, vectors, 6)) == 0
        elif gate.logits.width == 16:
            for seed in range(4):
                vectors = random_vectors(gate, 250_000, seed)
                thresholds = telling_thresholds(gate, vectors[:1000], 3)[seed::4]
                assert differences(program, index, gate, vectors, thresholds) == 0
        else:
            vectors = random_vectors(gate, 4_000, 0)
            assert differences(program, index, gate, vectors, telling_thresholds(gate, vectors, 4)) == 0


DAMAGE = [
    ("score", "criteria/score.h", ") <= threshold;", ") < threshold;"),
    ("margin", "criteria/margin.h", "scaled >= needed", "scaled > needed"),
    ("margin", "criteria/margin.h", "(best.first, best.second)", "(best.first, best.first)"),
    ("logit_margin", "criteria/logit_margin.h", ") >= threshold;", ") > threshold;"),
    ("logit_margin", "argmax.h", "if (high.first > low.first)", "if (high.first >= low.first)"),
    ("logit_margin", "argmax.h", "logits[1] > logits[0]", "logits[1] >= logits[0]"),
    ("logit_margin", "argmax.h", "(logits[2] > best.first)", "(logits[2] >= best.first)"),
    ("logit_margin", "argmax.h", "high.second > low.first ? high.second : low.first", "low.first"),
    ("logit_margin", "argmax.h", "low.second > high.first ? low.second : high.first", "low.second"),
    ("logit_margin", "argmax.h", "else if (logits[2] > best.second)", "else if (false)"),
    ("score", "criteria/exp_sum.h", "bin.to_uint() : last", "bin.to_uint() + 1 : last"),
    ("score", "criteria/exp_sum.h", "CONFIG::table_entries - 1;", "CONFIG::table_entries - 2;"),
    (
        "score",
        "criteria/exp_sum.h",
        "distance >> CONFIG::table_shift",
        "distance >> (CONFIG::table_shift + 1)",
    ),
    ("score", "criteria/exp_sum.h", "j < CONFIG::classes", "j + 1 < CONFIG::classes"),
]


def test_every_damaged_header_is_found_out(tmp_path: Path) -> None:
    fmt = FixedPoint(3, 2)
    variants = [
        Variant(get_criterion(name).gate(fmt, 5), {file: (old, new)}) for name, file, old, new in DAMAGE
    ]
    program = compile_gates(tmp_path, variants)
    vectors = every_vector(fmt, 5)
    for index, (variant, damage) in enumerate(zip(variants, DAMAGE, strict=True)):
        thresholds = telling_thresholds(variant.gate, vectors, 3)
        assert differences(program, index, variant.gate, vectors, thresholds) > 0, damage
