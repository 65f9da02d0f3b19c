"""Masked passes of the head: the masks, the integer statistics, the rule, and the C++."""

from __future__ import annotations

import itertools
import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hwgen.criteria import ExitShape, FitSample, Seen, get_criterion
from hwgen.criteria.isqrt import ceil_sqrt
from hwgen.criteria.lfsr import BITS, SEED, TAPS, lfsr_states
from hwgen.criteria.mc_dropout import McDropoutGate, Settings
from hwgen.errors import RangeError
from hwgen.fixedpoint import FixedPoint
from hwgen.reference.executor import run_layer
from hwgen.reference.layers import Dense
from hwgen.reference.network import Tensor
from tests.criteria.gate_program import Variant, compile_gates
from tests.criteria.test_gate_cpp import differences, telling_thresholds

WEIGHTS, BIAS = FixedPoint(5, 1), FixedPoint(8, 3)
UNSIGNED, SIGNED = FixedPoint(6, 2, signed=False), FixedPoint(3, 2)


def gate_of(
    size: int, classes: int, embedding: FixedPoint = UNSIGNED, temperature: float = 1.0, **options: Any
) -> McDropoutGate:
    """The gate of a head of random weights."""
    rng = np.random.default_rng(size * classes)
    kernel = rng.integers(WEIGHTS.min_raw, WEIGHTS.max_raw + 1, (size, classes))
    head = Dense("head", kernel, WEIGHTS, rng.integers(-60, 61, classes), BIAS)
    shape = ExitShape(head.output_format(embedding), classes, temperature, Tensor((size,), embedding), head)
    criterion, chosen = get_criterion("mc_dropout"), Settings(**options)
    nothing = FitSample(Seen(np.zeros((0, classes), dtype=np.int64)), np.zeros(0, dtype=np.int64))
    gate = criterion.gate(shape, chosen, criterion.fit(shape, nothing, chosen))
    assert isinstance(gate, McDropoutGate)
    return gate


def reaching(gate: McDropoutGate, embedding: np.ndarray) -> Seen:
    """These embeddings beside the logits that the head gives them."""
    return Seen(run_layer(gate.head.head, embedding, gate.head.source), embedding)


def every_embedding(gate: McDropoutGate) -> Seen:
    fmt = gate.head.source
    values = range(fmt.min_raw, fmt.max_raw + 1)
    return reaching(gate, np.array(list(itertools.product(values, repeat=gate.head.size)), dtype=np.int64))


def random_embeddings(gate: McDropoutGate, count: int, seed: int = 0) -> Seen:
    """Uniform, sparse and saturated embeddings."""
    fmt, rng = gate.head.source, np.random.default_rng(seed)
    raw = rng.integers(fmt.min_raw, fmt.max_raw + 1, (count, gate.head.size))
    raw[::3] *= rng.random((len(raw[::3]), gate.head.size)) < 0.2
    raw[1::3] = rng.choice([fmt.min_raw, fmt.max_raw, 0], raw[1::3].shape)
    return reaching(gate, raw)


# The register.


def naive_bytes(count: int) -> list[int]:
    """Bit by bit: the oldest bit is bit 31, tap t reads the bit that came t bits ago."""
    bits = [SEED >> (BITS - 1 - i) & 1 for i in range(BITS)]
    for _ in range(8 * count):
        bits.append(bits[-32] ^ bits[-30] ^ bits[-26] ^ bits[-25])
    fresh = bits[BITS:]
    return [int("".join(map(str, fresh[8 * k : 8 * k + 8])), 2) for k in range(count)]


def test_the_register_is_the_bitwise_one() -> None:
    assert TAPS == (32, 30, 26, 25)
    states = lfsr_states(500)
    assert (states[1:] & 255).tolist() == naive_bytes(500)
    assert states[0] == SEED


def times(a: int, b: int, modulus: int) -> int:
    """Product of two polynomials over GF(2)."""
    product = 0
    while b:
        product ^= a * (b & 1)
        b >>= 1
        a <<= 1
        a ^= modulus * (a >> BITS)
    return product


def power_of_x(exponent: int, modulus: int) -> int:
    result, base = 1, 2
    while exponent:
        if exponent & 1:
            result = times(result, base, modulus)
        base = times(base, base, modulus)
        exponent >>= 1
    return result


def test_the_sequence_has_maximal_length() -> None:
    modulus = 1 + sum(1 << tap for tap in TAPS)
    period = 2**BITS - 1
    assert period == math.prod((3, 5, 17, 257, 65537))
    assert power_of_x(period, modulus) == 1
    for factor in (3, 5, 17, 257, 65537):
        assert power_of_x(period // factor, modulus) != 1
    # A byte takes eight bits, and 8 has no factor in common with the period: bytes have the same one.
    assert math.gcd(8, period) == 1


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.5])
def test_masks_drop_their_share_and_passes_differ(rate: float) -> None:
    gate = gate_of(1568, 2, rate=rate)
    masks = gate.head.masks
    assert masks.shape == (8, 1568)
    samples = masks.size
    expected = gate.head.keep
    assert abs(masks.mean() - expected) < 4 * math.sqrt(expected * (1 - expected) / samples)
    assert abs(masks.mean(axis=1) - expected).max() < 5 * math.sqrt(expected * (1 - expected) / 1568)
    likeness = np.corrcoef(masks)
    assert np.abs(likeness - np.eye(8)).max() < 5 / math.sqrt(1568)


def test_masks_of_a_smaller_layer_are_the_first_ones_of_the_same_sequence() -> None:
    small, large = gate_of(5, 2).head, gate_of(10, 2, passes=4).head
    assert np.array_equal(small.masks.ravel()[:40], large.masks.ravel())
    assert small.seeds.tolist() == lfsr_states(40)[:-1:5].tolist()


# Square roots.


def test_every_root_of_a_small_number() -> None:
    for bits in range(1, 15):
        values = np.arange(2**bits, dtype=np.int64)
        wanted = [math.isqrt(value - 1) + 1 if value else 0 for value in values.tolist()]
        assert ceil_sqrt(values, bits).tolist() == wanted


@given(st.lists(st.integers(0, 2**60 - 1), min_size=1))
def test_roots_of_large_numbers(values: list[int]) -> None:
    for value, root in zip(values, ceil_sqrt(np.array(values, dtype=np.int64), 60).tolist(), strict=True):
        assert root * root >= value
        assert root == 0 or (root - 1) ** 2 < value


# The masked logits.


@settings(max_examples=40, deadline=None)
@given(
    rate=st.integers(0, 230),
    size=st.integers(1, 12),
    embedding=st.sampled_from([UNSIGNED, SIGNED, FixedPoint(4, 9)]),
)
def test_masked_logits_are_exact_and_fit(rate: int, size: int, embedding: FixedPoint) -> None:
    gate = gate_of(size, 3, embedding, rate=rate / 256)
    head, seen = gate.head, random_embeddings(gate, 9)
    masked = head.run(seen.embedding)
    head.logits.check(masked, "masked")
    keep = Fraction(256 - rate, 256)
    layer = head.head
    for sample, number in itertools.product(range(3), range(8)):
        for c in range(3):
            kept = [i for i in range(size) if head.masks[number, i]]
            phi = [Fraction(int(seen.embedding[sample, i])) / Fraction(2) ** embedding.fraction for i in kept]
            w = [Fraction(int(layer.kernel[i, c])) / 2**WEIGHTS.fraction for i in kept]
            dropout = sum((a * b for a, b in zip(w, phi, strict=True)), Fraction(0)) / keep
            wanted = dropout + Fraction(int(layer.bias[c])) / 2**BIAS.fraction
            given_ = Fraction(int(masked[sample, number, c])) / Fraction(2) ** head.logits.fraction
            assert given_ / keep == wanted


def test_without_dropout_every_pass_gives_the_logits() -> None:
    gate = gate_of(6, 4, rate=0)
    seen = random_embeddings(gate, 50)
    assert (gate.head.run(seen.embedding) == seen.logits[:, None, :]).all()
    top = np.sort(gate.probabilities(seen), axis=1)
    assert np.allclose(gate.confidence(seen), top[:, -1] / np.maximum(top[:, -2], 2.0**-16))


# The rule.


def rule(gate: McDropoutGate, masked: list[list[int]], first: int, real: float) -> bool:
    """The formula of the docstring in integers without end, constants from the manifest alone."""
    manifest, table = gate.manifest(), gate.tables()["exp_table"].values.tolist()
    one, passes = 2 ** manifest["Q"], manifest["settings"]["passes"]
    z = math.ceil(Fraction(manifest["settings"]["z"]) * 2 ** manifest["F"])
    shares = []
    for logits in masked:
        entries = [table[min(max(logits) - value >> manifest["s"], manifest["N"] - 1)] for value in logits]
        shares.append([entry * (one * one // sum(entries)) // one for entry in entries])
    middle, spread = [], []
    for column in zip(*shares, strict=True):
        variance = passes * sum(p * p for p in column) - sum(column) ** 2
        root = math.isqrt(variance)
        middle.append(sum(column) * 2 ** manifest["F"])
        spread.append(z * (root if root * root == variance else root + 1))
    low = middle[first] - spread[first]
    high = max(
        [passes * 2 ** manifest["F"]] + [middle[c] + spread[c] for c in range(len(middle)) if c != first]
    )
    assert high < 2**gate.bound_bits
    assert abs(low) < 2**gate.bound_bits
    below = 2 ** manifest["B"]
    conf_factor = Fraction(math.ceil(Fraction(real) * 2 ** manifest["R"]), 2 ** manifest["R"])
    return max(Fraction(0), Fraction(low, high) + below) >= max(Fraction(0), conf_factor + below)


REALS = [-20.0, -1 / 3, 0.0, 0.7, 1.0, 1.25, 3.3, 100.0, 60_000.0, 65_536.0]


@pytest.mark.parametrize(
    ("embedding", "options"),
    [
        (SIGNED, {}),
        (FixedPoint(3, 3, signed=False), {"passes": 4, "rate": 0.5, "z": 2.3, "temperature": 0.4}),
    ],
)
def test_every_embedding_of_three_inputs_and_three_bits(
    embedding: FixedPoint, options: dict[str, Any]
) -> None:
    gate = gate_of(3, 3, embedding, **options)
    seen = every_embedding(gate)
    assert len(seen) == 512
    masked, first = gate.head.run(seen.embedding).tolist(), gate.labels(seen).tolist()
    for real in REALS:
        wanted = [rule(gate, masked[k], first[k], real) for k in range(len(seen))]
        assert gate.leaves(seen, gate.to_raw(real)).tolist() == wanted, real


@pytest.mark.parametrize(("passes", "z"), [(1, 8.0), (2, 0.0), (64, 8.0)])
def test_the_ends_of_passes_and_z(passes: int, z: float) -> None:
    # Cold, so that probabilities jump from 0 to 1 between passes: the largest deviations there are.
    gate = gate_of(9, 3, temperature=0.05, passes=passes, z=z, rate=0.5)
    seen = random_embeddings(gate, 60)
    masked, first = gate.head.run(seen.embedding).tolist(), gate.labels(seen).tolist()
    critical = gate.critical_raw(seen)
    for k in range(len(seen)):
        assert rule(gate, masked[k], first[k], gate.to_real(int(critical[k])))
        assert not rule(gate, masked[k], first[k], gate.to_real(int(critical[k]) + 1))


@pytest.mark.parametrize("size", [20, 300])
def test_the_float_definition_lies_close(size: int) -> None:
    gate = gate_of(size, 5, temperature=4.0)
    seen = random_embeddings(gate, 400)
    integer = gate.critical_raw(seen) / 2**12 - 16
    low, high = np.percentile(integer, [0, 100])
    assert low < 0.5
    assert high > 2
    # Far rivals have probabilities of few steps of 2^-16; up to a ratio of 100 those are fine enough.
    usual = integer < 100
    assert np.allclose(gate.confidence(seen)[usual], integer[usual], rtol=0.05, atol=0.01)


def test_samples_below_zero_keep_their_order() -> None:
    gate = gate_of(9, 3, temperature=0.1, rate=0.5, z=3)
    seen = random_embeddings(gate, 500)
    below = gate.confidence(seen) < 0
    assert below.sum() > 20
    assert len(np.unique(gate.critical_raw(seen)[below])) > 10
    assert gate.leaves(seen, 0).all()
    assert gate.to_raw(-1.0) == 15 << 12
    assert gate.to_raw(-math.inf) == 0


def test_no_sample_passes_the_threshold_of_never_and_none_that_says_nothing_is_believed() -> None:
    gate = gate_of(4, 3)
    seen = random_embeddings(gate, 300)
    assert gate.critical_raw(seen).max() <= gate.to_raw(2.0**16) < gate.never_raw
    assert gate.to_raw(math.inf) == gate.never_raw
    assert gate.undecided_raw() == gate.to_raw(1.0)
    tied = replace_bias(gate)
    nothing = Seen(np.zeros((1, 3), dtype=np.int64), np.zeros((1, 4), dtype=np.int64))
    assert tied.critical_raw(nothing)[0] == tied.undecided_raw()


def replace_bias(gate: McDropoutGate) -> McDropoutGate:
    """The same gate of a head without biases."""
    manifest = gate.manifest()
    manifest["parameters"]["bias"] = [0] * gate.classes
    again = get_criterion("mc_dropout").from_manifest(manifest)
    assert isinstance(again, McDropoutGate)
    return again


def test_lanes_change_the_cycles_and_no_answer() -> None:
    one, eight = (gate_of(50, 4, lanes=lanes) for lanes in (1, 8))
    seen = random_embeddings(one, 40)
    assert np.array_equal(one.critical_raw(seen), eight.critical_raw(seen))
    assert one.cost().serial_cycles - eight.cost().serial_cycles == 7 * 50
    assert one.macs == eight.macs == 8 * 50 * 4


def test_a_manifest_rebuilds_the_gate() -> None:
    gate = gate_of(30, 4, temperature=1.5, passes=16, rate=0.3, z=1.2)
    again = get_criterion("mc_dropout").from_manifest(json.loads(json.dumps(gate.manifest())))
    seen = random_embeddings(gate, 100)
    assert np.array_equal(again.critical_raw(seen), gate.critical_raw(seen))
    assert again.manifest() == gate.manifest()
    assert gate.manifest()["lfsr"] == {"polynomial": [32, 30, 26, 25, 0], "seed": SEED, "drop_below": 77}


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("passes", 6, "must be a power of two"),
        ("passes", 128, "less than or equal to 64"),
        ("lanes", 0, "greater than or equal to 1"),
        ("rate", 0.95, "less than or equal to 0.9"),
        ("rate", "half", "must be a number"),
        ("z", -1, "greater than or equal to 0"),
    ],
)
def test_settings_that_are_refused(option: str, value: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Settings(**{option: value})


def test_values_outside_their_formats_are_refused() -> None:
    gate = gate_of(3, 3)
    seen = random_embeddings(gate, 4)
    seen.embedding[2, 1] = 64
    with pytest.raises(RangeError, match=r"^embedding\[2, 1\]: raw value 64 is outside 0\.\.63"):
        gate.leaves(seen, 0)


# The C++.


@pytest.mark.gxx
def test_cpp_agrees_whatever_the_settings(tmp_path: Path) -> None:
    gates = [
        gate_of(3, 3, SIGNED),
        gate_of(3, 2, FixedPoint(3, 3, signed=False), passes=1, rate=0.9),
        gate_of(9, 3, temperature=0.05, passes=64, z=8, rate=0.5, lanes=16),
        gate_of(
            300, 26, FixedPoint(8, 2), 20.0, passes=16, rate=0.3, z=1.7, lanes=4
        ),  # kernel as native table
        gate_of(5, 4, FixedPoint(4, 9), rate=0, lanes=1),
        gate_of(5, 4, FixedPoint(16, -3, signed=False), rate=1 / 256, lanes=2),
    ]
    variants = [Variant(gate, serial=serial) for gate in gates for serial in (False, True)]
    program = compile_gates(tmp_path, variants)
    assert program.warnings == []
    for index, variant in enumerate(variants):
        gate = variant.gate
        assert isinstance(gate, McDropoutGate)
        seen = every_embedding(gate) if gate.head.size == 3 else random_embeddings(gate, 40)
        assert differences(program, index, gate, seen, telling_thresholds(gate, seen, 3)) == 0, index


OWN, REGISTER, ROOT = "criteria/mc_dropout.h", "criteria/lfsr.h", "criteria/isqrt.h"
DAMAGE = [
    ("usual", REGISTER, "(state >> 17)", "(state >> 16)"),
    ("certain", ROOT, "if (remainder != 0)", "if (false)"),
    ("certain", ROOT, "remainder >= trial", "remainder > trial"),
    ("tied", OWN, "scaled >= needed", "scaled > needed"),
    ("certain", OWN, "bound_t high = CONFIG::passes << CONFIG::z_fraction;", "bound_t high = 1;"),
    ("usual", OWN, "c != best.index && ", ""),
    ("usual", OWN, "s.low[best.index]", "s.low[0]"),
    ("usual", OWN, "CONFIG::embedding_signed ? input_t(two_s_complement) : input_t(bits)", "input_t(bits)"),
    ("usual", OWN, "CONFIG::seed(first + lane)", "CONFIG::seed(lane)"),
    ("usual", OWN, ">= CONFIG::drop_below", "> CONFIG::drop_below"),
    ("usual", OWN, " + CONFIG::bias(c);", ";"),
    ("usual", OWN, "distance >> CONFIG::table_shift", "distance >> (CONFIG::table_shift + 1)"),
    ("certain", OWN, "CONFIG::table_entries - 1;", "CONFIG::table_entries - 2;"),
    ("usual", OWN, "all <<= CONFIG::log2_passes;", ""),
    ("usual", OWN, " * ap_uint<8>(CONFIG::z)", ""),
]


@pytest.mark.gxx
def test_every_damaged_header_is_found_out(tmp_path: Path) -> None:
    usual = gate_of(100, 4, FixedPoint(5, 2), 3.0, rate=0.3, lanes=2, z=8)
    # Rivals of a few steps of 2^-16, where one step of a root is much.
    certain = gate_of(12, 4, FixedPoint(5, 2), 0.4, rate=0.05, z=8)
    tied = replace_bias(certain)
    nothing = np.zeros((1, 12), dtype=np.int64)
    tried = {
        "usual": (usual, random_embeddings(usual, 100)),
        "certain": (certain, random_embeddings(certain, 200)),
        "tied": (tied, reaching(tied, nothing)),
    }
    damaged = [Variant(tried[which][0], {file: (old, new)}) for which, file, old, new in DAMAGE]
    program = compile_gates(tmp_path, [*damaged, *(Variant(gate) for gate, _ in tried.values())])
    for index, which in enumerate([*(damage[0] for damage in DAMAGE), *tried]):
        gate, seen = tried[which]
        found = differences(program, index, gate, seen, telling_thresholds(gate, seen, 8))
        assert (found > 0) == (index < len(damaged)), DAMAGE[index:]
