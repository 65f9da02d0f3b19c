"""Whole firmware on fast types under the undefined-behaviour and address sanitisers: not one complaint."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from hwgen.simulation import processes, toolchain
from hwgen.simulation.compare import add_up
from hwgen.simulation.simulate import Simulation
from hwgen.simulation.types import Types
from tests.networks import images
from tests.trees import make_tree

pytestmark = pytest.mark.gxx

# Without -fwrapv, which would make a signed overflow legal.
FLAGS = ("-std=c++17", "-O1", "-w", "-fsanitize=undefined,address", "-fno-sanitize-recover=all")


@pytest.mark.parametrize("io", ["stream", "parallel"])
def test_a_network_runs_clean(io: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(toolchain.TYPES, "fast", Types("fast", FLAGS))
    # The address sanitiser reserves terabytes of addresses.
    monkeypatch.setattr(processes, "_MEMORY_BYTES", resource.RLIM_INFINITY)
    network = images(2)
    tree = make_tree(network, io=io)
    tree.write(tmp_path / "firmware")
    simulation = Simulation(
        network,
        tree.calibration,
        tree.data.test.raw,
        tmp_path / "firmware",
        tmp_path / "build",
        lambda *_: None,
        "fast",
    )
    simulation.firmware.build()
    simulation.stages()
    simulation.gates()
    simulation.kernel()
    assert not any(add_up(simulation.comparisons).values())
