"""gates.json: what is written is read, damage is noticed, TensorFlow is not needed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hwgen.errors import NetworkError
from hwgen.training.gates_file import GATES_NAME, gates_text, make_gates, read_gates

GATES = make_gates("jei", [[1.0, -2.0, 3.0, 0.1]], [0.5])


def test_what_is_written_is_read(tmp_path: Path) -> None:
    (tmp_path / GATES_NAME).write_text(gates_text(GATES))
    assert read_gates(tmp_path) == GATES
    assert GATES == {
        "method": "jei",
        "statistics": ["p_max", "entropy", "margin", "power_entropy"],
        "gates": [{"weights": [1.0, -2.0, 3.0, 0.1], "bias": 0.5}],
    }


def test_a_network_without_gates_has_none(tmp_path: Path) -> None:
    assert read_gates(tmp_path) is None


@pytest.mark.parametrize(
    "change",
    [
        {"gates": [{"weights": [1.0, 2.0], "bias": 0.0}]},
        {"gates": [{"weights": [1.0, 2.0, 3.0, float("nan")], "bias": 0.0}]},
        {"gates": [{"weights": [1.0, 2.0, 3.0, 4.0]}]},
        {"gates": [{"weights": [1.0, 2.0, 3.0, True], "bias": 0.0}]},
        {"gates": None},
        {"statistics": ["p_max"]},
    ],
)
def test_damage_is_noticed(tmp_path: Path, change: dict[str, Any]) -> None:
    (tmp_path / GATES_NAME).write_text(json.dumps({**GATES, **change}))
    with pytest.raises(NetworkError, match="4 finite weights and a bias per gate; run `hwgen train` again"):
        read_gates(tmp_path)


def test_a_file_that_is_no_json(tmp_path: Path) -> None:
    (tmp_path / GATES_NAME).write_text("{")
    with pytest.raises(NetworkError, match="gates.json: cannot be read"):
        read_gates(tmp_path)


def test_reading_needs_no_tensorflow() -> None:
    code = "import sys; import hwgen.training.gates_file; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
