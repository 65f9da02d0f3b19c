"""What the columns of the fault bench mean."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwgen.simulation.rtl.fault_effects import EFFECTS, Injection, effects, table
from hwgen.simulation.rtl.fault_kinds import KINDS
from hwgen.simulation.rtl.fault_table import markdown
from hwgen.simulation.rtl.faults import COLUMNS, Outcomes

ROOT = Path(__file__).resolve().parents[2]


def outcome(**columns: int) -> Outcomes:
    """One injection with these columns, all others as without a fault."""
    quiet = np.zeros(len(COLUMNS), dtype=np.int64)
    quiet[COLUMNS.index("raised")] = -1
    row = quiet.copy()
    for name, value in columns.items():
        row[COLUMNS.index(name)] = value
    return Outcomes(np.zeros((1, 4), dtype=np.int64), row[None], quiet)


@pytest.mark.parametrize(
    ("columns", "effect"),
    [
        ({}, "none"),
        ({"cycles": 1}, "late"),
        ({"raised": 5, "errors": 8}, "alarm"),
        ({"wrong": 1, "cycles": 2}, "wrong answer"),
        ({"wrong_tag": 1, "lost": 1, "end": 1}, "wrong tag"),
        ({"doubled": 1}, "doubled"),
        ({"lost": 1, "end": 1, "raised": 5, "errors": 4}, "lost"),
        ({"lost": 9, "end": 1, "wrong": 1, "raised": 5, "errors": 8}, "cleared"),
        ({"lost": 9, "end": 1, "raised": 2000, "errors": 1}, "cleared"),
        ({"host": 2, "unsent": 4, "end": 1, "reset": 1}, "commit waits"),
        ({"host": 1, "unsent": 4, "end": 1, "errors": -1, "reset": 1}, "host stands"),
        ({"lost": 1, "end": 1}, "hang"),
        ({"lost": 2, "wrong_tag": 1, "end": 1}, "hang"),
        ({"unsent": 4, "end": 1}, "hang"),
        ({"unsent": 4, "end": 1, "raised": 5, "errors": 8, "reset": 1, "reset_lost": 1}, "hang"),
    ],
)  # fmt: skip
def test_names_of_effects(columns: dict[str, int], effect: str) -> None:
    assert effects(outcome(**columns)) == [effect]


def test_table() -> None:
    item = Injection("tag", "hwgen_pipeline.stage1_shell.meta_i.g_ring.words", 0, 3, 17, 0, "wrong tag", *[False] * 4)  # fmt: skip
    result = table([item, replace(item, effect="none"), replace(item, stays=True)], {"tag": 40, "data": 9})
    row = result["kinds"]["tag"]
    assert (row["bits"], row["injections"], row["wrong tag"], row["none"]) == (40, 3, 2, 1)
    assert (row["stays"], row["stays_silently"]) == (1, 1)
    assert sum(row[effect] for effect in EFFECTS) == 3
    lines = markdown(result).splitlines()
    assert lines[0] == "| | tag | data |" and "| faults | 3 | 0 |" in lines
    assert any(line.startswith("| **wrong tag**") and line.endswith("| 2 | 0 |") for line in lines)
    assert item.place == "stage_shell.meta_i.g_ring.words"


def test_the_page_shows_what_was_measured() -> None:
    measured = json.loads((ROOT / "benchmarks" / "results" / "faults_digits_mlp.json").read_text())
    page = (ROOT / "docs" / "faults.md").read_text()
    assert markdown(measured) in page
    assert measured["command"] in page
    assert not any(row["hang"] for row in measured["kinds"].values())
    for kind, text in KINDS.items():
        assert f"| {kind} | {text} |" in page
