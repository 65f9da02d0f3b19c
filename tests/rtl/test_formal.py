"""The controller's blocks proven, and the proofs proven to see faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwgen.errors import ToolFailed, ToolMissing
from tests.rtl.formal import find_abc, prove
from tests.rtl.proofs import BLOCKS, FIFO, FORMAL, MUTANTS, PROOFS, RTL, Mutant, Proof, sources

OTHERS = {
    "stream",
    "progress",
    "policy",
    "gate",
    "gate_decision",
    "gate_rule",
    "leader_node",
    "top_two_merge",
}
"""Of sim/formal: what proofs share, and what test_control_proofs.py and test_gate_proofs.py prove."""


def _abc_or_skip() -> None:
    try:
        find_abc()
    except ToolMissing as missing:
        pytest.skip(str(missing))


pytestmark = pytest.mark.yosys


@pytest.mark.parametrize("proof", PROOFS, ids=str)
def test_holds(proof: Proof, tmp_path: Path) -> None:
    _abc_or_skip()
    verdict = prove(sources(proof), proof.top, proof.parameters, tmp_path, edges=proof.edges)
    assert verdict.holds, verdict
    assert verdict.method == "pdr"


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_finds_the_fault(mutant: Mutant, tmp_path: Path) -> None:
    _abc_or_skip()
    text = (RTL / f"{mutant.block}.sv").read_text()
    assert text.count(mutant.old) == 1, (
        f"{mutant}: {mutant.old!r} is in {mutant.block}.sv {text.count(mutant.old)} times"
    )
    replaced = tmp_path / f"{Path(mutant.block).name}.sv"
    replaced.write_text(text.replace(mutant.old, mutant.new))
    verdict = prove(
        sources(mutant.proof, {mutant.block: replaced}),
        mutant.proof.top,
        mutant.proof.parameters,
        tmp_path,
        edges=mutant.proof.edges,
    )
    assert not verdict.holds, f"{mutant} was not found"
    assert verdict.assertion.split(".")[-1] == mutant.assertion.split(".")[-1], verdict


def test_every_block_has_a_proof_and_a_mutant() -> None:
    assert {proof.wrapper for proof in PROOFS} == {path.stem for path in FORMAL.glob("*.sv")} - OTHERS
    assert {Path(block).name for block in BLOCKS} - {"beat_adapter", "beat_fork", "sample_count"} <= {
        proof.wrapper for proof in PROOFS
    }
    assert {mutant.block for mutant in MUTANTS} == set(BLOCKS)


def test_a_module_without_assertions_proves_nothing(tmp_path: Path) -> None:
    _abc_or_skip()
    with pytest.raises(ToolFailed, match="holds no assertion"):
        prove([RTL / "fifo.sv"], "hwgen_fifo", {}, tmp_path)


def test_bounded_proof_says_its_bound(tmp_path: Path) -> None:
    _abc_or_skip()
    verdict = prove(sources(FIFO), FIFO.top, {"DEPTH": 1}, tmp_path, depth=8)
    assert (verdict.holds, verdict.method, verdict.depth) == (True, "bmc", 8)


@pytest.mark.parametrize(
    ("claim", "holds"), [("a + b == b + a", True), ("1'b1", True), ("a - b == b - a", False)]
)
def test_logic_without_registers(claim: str, holds: bool, tmp_path: Path) -> None:
    _abc_or_skip()
    text = (
        f"module claim(input [9:0] a, input [9:0] b); always_comb begin same: assert ({claim}); end endmodule"
    )
    (tmp_path / "claim.sv").write_text(text)
    verdict = prove([tmp_path / "claim.sv"], "claim", {}, tmp_path)
    assert (verdict.holds, verdict.assertion) == (holds, "" if holds else "same")
