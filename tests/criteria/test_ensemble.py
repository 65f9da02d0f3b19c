"""Ensembling over exits: sums that travel, the class they give, and their rounding."""

from __future__ import annotations

import itertools
import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.calibration.gates import gate_from_manifest
from hwgen.criteria import Seen, get_criterion, observe
from hwgen.criteria.ensemble import EnsembleGate, integer_weights
from hwgen.criteria.exp_table import FRACTION, ExpGate
from hwgen.errors import RangeError
from hwgen.fixedpoint import FixedPoint
from hwgen.reference.executor import StageValues
from tests.criteria.gate_program import Variant, compile_gates
from tests.criteria.test_gate_cpp import differences, telling_thresholds
from tests.gates import example_gate, example_seen

BASES = ("score", "laplace")
SMALL = FixedPoint(5, 3)
EVERY = np.array(list(itertools.product(range(-16, 16), repeat=3)), dtype=np.int64)


def ensemble(
    name: str, fmt: FixedPoint, classes: int, weights: list[int], temperature: float = 1.0
) -> EnsembleGate:
    base = example_gate(name, fmt, classes, temperature)
    assert isinstance(base, ExpGate)
    return EnsembleGate(base, weights)


def exact_share(gate: EnsembleGate, seen: Seen, row: int) -> list[int]:
    """weight * P_j of one sample as the definition says, in unbounded integers."""
    logits = seen.logits[row].tolist()
    scaled = gate.base.distances(seen.take(slice(row, row + 1)))[0].tolist()
    tables, shift = gate.tables(), gate.cpp_params()["table_shift"]
    last = len(tables["exp_table"].values) - 1
    index = [min(d >> shift, last) for d in scaled]
    total = sum(int(tables["exp_table"].values[i]) for i in index)
    lower = [
        2**16 if value == max(logits) else int(tables["lower_table"].values[i])
        for value, i in zip(logits, index, strict=True)
    ]
    return [gate.weights[-1] * (entry * (2**32 // total) >> 16) for entry in lower]


def test_weights_follow_the_macs_up_to_each_exit() -> None:
    assert integer_weights([100, 250, 1000]) == [26, 64, 255]
    assert integer_weights([1, 10_000]) == [1, 255]
    assert integer_weights([7]) == [255]


@pytest.mark.parametrize("name", BASES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_sums_are_those_of_the_definition(name: str, data: st.DataObject) -> None:
    fmt = FixedPoint(data.draw(st.integers(3, 24)), data.draw(st.integers(1, 9)), data.draw(st.booleans()))
    classes = data.draw(st.sampled_from([2, 3, 10, 26]))
    weights = data.draw(st.lists(st.integers(1, 255), min_size=1, max_size=4))
    gate = ensemble(name, fmt, classes, weights, data.draw(st.sampled_from([0.3, 1.0, 2.5])))
    seed = data.draw(st.integers(0, 1000))
    logits = np.random.default_rng(seed).integers(fmt.min_raw, fmt.max_raw + 1, (12, classes))
    logits[0], logits[1], logits[2, 0] = fmt.max_raw, fmt.min_raw, fmt.max_raw
    seen = example_seen(gate, logits, seed)
    after = gate.carry(seen)
    assert seen.carried is not None
    for row in range(len(seen)):
        share = exact_share(gate, seen, row)
        assert after[row].tolist() == [a + b for a, b in zip(seen.carried[row].tolist(), share, strict=True)]
    assert after.max() < 2**gate.carried_bits
    assert (after >= seen.carried).all()
    assert np.array_equal(gate.labels(seen), after.argmax(axis=1))
    assert np.array_equal(gate.leaves(seen, 2**16), after.max(axis=1) >= 2**16)


@pytest.mark.parametrize("name", BASES)
@pytest.mark.parametrize(("fmt", "temperature"), [(SMALL, 1.0), (SMALL, 0.3), (FixedPoint(5, 6), 2.0)])
def test_no_share_is_larger_than_its_probability(name: str, fmt: FixedPoint, temperature: float) -> None:
    gate = ensemble(name, fmt, 3, [40, 215], temperature)
    seen = example_seen(gate, EVERY)
    assert seen.carried is not None
    share = (gate.carry(seen) - seen.carried) / (215 << FRACTION)
    assert (share <= gate.base.probabilities(seen) + 1e-12).all()
    for real in (0.0, 0.3, 0.5, 0.9, 1.0):
        leaving = gate.leaves(seen, gate.to_raw(real))
        assert (gate.confidence(seen)[leaving] >= real - 1e-12).all()


def test_long_tables_are_rounded_down_too() -> None:
    """Sixteen distances in one bin of the table."""
    gate = ensemble("score", FixedPoint(20, 6), 4, [255])
    assert gate.cpp_params()["table_shift"] > 3
    logits = np.random.default_rng(0).integers(-60_000, 60_000, (3000, 4))
    seen = Seen(logits, None, np.zeros_like(logits))
    share = gate.carry(seen) / (255 << FRACTION)
    claimed = gate.base.probabilities(seen)
    assert (share <= claimed + 1e-12).all()
    assert (claimed - share).max() < 0.01


@pytest.mark.parametrize("name", BASES)
def test_the_first_exit_gives_the_class_of_its_logits(name: str) -> None:
    gate = ensemble(name, SMALL, 3, [255])
    seen = example_seen(gate, EVERY)
    assert seen.carried is not None
    assert not seen.carried.any()
    assert np.array_equal(gate.labels(seen), EVERY.argmax(axis=1))


def test_the_lowest_index_among_the_largest_sums_is_the_class() -> None:
    gate = ensemble("score", SMALL, 3, [100, 100])
    sums = np.array([[5, 5, 5], [0, 9, 9], [0, 0, 1]])
    tied = Seen(np.zeros((3, 3), dtype=np.int64), None, sums)
    assert gate.labels(tied).tolist() == [0, 1, 2]


def test_an_earlier_exit_can_outvote_a_later_one() -> None:
    first, second = (ensemble("score", SMALL, 3, weights) for weights in ([255], [255, 60]))
    sure, unsure = np.array([[15, -16, -16]]), np.array([[0, 1, 0]])
    values = [StageValues(logits, logits) for logits in (sure, unsure)]
    seen = observe([first, second], values)
    assert second.labels(seen[1]).tolist() == [0]
    assert seen[1].carried is not None
    assert np.array_equal(seen[1].carried, first.carry(seen[0]))


def test_an_exit_without_a_gate_adds_nothing() -> None:
    first, last = (ensemble("score", SMALL, 3, weights) for weights in ([255], [255, 60]))
    logits = EVERY[:50]
    seen = observe([first, None, last], [StageValues(logits, logits)] * 3)
    assert seen[1].carried is None
    assert seen[2].carried is not None
    assert np.array_equal(seen[2].carried, first.carry(seen[0]))


@pytest.mark.parametrize("name", BASES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_thresholds_go_to_real_and_back_and_round_up(name: str, data: st.DataObject) -> None:
    gate = ensemble(name, SMALL, 3, data.draw(st.lists(st.integers(1, 255), min_size=1, max_size=5)))
    raw = data.draw(st.integers(0, gate.max_raw))
    assert gate.to_raw(gate.to_real(raw)) == raw
    real = data.draw(st.floats(0, 1))
    assert Fraction(gate.to_raw(real), sum(gate.weights) << FRACTION) >= Fraction(real)


def test_ends_of_the_register() -> None:
    gate = ensemble("score", SMALL, 3, [3, 255])
    best = Seen(np.array([[15, -16, -16]]), None, np.array([[3 << FRACTION, 0, 0]]))
    assert not gate.leaves(best, gate.never_raw)[0]
    assert gate.to_raw(math.inf) == gate.never_raw
    assert not gate.leaves(best, gate.to_raw(1.0))[0], "no sample is certain"
    assert gate.leaves(best, 0)[0]
    with pytest.raises(RangeError, match=r"^raw threshold: received"):
        gate.leaves(best, gate.max_raw + 1)


def test_equal_logits_everywhere_are_undecided() -> None:
    first, second = (ensemble("score", SMALL, 3, weights) for weights in ([90], [90, 255]))
    zeros = np.zeros((1, 3), dtype=np.int64)
    seen = observe([first, second], [StageValues(zeros, zeros)] * 2)
    assert second.critical_raw(seen[1])[0] <= second.undecided_raw()
    assert not second.leaves(seen[1], second.undecided_raw() + 1)[0]


@pytest.mark.parametrize("name", BASES)
def test_a_manifest_rebuilds_the_gate(name: str) -> None:
    gate = ensemble(name, FixedPoint(12, 5), 4, [10, 60, 255])
    again = gate_from_manifest(json.loads(json.dumps(gate.manifest())))
    logits = np.random.default_rng(0).integers(-2048, 2048, (200, 4))
    seen = example_seen(gate, logits)
    assert again.manifest() == gate.manifest()
    assert np.array_equal(again.carry(seen), gate.carry(seen))


def test_cost_adds_a_divider_and_two_multipliers_per_class() -> None:
    gate = ensemble("laplace", FixedPoint(12, 5), 4, [10, 255])
    plain, whole = gate.base.cost(), gate.cost()
    assert whole.dividers == 1
    assert len(whole.multipliers) == len(plain.multipliers) + 8
    assert whole.serial_cycles == plain.serial_cycles
    assert gate.macs == gate.base.macs


def test_criteria_that_can_be_summed_give_exponentials() -> None:
    for name in BASES:
        assert get_criterion(name).ensembles
        assert isinstance(example_gate(name, SMALL, 3), ExpGate)
    assert not get_criterion("margin").ensembles


@pytest.mark.gxx
def test_cpp_agrees(tmp_path: Path) -> None:
    """Every vector of the small space, many of the usual head, and wide logits; both forms."""
    parts = [(SMALL, 3), (FixedPoint(16, 6), 10), (FixedPoint(40, 9), 26)]
    gates = [ensemble(name, *part, weights=[17, 255]) for name in BASES for part in parts]
    gates.append(ensemble("score", SMALL, 3, [255]))
    both = [*gates, *gates]
    variants = [Variant(gate, serial=k >= len(gates)) for k, gate in enumerate(both)]
    program = compile_gates(tmp_path, variants)
    assert program.warnings == []
    rng = np.random.default_rng(0)
    for index, gate in enumerate(both):
        fmt = gate.logits
        wide = rng.integers(fmt.min_raw, fmt.max_raw + 1, (20_000, gate.classes)) >> rng.integers(
            0, fmt.width, (20_000, 1)
        )
        seen = example_seen(gate, EVERY if fmt == SMALL else wide)
        assert differences(program, index, gate, seen, telling_thresholds(gate, seen, 5)) == 0


ENSEMBLE = "criteria/ensemble.h"
DAMAGE = [
    (ENSEMBLE, "one <<= 2 * Q", "one <<= 2 * Q - 1"),
    (ENSEMBLE, "distance == 0 ?", "d == 0 ?"),
    (ENSEMBLE, "CONFIG::lower_table(exp_index<CONFIG>(d))", "exponential<CONFIG>(d)"),
    (ENSEMBLE, "exp_index<CONFIG>(d)", "exp_index<CONFIG>(distance)"),
    (ENSEMBLE, "s.sum += exponential<CONFIG>(d)", "s.sum += exponential<CONFIG>(distance)"),
    (ENSEMBLE, "product >> Q", "(product >> Q) + 1"),
    (ENSEMBLE, "carried[j] += probability", "carried[j] = probability"),
    (ENSEMBLE, "ap_uint<8>(CONFIG::ensemble_weight)", "ap_uint<7>(CONFIG::ensemble_weight)"),
    (ENSEMBLE, "carried[j] > s.largest", "carried[j] >= s.largest"),
    (ENSEMBLE, "s.largest = carried[j]", "s.largest = probability"),
    (ENSEMBLE, "label = j", "label = j == 0 ? 1 : j"),
    (ENSEMBLE, "s.largest >= threshold", "s.largest > threshold"),
]


@pytest.mark.gxx
def test_every_damage_is_found_out(tmp_path: Path) -> None:
    """Samples without sums before, where shares tie, and samples whose sums outvote this exit."""
    gate = ensemble("laplace", FixedPoint(6, 4), 3, [200, 255])
    kappa = {**gate.base.manifest()["parameters"], "kappa": [700, 500]}
    base = get_criterion("laplace").gate(gate.shape, None, kappa)
    assert isinstance(base, ExpGate)
    gate = EnsembleGate(base, [200, 255])
    program = compile_gates(tmp_path, [Variant(gate, {file: (old, new)}) for file, old, new in DAMAGE])
    rng = np.random.default_rng(0)
    logits = rng.integers(-32, 32, (4000, 3))
    logits[::3] = rng.integers(-2, 3, (1334, 3))
    seen = example_seen(gate, logits)
    assert seen.carried is not None
    seen.carried[::2] = 0
    for index, damage in enumerate(DAMAGE):
        found = differences(program, index, gate, seen, telling_thresholds(gate, seen, 40))
        assert found > 0, damage
