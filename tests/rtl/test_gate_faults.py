"""Damaged copies of the blocks behind embeddings, carried sums and networks are found out as those of test_gates are."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwgen.criteria import Gate
from hwgen.fixedpoint import FixedPoint
from hwgen.reference.network import Tensor
from tests.gates import example_gate
from tests.rtl.gate_bench import GateBench, Variant
from tests.rtl.gate_samples import dropout, ensemble, laplace, network
from tests.rtl.test_gates import found_out

pytestmark = pytest.mark.verilator

LOGITS = FixedPoint(4, 2)
GATES = {
    "laplace": laplace(LOGITS, 3, Tensor((12,), FixedPoint(6, 2)), 12, 0),
    # Fine logits: the first bin of the table holds more than distance 0.
    "ensemble": ensemble(example_gate("score", FixedPoint(16, 4), 3), [10, 255]),
    "network": network(LOGITS, 5, ranks=3, hidden=3),
    "mc_dropout": dropout(LOGITS, 3, Tensor((3,), FixedPoint(6, 2)), LOGITS, passes=2, rate=0.4),
    # Of two values the variance is a square.
    "four passes": dropout(LOGITS, 2, Tensor((3,), FixedPoint(6, 2)), LOGITS, passes=4, rate=0.4),
}
DAMAGE = [
    ("laplace", "laplace.sv", "sum <= threshold", "sum < threshold"),
    ("laplace", "variance.sv", "variance[VARIANCE-1] ? '0 : variance", "variance"),
    ("laplace", "variance.sv", "bin >> INDEX_BITS != '0 ? '1 : INDEX_BITS'(bin)", "INDEX_BITS'(bin)"),
    ("laplace", "variance.sv", "step_first ? square_sum : norm", "norm"),
    ("laplace", "scaled_front.sv", ">> KAPPA_FRACTION", ">> (KAPPA_FRACTION + 1)"),
    ("laplace", "steps.sv", "part_valid && lasts[AHEAD]", "part_valid"),
    ("laplace", "steps.sv", "ready && last_read", "ready"),
    ("laplace", "ring.sv", "if (leave)", "if (enter)"),
    ("ensemble", "ensemble_sums.sv", "largest >= threshold", "largest > threshold"),
    ("ensemble", "ensemble_sums.sv", "apart_held[j] ?", "1'b1 ?"),
    ("ensemble", "ensemble_sums.sv", "m_carried <= after_held", "m_carried <= after"),
    ("network", "sorted.sv", "< RANK_BITS'(KEPT)", "<= RANK_BITS'(KEPT)"),
    ("network", "perceptron.sv", "biased[SUM_BITS-1] ? '0 : ", ""),
    ("network", "distribution_mlp.sv", "{!total", "{total"),
    ("mc_dropout", "mc_dropout.sv", "left >= needed", "left > needed"),
    ("mc_dropout", "mc_dropout.sv", ".first (!begun)", ".first (1'b1)"),
    ("mc_dropout", "masked_sums.sv", ">= 8'(DROP_BELOW)", "> 8'(DROP_BELOW + 20)"),
    ("four passes", "root_serial.sv", "(remainder != '0)", "(1'b0)"),
    ("mc_dropout", "intervals_serial.sv", "class_number != s_class && ", ""),
    ("mc_dropout", "reciprocal_serial.sv", "STEP_BITS'(FRACTION + 1)", "STEP_BITS'(FRACTION)"),
]


def test_every_damaged_copy_is_found_out(tmp_path: Path) -> None:
    variants = [Variant(GATES[name], "parallel", {file: (old, new)}) for name, file, old, new in DAMAGE]
    bench = GateBench(tmp_path, [*variants, *map(Variant, GATES.values())])
    for index, variant in enumerate(bench.variants):
        gate: Gate = variant.gate
        assert found_out(bench, index, gate) == (variant.edits is not None), (gate.block, variant.edits)
