"""One small tree, written and compiled once per session; tests edit copies of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hwgen.simulation.simulate import Simulation
from tests.networks import tabular
from tests.trees import Tree, make_tree


@pytest.fixture(scope="session")
def shared_objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache of objects for all tests and workers: many trees differ in their gates only."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "objects"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def small_tree(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tree, Path]:
    """Two dense stages of equal shape with abstention, and the folder of its objects."""
    folder = tmp_path_factory.mktemp("small")
    tree = make_tree(tabular(stages=2), abstain=True)
    tree.write(folder / "firmware")
    return tree, folder


@pytest.fixture
def simulate_copy(small_tree: tuple[Tree, Path], tmp_path: Path) -> Callable[..., Simulation]:
    """Runs all comparisons on a copy of the tree after `edit` has changed it; unchanged objects are reused."""
    tree, folder = small_tree

    def run(edit: Callable[[Path], None] = lambda _: None) -> Simulation:
        copy = tmp_path / "firmware"
        shutil.copytree(folder / "firmware", copy)
        edit(copy)
        work = tmp_path / "build"
        work.mkdir()
        (folder / "objects").mkdir(exist_ok=True)
        (work / "objects").symlink_to(folder / "objects")
        simulation = Simulation(
            tree.network,
            tree.calibration,
            tree.data.test.raw,
            copy,
            work,
            lambda what, done, total: None,
            "fast",
        )
        simulation.firmware.build()
        simulation.stages()
        simulation.gates()
        simulation.kernel()
        return simulation

    return run
