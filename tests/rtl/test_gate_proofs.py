"""The tournament and the gates proven against their rules, and the proofs proven to see faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwgen.errors import ToolFailed, ToolMissing
from tests.rtl.formal import find_abc
from tests.rtl.formal_logic import prove_logic
from tests.rtl.gate_proofs import MUTANTS, PROOFS, GateMutant, GateProof, NodeProof

pytestmark = pytest.mark.yosys


@pytest.fixture(autouse=True)
def _abc() -> None:
    try:
        find_abc()
    except ToolMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("proof", PROOFS, ids=str)
def test_holds(proof: NodeProof | GateProof, tmp_path: Path) -> None:
    verdict = proof.run(tmp_path)
    assert verdict.holds, verdict
    in_time = isinstance(proof, GateProof) and proof.wrapper == "gate"
    assert verdict.method == ("pdr" if in_time else "combinational")


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_finds_the_fault(mutant: GateMutant, tmp_path: Path) -> None:
    verdict = mutant.proof.run(tmp_path, {mutant.file: (mutant.old, mutant.new)})
    assert not verdict.holds, f"{mutant} was not found"
    assert verdict.assertion.split(".")[-1] in mutant.assertions, verdict


def test_a_damage_must_change_the_text(tmp_path: Path) -> None:
    proof = MUTANTS[0].proof
    with pytest.raises(AssertionError, match="0 times"):
        proof.run(tmp_path, {"pick.sv": ("no such text", "")})


@pytest.mark.parametrize("damage", ["q = d ^ 1'b1", "q = d"])
def test_registers_with_an_enable_are_wires(damage: str, tmp_path: Path) -> None:
    (tmp_path / "claim.sv").write_text(
        "module claim(input clk, input load, input d); logic q;\n"
        f"always_ff @(posedge clk) if (load) {damage.replace('q =', 'q <=')};\n"
        "always_comb begin same: assert (q == d); end endmodule"
    )
    assert prove_logic([tmp_path / "claim.sv"], "claim", {}, tmp_path).holds == (damage == "q = d")


def test_other_registers_are_refused(tmp_path: Path) -> None:
    (tmp_path / "claim.sv").write_text(
        "module claim(input clk, input d); logic q; always_ff @(posedge clk) q <= d;\n"
        "always_comb begin same: assert (q == d); end endmodule"
    )
    with pytest.raises(ToolFailed, match="registers without an enable are left"):
        prove_logic([tmp_path / "claim.sv"], "claim", {}, tmp_path)
