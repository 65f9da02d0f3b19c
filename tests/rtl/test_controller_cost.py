"""What the controller costs, and that the headers of its blocks say so (Yosys, synth_xilinx -family xcup)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import pytest

from hwgen.eda import yosys
from hwgen.eda.yosys import Counts
from hwgen.errors import ToolMissing
from tests.rtl.proofs import CONTROLLER, RTL

META = 20  # 16 bits of tag, 3 of policy, 1 of bank
RESULT = META + 1 + 2 + 4
COSTS: Mapping[str, Mapping[str, int]] = {
    "fifo": {"WIDTH": 32, "DEPTH": 16, "PARITY": 1},
    "clock_gate": {"MODE": 0},
    "feature_buffer": {"BEATS": 1, "BITS": 64, "SLOTS": 16, "META_BITS": META, "PARITY": 1},
    "stage_shell": {
        "IN_BITS": 64,
        "META_BITS": META,
        "IN_FLIGHT": 16,
        "GATING": 2,
        "WAKE": 2,
        "HYSTERESIS": 4,
        "PARITY": 1,
    },
    "exit_router": {"EXIT_BITS": 2, "CLASS_BITS": 4, "META_BITS": META, "KEEP_META_BITS": META, "PARITY": 1},
    "result_merge": {"EXITS": 2, "WIDTH": RESULT, "EXIT_DEPTH": 4, "OUT_DEPTH": 16, "PARITY": 1},
    "reorder": {"DEPTH": 16, "WIDTH": RESULT, "SEQ_BITS": 4, "PARITY": 1},
    "watchdog": {"UNITS": 3, "LIMIT": 1024},
    "entrance_beat": {"BEATS": 36, "PARITY": 1},
}
HEADER = re.compile(r"^// Cost +(\d+) LUT, (\d+) FF, (\d+) RAM32M16 \((.*?)\)", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.yosys


@cache
def _counts(block: str) -> Counts:
    files = [RTL / "fifo.sv", RTL / "clock_gate.sv"]
    files += [] if RTL / f"{block}.sv" in files else [RTL / f"{block}.sv"]
    return yosys.synthesise(files, f"hwgen_{block}", COSTS[block])


@pytest.fixture(scope="module", autouse=True)
def _yosys() -> None:
    try:
        yosys.find()
    except ToolMissing as missing:
        pytest.skip(str(missing))


def test_controller_of_an_early_exit() -> None:
    parts = [_counts(name) for name in ("stage_shell", "feature_buffer", "exit_router")]
    merge = _counts("result_merge")
    lut = sum(part.lut for part in parts) + merge.lut / COSTS["result_merge"]["EXITS"]
    assert lut <= 400
    assert sum(part.dsp for part in parts) == 0
    assert sum(part.bram for part in parts) == 0


@pytest.mark.parametrize("block", [name for name in CONTROLLER if name != "clock_gate"])
def test_header_tells_the_cost(block: str) -> None:
    header = HEADER.search((RTL / f"{block}.sv").read_text())
    assert header is not None
    given = dict(re.findall(r"([A-Z_]+) (\d+)", header[4]))
    assert {name: int(value) for name, value in given.items()} == dict(COSTS[block])
    counts = _counts(block)
    told = tuple(int(header[index]) for index in (1, 2))
    assert (counts.lut, counts.ff) == pytest.approx(told, rel=0.05, abs=2)
    assert bool(counts.lutram) == bool(int(header[3]))


@pytest.mark.parametrize("block", [name for name in CONTROLLER if name != "clock_gate"])
def test_both_readers_of_yosys_take_it(block: str) -> None:
    files = [RTL / "fifo.sv", RTL / "clock_gate.sv"]
    files += [] if RTL / f"{block}.sv" in files else [RTL / f"{block}.sv"]
    slang = yosys.synthesise(files, f"hwgen_{block}", COSTS[block], front_end="slang")
    assert slang.ff == _counts(block).ff
