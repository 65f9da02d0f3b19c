"""No sample ever reads a bank that changes: proven for all inputs, and mutants of the RTL are rejected."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwgen.material import material
from tests.rtl.formal import Verdict, prove

pytestmark = pytest.mark.yosys
RTL = material("firmware_templates") / "rtl"
FORMAL = material("sim") / "formal"
MUTANTS = {
    "bank with samples inside may be written": (
        "policy.sv", "wanted_bank != 1'(b) && empty[b];", "wanted_bank != 1'(b);",
    ),
    "active bank may be written": ("policy.sv", "bank != 1'(b) && wanted_bank", "wanted_bank"),
    "commit does not wait": ("policy.sv", "if (empty[wanted_bank]) bank <=", "bank <="),
    "commit waits for the wrong bank": ("policy.sv", "empty[wanted_bank]", "empty[~wanted_bank]"),
    "policy moves while a sample waits": ("policy.sv", "else if (!enter_valid || enter_ready)", "else"),
    "sample that enters while one leaves is lost": (
        "policy.sv", "enters[b] && (!leaves[b] || empty[b])", "enters[b] && !leave_valid",
    ),
    "unknown policy wraps": ("policy.sv", "select < KNOWN ?", "1'b1 ?"),
    "refusal only reported": ("threshold_bank.sv", "known && writable[host_bank]", "known"),
    "enables survive a reset": ("threshold_bank.sv", "if (!rst_n) enable", "if (1'b0) enable"),
    "gate reads the active bank, not the sample's": (
        "threshold_bank.sv", "memory[{lookup_bank[g], policy}]", "memory[{~writable[1], policy}]",
    ),
    "second gate gets the first one's writes": (
        "threshold_bank.sv", "write_word[w] && host_gate == 5'(g)", "(write_word[w] || host_request && g == 1)",
    ),
}  # fmt: skip


def _prove(folder: Path, file: str = "", old: str = "", new: str = "", depth: int | None = None) -> Verdict:
    sources = []
    for name in ("policy.sv", "threshold_bank.sv"):
        text = (RTL / name).read_text()
        if name == file:
            assert text.count(old) == 1, f"{file} no longer holds {old!r} once"
            text = text.replace(old, new)
        (folder / name).write_text(text)
        sources.append(folder / name)
    sources += [FORMAL / "stream.sv", FORMAL / "policy.sv"]
    return prove(sources, "formal_policy", {}, folder, depth=depth)


def test_no_sample_sees_a_bank_change(tmp_path: Path) -> None:
    verdict = _prove(tmp_path)
    assert verdict.holds and verdict.method == "pdr", verdict
    assert verdict.assertions == 14


@pytest.mark.parametrize("mutant", MUTANTS)
def test_mutant_is_rejected(mutant: str, tmp_path: Path) -> None:
    verdict = _prove(tmp_path, *MUTANTS[mutant], depth=8)
    assert not verdict.holds, f"{mutant}: nobody noticed"
