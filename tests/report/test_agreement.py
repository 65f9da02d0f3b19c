"""Float against integer decisions: counted, and excused at the threshold only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from hwgen.criteria import ExitShape, Gate, Seen, get_criterion
from hwgen.fixedpoint import FixedPoint, FloatArray
from hwgen.report.agreement import disagreement, one_step
from tests.report.cases import Case

FORMAT = FixedPoint(10, 5)
PLAIN = ("score", "margin", "logit_margin")


def gate_of(name: str, temperature: float = 1.0, fmt: FixedPoint = FORMAT) -> Gate:
    return get_criterion(name).gate(ExitShape(fmt, 4, temperature))


def random_logits(count: int, fmt: FixedPoint = FORMAT) -> Seen:
    rng = np.random.default_rng(5)
    return Seen(np.sort(rng.integers(fmt.min_raw // 4, fmt.max_raw // 4, (count, 4)), axis=1)[:, ::-1].copy())


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("name", PLAIN)
def test_gates_differ_from_the_float_definition_at_the_threshold_only(name: str, temperature: float) -> None:
    gate, seen = gate_of(name, temperature), random_logits(4000)
    for raw in np.unique(gate.critical_raw(seen))[::97]:
        found = disagreement(gate, seen, gate.to_real(int(raw)), int(raw))
        differs = gate.reaches(seen, gate.to_real(int(raw))) != gate.leaves(seen, int(raw))
        assert found["samples"] == differs.sum()
        assert found["share"] == differs.mean()
        assert found["within_one_step"]


def test_a_coarse_table_is_excused_by_its_own_step() -> None:
    fmt = FixedPoint(20, 5)  # a table of 1024 entries covers it with an index that drops bits
    gate, seen = gate_of("score", 1.0, fmt), random_logits(4000, fmt)
    assert gate.cpp_params()["table_shift"] > 0
    raw = int(np.median(gate.critical_raw(seen)))
    found = disagreement(gate, seen, gate.to_real(raw), raw)
    assert found["samples"] > 0
    assert found["within_one_step"]


def test_one_step_is_the_sum_of_what_each_logit_is_worth() -> None:
    gate = gate_of("logit_margin")
    seen = Seen(np.array([[40, 20, 0, -7], [40, 40, 0, 0]]))
    assert one_step(gate, seen) == pytest.approx(np.array([2, 2]) * FORMAT.lsb)


@dataclass
class Bent:
    """A gate whose float definition is beside the integer one by a constant."""

    gate: Gate
    offset: float

    def __getattr__(self, name: str) -> object:
        return getattr(self.gate, name)

    def reaches(self, seen: Seen, real: float) -> FloatArray:
        return np.asarray(self.gate.confidence(seen) + self.offset >= real)


@pytest.mark.parametrize("name", ["score", "margin"])
@pytest.mark.parametrize("offset", [-0.2, 0.2])
def test_a_wrong_gate_is_not_excused(name: str, offset: float) -> None:
    gate, seen = gate_of(name), random_logits(1000)
    raw = int(np.median(gate.critical_raw(seen)))
    found = disagreement(Bent(gate, offset), seen, gate.to_real(raw), raw)  # type: ignore[arg-type]
    assert found["share"] > 0.02
    assert not found["within_one_step"]


def test_the_report_has_it_where_a_gate_is_enabled(case: Case) -> None:
    for entry in case.report["exits"]:
        found = entry["float_disagreement"]
        assert (found is not None) == entry["enabled"]
        assert found is None or (found["within_one_step"] and found["samples"] <= 1)
