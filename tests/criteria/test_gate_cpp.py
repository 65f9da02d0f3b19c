"""The C++ blocks answer as the integer definition does, bit for bit; damaged ones are found out."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from hwgen.criteria import Gate, Seen, names
from hwgen.fixedpoint import FixedPoint
from tests.criteria.gate_program import CompiledGates, Variant, compile_gates
from tests.gates import example_gate, example_seen

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


def telling_thresholds(gate: Gate, seen: Seen, count: int) -> list[int]:
    """Critical raws, one step below and above them, and both ends of the register."""
    critical = np.unique(gate.critical_raw(seen))
    chosen = critical[np.linspace(0, len(critical) - 1, count).astype(int)]
    steps = (chosen[:, None] + np.array([-1, 0, 1])).ravel()
    return np.unique(np.clip([*steps, 0, gate.max_raw], 0, gate.max_raw)).tolist()


def differences(program: CompiledGates, index: int, gate: Gate, seen: Seen, thresholds: list[int]) -> int:
    """Answers in which the C++ differs from the integer definition."""
    label, leaves = program.run(index, seen, thresholds)
    wanted = np.stack([gate.leaves(seen, raw) for raw in thresholds], axis=1)
    return int((label != gate.labels(seen)).sum() + (leaves != wanted).sum())


@pytest.mark.parametrize("name", names())
def test_cpp_agrees_on_every_vector_and_on_a_million_random_ones(name: str, tmp_path: Path) -> None:
    """The parallel form on all of them; the serial one, which shares all but the loop, on the small space."""
    gates = [example_gate(name, *parts) for parts in FORMATS]
    odd = ODD_FORMATS if name == "margin" else []
    gates += [example_gate(name, *parts) for parts in odd]
    program = compile_gates(tmp_path, [*(Variant(gate) for gate in gates), Variant(gates[0], serial=True)])
    assert program.warnings == []
    for index, gate in enumerate([*gates, gates[0]]):
        if gate.logits.width == 5:
            seen = example_seen(gate, every_vector(gate.logits, gate.classes))
            assert differences(program, index, gate, seen, telling_thresholds(gate, seen, 6)) == 0
        elif gate.logits.width == 16:
            for seed in range(4):
                seen = example_seen(gate, random_vectors(gate, 250_000, seed), seed)
                some = seen.take(np.linspace(0, len(seen) - 1, 1000).astype(int))
                assert (
                    differences(program, index, gate, seen, telling_thresholds(gate, some, 3)[seed::4]) == 0
                )
        else:
            seen = example_seen(gate, random_vectors(gate, 4_000, 0))
            assert differences(program, index, gate, seen, telling_thresholds(gate, seen, 4)) == 0


DAMAGE = [
    ("score", "criteria/score.h", "s.sum <= threshold;", "s.sum < threshold;"),
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
    (
        "score",
        "gate.h",
        "j = 0; j < CONFIG::classes; j++) {\n#pragma HLS UNROLL",
        "j = 1; j < CONFIG::classes; j++) {",
    ),
    ("entropy", "criteria/entropy.h", "allowed >= needed;", "allowed > needed;"),
    ("entropy", "criteria/entropy.h", "limit >= log && ", ""),
    (
        "entropy",
        "criteria/entropy.h",
        "needed <<= CONFIG::table_fraction;",
        "needed <<= CONFIG::table_fraction - 1;",
    ),
    ("entropy", "criteria/logarithm.h", "octave = e;", "octave = 1;"),
    ("entropy", "criteria/logarithm.h", "log_table(i + 1)", "log_table(i)"),
    ("energy", "criteria/energy.h", "value >= threshold;", "value > threshold;"),
    ("energy", "criteria/energy.h", "height <<= CONFIG::energy_up;", "height <<= CONFIG::energy_up - 1;"),
    ("energy", "criteria/energy.h", "(CONFIG::logit_offset)", "(CONFIG::logit_offset - 1)"),
    ("energy", "criteria/energy.h", "s.sum = CONFIG::sum_start;", "s.sum = CONFIG::sum_start + 1000;"),
    ("energy", "criteria/logarithm.h", "low + (risen >> REST)", "low"),
    ("distribution", "criteria/distribution.h", "monitor_weights(i)", "monitor_weights(0)"),
    ("distribution", "criteria/monitor.h", "if (i > 1 && entry", "if (i > 2 && entry"),
    ("distribution", "criteria/monitor.h", "unsigned i = KEPT; i > 0; i--", "unsigned i = 1; i <= KEPT; i++"),
    ("learned", "criteria/learned.h", "sum >= threshold", "sum > threshold"),
    ("learned", "criteria/learned.h", "plain << 1", "plain"),
]
SERIAL_DAMAGE = [
    ("argmax.h", "(j == 1 || logit > best.second)", "(j == 1)"),
    ("argmax.h", "} else if (logit > best.first) {", "} else if (logit >= best.first) {"),
    ("argmax.h", "best.second = best.first;\n        best.first = logit;", "best.first = logit;"),
]


def test_every_damaged_header_is_found_out(tmp_path: Path) -> None:
    fmt = FixedPoint(3, 2)
    variants = [Variant(example_gate(name, fmt, 5), {file: (old, new)}) for name, file, old, new in DAMAGE]
    serial = [
        Variant(example_gate("margin", fmt, 5), {file: (old, new)}, True) for file, old, new in SERIAL_DAMAGE
    ]
    program = compile_gates(tmp_path, [*variants, *serial])
    vectors = every_vector(fmt, 5)
    for index, variant in enumerate([*variants, *serial]):
        seen = example_seen(variant.gate, vectors)
        thresholds = telling_thresholds(variant.gate, seen, 3)
        assert differences(program, index, variant.gate, seen, thresholds) > 0, variant.edits
