"""The RTL of every gate answers as its integer definition does, at any pace; damaged copies are found out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwgen.criteria import ExitShape, Gate, get_criterion
from hwgen.criteria.rtl_block import Form
from hwgen.criteria.score import ScoreGate
from hwgen.errors import RecipeError
from hwgen.fixedpoint import FixedPoint
from hwgen.rtl.gates import own_block, rtl_gate
from tests.gates import example_gate
from tests.rtl.gate_bench import GateBench, Variant
from tests.rtl.gate_samples import SMALL, agreement_gates, leaves, samples, thresholds

pytestmark = pytest.mark.verilator


FORMS: tuple[Form, ...] = ("parallel", "serial")


def variants(form: Form) -> list[Variant]:
    """All gates that have a block of their own in that form, and not the same one in both."""
    found = []
    for gate in agreement_gates():
        block, parallel = own_block(gate, form), own_block(gate, "parallel")
        same = (
            form == "serial" and block is not None and parallel is not None and block.files == parallel.files
        )
        if block is not None and not same:
            found.append(Variant(gate, form))
    return found


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> dict[Form, GateBench]:
    """One per form: all gates of a bench see every cycle, and serial ones take many."""
    return {form: GateBench(tmp_path_factory.mktemp(form), variants(form)) for form in FORMS}


@pytest.fixture
def bench(benches: dict[Form, GateBench], form: Form) -> GateBench:
    return benches[form]


def named(index: int, variant: Variant) -> str:
    gate = variant.gate
    return f"{index}-{gate.block}-{gate.classes}x{gate.logits.width}-{variant.form}"


EACH = [
    pytest.param(form, index, id=named(index, variant))
    for form in FORMS
    for index, variant in enumerate(variants(form))
]


@pytest.mark.parametrize(("form", "index"), EACH)
def test_agrees_at_critical_thresholds(bench: GateBench, form: Form, index: int) -> None:
    gate = bench.variants[index].gate
    seen = samples(gate)
    labels = gate.labels(seen)
    for seed in range(2 if form == "parallel" and bench.planned[index].interval < 50 else 1):
        raws = thresholds(gate, seen, seed)
        answer = bench.run(index, seen, raws)
        assert (answer.meta == np.arange(len(seen))).all(), "in order, nothing lost"
        assert (answer.label == labels).all()
        assert (answer.leave == leaves(gate, seen, raws)).all()
        if gate.carries:
            assert (answer.carried == gate.carry(seen)).all()


@pytest.mark.parametrize(("form", "index"), EACH)
def test_latency_and_interval_are_what_python_says(bench: GateBench, index: int) -> None:
    gate, planned = bench.variants[index].gate, bench.planned[index]
    seen = samples(gate).take(np.arange(60))
    raws = np.full(60, gate.max_raw)
    spaced = bench.run(index, seen, raws, gap=3)
    assert set((spaced.shown - spaced.entered).tolist()) == {planned.latency}
    dense = bench.run(index, seen, raws)
    assert set(np.diff(dense.shown).tolist()) == {planned.interval}


@pytest.mark.parametrize(("form", "index"), EACH)
def test_any_pace_gives_the_same_answers(bench: GateBench, index: int) -> None:
    """Random stalls on both sides; the bench fails if an answer changes before it is taken."""
    gate = bench.variants[index].gate
    seen = samples(gate, 400).take(np.arange(400))
    raws = thresholds(gate, seen)
    for stall_in, stall_out in ((0.0, 0.9), (0.9, 0.0), (0.5, 0.5), (0.1, 0.1)):
        answer = bench.run(index, seen, raws, stall_in=stall_in, stall_out=stall_out, seed=7)
        assert (answer.meta == np.arange(len(seen))).all()
        assert (answer.label == gate.labels(seen)).all()
        assert (answer.leave == leaves(gate, seen, raws)).all()
        if gate.carries:
            assert (answer.carried == gate.carry(seen)).all()


@pytest.mark.parametrize(("form", "index"), EACH)
def test_nothing_leaves_disabled_or_with_a_threshold_too_wide(bench: GateBench, index: int) -> None:
    gate = bench.variants[index].gate
    seen = samples(gate, 256).take(np.arange(256))
    loose = 0 if gate.stricter_up else gate.max_raw
    enable = np.arange(256) % 2 == 0
    raws = np.full(256, loose, dtype=np.uint64)
    raws[::4] |= np.uint64(1) << np.uint64(gate.threshold_bits)
    raws[::8] = np.uint64(1) << np.uint64(63)
    answer = bench.run(index, seen, raws, enable=enable)
    wanted = gate.leaves(seen, loose) & enable & (raws == loose)
    assert (answer.leave == wanted).all()
    assert wanted.any()
    assert (answer.enable == enable).all()


@pytest.mark.parametrize(("form", "index"), EACH)
def test_a_reset_in_mid_stream_leaves_nothing_stale(bench: GateBench, index: int) -> None:
    gate = bench.variants[index].gate
    seen = samples(gate, 200).take(np.arange(200))
    raws = thresholds(gate, seen)
    answer = bench.run(index, seen, raws, stall_out=0.7, reset_after=50)
    kept = ~answer.lost
    assert kept[50:].all() and (answer.lost.sum() <= bench.planned[index].latency)
    assert (answer.meta[kept] == np.arange(200)[kept]).all()
    assert (answer.label[kept] == gate.labels(seen)[kept]).all()
    assert (answer.leave[kept] == leaves(gate, seen, raws)[kept]).all()


DAMAGE = [
    ("logit_margin", "logit_margin.sv", "(distance) >= threshold", "(distance) > threshold"),
    ("logit_margin", "leader_node.sv", "value[j] > value[i]", "value[j] >= value[i]"),
    ("logit_margin", "leader_node.sv", "losses[3] == 2'd1};", "1'b0};"),
    ("logit_margin", "top_two_merge.sv", "beaten_held > own_held ? beaten_held : own_held", "beaten_held"),
    ("logit_margin", "top_two_merge.sv", "beaten_held > own_held ? beaten_held : own_held", "own_held"),
    ("logit_margin", "GATE", "s_threshold[63:THRESHOLD_BITS] == '0", "1'b1"),
    ("logit_margin", "GATE", "open && reached", "reached"),
    ("logit_margin", "pace.sv", "ready[i+1] || !valid[i]", "1'b1"),
    ("logit_margin", "pace.sv", "(valid & ~ready)", "'0"),
    ("logit_margin", "delay.sv", "if (load[i])", "if (1'b1)"),
    ("score", "score.sv", "sum <= threshold", "sum < threshold"),
    ("score", "bins.sv", "over ? '1 : low", "low"),
    ("score", "bin_index.sv", "INDEX_BITS'(distance >> SHIFT)", "INDEX_BITS'(distance >> SHIFT) + 1'b1"),
    ("score", "sum.sv", "low + high", "low"),
    ("margin", "margin.sv", ">= needed", "> needed"),
    ("margin", "exp_sum.sv", "({second, logits})", "({m_first, logits})"),
    ("entropy", "entropy.sv", "above_held && ", ""),
    ("entropy", "entropy.sv", "allowed >= ", "allowed > "),
    ("entropy", "logarithm.sv", "octave = OCTAVE_BITS'(e)", "octave = OCTAVE_BITS'(1)"),
    ("entropy", "logarithm.sv", "place + 1'b1", "place"),
    ("energy", "energy.sv", "value >= threshold", "value > threshold"),
    ("energy", "energy.sv", "SUM_BITS'(SUM_START)", "SUM_BITS'(SUM_START + 4000)"),
    ("distribution", "distribution.sv", ">= needed", "> needed"),
    ("distribution", "rank_weights.sv", "RANK_BITS'(r)", "RANK_BITS'(r + 1)"),
    ("learned", "learned.sv", "total >= ", "total > "),
    ("learned", "learned.sv", "(1),\n        .TABLE_SHIFT", "(0),\n        .TABLE_SHIFT"),
    ("learned", "reciprocal.sv", "high    = first >=", "high    = first >"),
]
SERIAL_DAMAGE = [
    ("logit_margin", "logit_margin_serial.sv", "value > first", "value >= first"),
    ("logit_margin", "logit_margin_serial.sv", "(leads || value > second)", "(leads)"),
    ("logit_margin", "logit_margin_serial.sv", "leads ? first : value", "value"),
    ("score", "scan_serial.sv", "value > m_first", "value >= m_first"),
    ("score", "scan_serial.sv", "moves[1:0] == 2'b00", "1'b1"),
    ("score", "exp_sum_serial.sv", "SUM_BITS'(SUM_START)", "m_sum"),
    ("score", "score_serial.sv", "sum <= s_threshold", "sum < s_threshold"),
    ("margin", "margin_serial.sv", "adds && number != m_class", "adds"),
    ("margin", "runner_up_serial.sv", "s_entry > largest", "s_entry < largest"),
    ("margin", "compare_serial.sv", "next[BITS+2] && !above", "next[BITS+2]"),
    ("distribution", "compare_serial.sv", "STEPS'({s_a, {FRACTION{1'b0}}})", "STEPS'(0)"),
    ("entropy", "compare_serial.sv", "rest == '0", "1'b0"),
    ("entropy", "entropy_serial.sv", "limit >= LEFT'(log) && ", ""),
    ("entropy", "logarithm_serial.sv", "log_table_index + 1'b1", "log_table_index"),
    ("energy", "logarithm_serial.sv", "octave = OCTAVE_BITS'(e)", "octave = OCTAVE_BITS'(1)"),
    ("energy", "energy_serial.sv", "value >= ", "value > "),
    ("energy", "product_serial.sv", "product[KEPT:0]} >> 1", "product[KEPT:0]} >> 2"),
    ("distribution", "distribution_serial.sv", "* WEIGHED'(weight)", "+ WEIGHED'(weight)"),
    ("distribution", "rank_serial.sv", "value > best", "value < best"),
    ("distribution", "rank_serial.sv", "gone[CLASSES-1] || ", ""),
    ("distribution", "rank_serial.sv", " || number == chosen", ""),
    ("learned", "scan_serial.sv", "low[s_doubled]", "low[0]"),
    ("learned", "reciprocal_serial.sv", "!next[SUM_BITS+1]", "next > 0"),
    ("learned", "weigh_serial.sv", "!rest[BITS-1]", "rest > 0"),
    ("learned", "learned_serial.sv", "adds && number != m_class", "adds"),
]


def found_out(bench: GateBench, index: int, gate: Gate) -> bool:
    """Whether any of the checks above would fail."""
    every = samples(gate)
    count = 6000 if bench.planned[index].interval < 50 else 2000
    seen = every.take(np.random.default_rng(3).integers(0, len(every), count))
    for stall in (0.0, 0.5):
        raws = thresholds(gate, seen).astype(np.uint64)
        wanted = leaves(gate, seen, raws.astype(np.int64))
        loose = 0 if gate.stricter_up else gate.max_raw
        raws[-20:] = np.uint64(1) << np.uint64(gate.threshold_bits)
        raws[-20:] |= np.uint64(loose)
        enable = np.arange(len(seen)) % 7 != 0
        wanted = wanted & enable
        wanted[-20:] = False
        answer = bench.run(index, seen, raws, enable=enable, stall_in=stall, stall_out=stall, check=False)
        if (answer.label != gate.labels(seen)).any() or (answer.leave != wanted).any() or answer.lost.any():
            return True
        if gate.carries and (answer.carried != gate.carry(seen)).any():
            return True
    return False


def test_every_damaged_copy_is_found_out(tmp_path: Path) -> None:
    def damaged(name: str, form: Form, file: str, old: str, new: str) -> Variant:
        # Seven classes: groups of three and of four, and two groups to join. Two: for a tie both sides of
        # `distribution` are equal, and a division comes out even. A cold table ends within the smallest distances: only then is an index clamped.
        classes = 2 if file in ("distribution.sv", "reciprocal.sv", "reciprocal_serial.sv") else 7
        temperature = 0.1 if file == "bins.sv" else 1.0
        return Variant(example_gate(name, FixedPoint(3, 2), classes, temperature), form, {file: (old, new)})

    faults = [damaged(name, "parallel", file, old, new) for name, file, old, new in DAMAGE]
    faults += [damaged(name, "serial", file, old, new) for name, file, old, new in SERIAL_DAMAGE]
    sound = [Variant(example_gate(name, FixedPoint(3, 2), 7)) for name in ("logit_margin", "learned")]
    sound += [
        Variant(example_gate(name, FixedPoint(3, 2), 7), "serial") for name in ("distribution", "learned")
    ]
    bench = GateBench(tmp_path, [*faults, *sound])
    for index, variant in enumerate(bench.variants):
        assert found_out(bench, index, variant.gate) == (variant.edits is not None), variant.edits


def test_a_criterion_without_rtl_is_refused() -> None:
    class Unknown(ScoreGate):
        """Inherits the block of another criterion, which decides differently."""

    gate = Unknown(get_criterion("score"), ExitShape(SMALL, 3))
    gate.block = "unknown"
    with pytest.raises(RecipeError, match="exits.criterion: criterion 'unknown' has no RTL in parallel form"):
        rtl_gate(gate, "gate1", "// banner")
    with pytest.raises(RecipeError, match="'laplace' has no RTL in serial form"):
        rtl_gate(example_gate("laplace", SMALL, 3), "gate1", "// banner", "serial")
