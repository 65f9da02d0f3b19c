"""Bad input: one line on stderr that names the key, the value and what to do; exit code 2; nothing half-written."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from hwgen.eda import verilator
from hwgen.rtl.stages.symbols import da4ml
from tests.cli.conftest import Hwgen
from tests.steps.conftest import Bench

Arrays = dict[str, npt.NDArray[Any]]


def refused(hwgen: Hwgen, bench: Bench, *arguments: object) -> str:
    """Runs `train`, which must refuse before it trains; returns the line without `hwgen: `."""
    answer = hwgen("train", bench.recipe, "--out", bench.out, *arguments, "--json")
    (line,) = answer.err.splitlines()
    assert answer.code == 2
    assert json.loads(answer.out) == {"error": line.removeprefix("hwgen: "), "exit_code": 2}
    assert bench.calls["train"] == 0
    # At most the resolved recipe and the lock: never a part of a network.
    left = {path.name for path in bench.out.iterdir()} if bench.out.is_dir() else set()
    assert left <= {".lock", "recipe.yaml"}
    return line.removeprefix("hwgen: ")


def set_to(hwgen: Hwgen, bench: Bench, override: str) -> str:
    return refused(hwgen, bench, "--set", override)


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("nam=x", "nam: unknown key; did you mean 'name'?"),
        ("Name=x", "Name: unknown key; did you mean 'name'?"),
        ("data.Source=npz", "data.Source: unknown key; did you mean 'source'?"),
        ("data.a[0]=1", "data.a[0]: unknown key; known keys: source, path,"),
        ("data.input.bit=3", "data.input.bit: unknown key; did you mean 'bits'?"),
        ("network.stages.0.layer=[]", "network.stages.0.layer: unknown key; did you mean 'layers'?"),
        ("network.stages.0.layers.0.Dense=3", "network.stages.0.layers.0.Dense: unknown key; did you mean 'dense'?"),
        ("network.stages.0.layers=[{dence: 4}]", "network.stages.0.layers.0: dence names no layer, did you mean"),
        ("network.stages.0.layers=[{dense: 4, weights: {bit: 3, integer: 1}}]",
         "network.stages.0.layers.0.weights.bit: unknown key; did you mean 'bits'?"),
        ("training.augment.flipp=true", "training.augment.flipp: unknown key; did you mean 'flip'?"),
        ("exits.abstain={rat: 0.1}", "exits.abstain.rat: unknown key; did you mean 'rate'?"),
        ("hls.Modle=1", "hls.Modle: unknown section; did you mean 'Model'?"),
        ("hls={Model: {ReuseFaktor: 3}}", "hls.Model.ReuseFaktor: unknown key; did you mean 'ReuseFactor'?"),
        ("hls={LayerName: {stage1_dense1: {Reuse: 2}}}",
         "hls.LayerName.stage1_dense1.Reuse: unknown key; did you mean 'ReuseFactor'?"),
    ],
)  # fmt: skip
def test_unknown_key(hwgen: Hwgen, bench: Bench, override: str, line: str) -> None:
    assert set_to(hwgen, bench, override).startswith(line)


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("seed=abc", "seed: received 'abc'; must be a number"),
        ("seed=true", "seed: received True; must be a number"),
        ("training.epochs=1.5", "training.epochs: received 1.5; must be a whole number"),
        ("training=joint", "training: received 'joint'; must be a mapping of method, epochs"),
        ("data=3", "data: received 3; must be a mapping of source, path"),
        ("data.path=[a]", "data.path: received ['a']; must be text"),
        ("network.weights=6", "network.weights: received 6; must be a mapping of bits, integer"),
        ("network.stages={}", "network.stages: must be a list"),
        ("network.stages.0=3", "network.stages.0: received 3; must be a mapping of layers, exit"),
        (
            "network.stages.0.layers=[[dense, 3]]",
            "network.stages.0.layers.0: received ['dense', 3]; must be a mapping",
        ),
        (
            "network.stages.0.layers=[{dense: klasses}]",
            "network.stages.0.layers.0.dense: received 'klasses'; must be",
        ),
        ("exits.criterion=3", "exits.criterion: received 3; must be text"),
        ("exits.policies=[a]", "exits.policies.0: received 'a'; must be a number"),
        ("hls=3", "hls: received 3; must be a mapping"),
        ("hls={Model: 3}", "hls.Model: received 3; write a mapping such as"),
        ("hls={LayerName: {stage1_dense1: 4}}", "hls.LayerName.stage1_dense1: received 4; write a mapping"),
        ("hls={Model: {ReuseFactor: many}}", "hls.Model.ReuseFactor: received 'many'; write a whole number"),
        (
            "hls={Model: {Strategy: Fast}}",
            "hls.Model.Strategy: received 'Fast'; use one of Latency, Resource",
        ),
        (
            "hls={Model: {Precision: 'fixed<8,2>'}}",
            "hls.Model.Precision: received 'fixed<8,2>'; number formats come",
        ),
    ],
)
def test_wrong_type_or_word(hwgen: Hwgen, bench: Bench, override: str, line: str) -> None:
    assert set_to(hwgen, bench, override).startswith(line)


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("exits.budget=-1", "exits.budget: received -1; must be at least 0"),
        ("exits.budget=101", "exits.budget: received 101; must be at most 100"),
        ("exits.budget=.nan", "exits.budget: received nan; must be a finite number"),
        ("exits.policies=[1, -2]", "exits.policies.1: received -2; must be at least 0"),
        ("exits.policies=[]", "exits.policies: received []; must have at least 1 entry"),
        ("exits.abstain={rate: 1}", "exits.abstain.rate: received 1; must be less than 1"),
        ("exits.criterion=scor", "exits.criterion: unknown criterion 'scor'; did you mean 'score'?"),
        ("exits.criterion=[score]", "exits.criterion: lists 1 entries, but there are 2 early exits"),
        ("exits.abstain={rate: 0.1, risk: 0.1}", "exits.abstain: needs exactly one of rate and risk"),
        ("exits.risk.delta=0", "exits.risk.delta: received 0; must be more than 0"),
        (
            "exits.risk.control=mode",
            "exits.risk.control: received 'mode'; must be 'probability' or 'mean'",
        ),
        (
            "exits.abstain={rate: 0.1, criterion: foo}",
            "exits.abstain.criterion: unknown criterion 'foo'; one of",
        ),
        ("training.loss_weights=[1]", "training.loss_weights: lists 1 entries, but there are 3 exits"),
        (
            "network.weights.bits=999999999999",
            "network.weights.bits: received 999999999999; must be at most 16",
        ),
        ("seed=99999999999999999999999", "seed: received 99999999999999999999999; must be less than"),
        ("name=a b", "name: received 'a b'; a name starts with a letter and holds letters"),
        ("name=Class", "name: received 'Class'; this is a keyword of C++, Verilog or Tcl"),
        ("name=module", "name: received 'module'; this is a keyword"),
        ("name=../x", "name: received '../x'; a name starts with a letter"),
        ("firmware.part='x;exec rm'", "firmware.part: received 'x;exec rm'; must match"),
        (
            "network.stages.0.exit=[{dense: classes}, {softmax}]",
            "network.stages.0.exit.1: softmax is not a layer here",
        ),
        ("network.stages=null", "network: exactly one of network.stages and network.python is needed"),
        (
            "network={python: 'none.py:build'}",
            "network.python: 'none.py:build': the file does not exist; correct it",
        ),
    ],
)
def test_out_of_range_or_not_available(hwgen: Hwgen, bench: Bench, override: str, line: str) -> None:
    assert set_to(hwgen, bench, override).startswith(line)


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("exits", "--set exits: is not of the form a.b=value"),
        ("=3", "--set =3: is not of the form a.b=value"),
        ("exits.budget=[", "--set exits.budget: value '[' is not YAML; quote it"),
        ("seed=2020-13-45", "--set seed: value '2020-13-45' is not YAML; quote it"),
        (
            "network.stages.7.layers=[]",
            "--set network.stages.7.layers: '7' is no index of a list of 3; count from 0",
        ),
        ("network.stages.².layers=[]", "--set network.stages.².layers: '²' is no index of a list of 3"),
        ("name.x=3", "--set name.x: name holds 'example', nothing can be set inside it"),
    ],
)
def test_misused_set(hwgen: Hwgen, bench: Bench, override: str, line: str) -> None:
    assert set_to(hwgen, bench, override).startswith(line)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "recipe: is NoneType, expected a mapping"),
        (b"- a\n", "recipe: is list, expected a mapping"),
        (bytes(range(256)), "example.yaml: cannot be read (it is not UTF-8 text)"),
        (b"name:\tx\n\tdata: 3\n", "example.yaml line 1: is not YAML (found character '\\t'"),
        (b"name: x\nname: y\n", "line 2: the key 'name' is written twice; keep one"),
        (b"name: x\n? [a, b]\n: 3\n", "line 2: ['a', 'b'] is no key"),
        (b"name: x\nseed: 2020-13-45\n", "example.yaml: is not YAML (month must be in 1..12)"),
        (
            b"a: !!python/object:os.system {}\n",
            "example.yaml line 1: is not YAML (could not determine a constructor",
        ),
        (b"name: x\n---\nname: y\n", "example.yaml line 2: is not YAML (but found another document)"),
    ],
)
def test_a_file_that_is_no_recipe(hwgen: Hwgen, bench: Bench, content: bytes, line: str) -> None:
    bench.recipe.write_bytes(content)
    assert refused(hwgen, bench).replace(f"{bench.folder}{os.sep}", "").startswith(line)


def test_a_folder_is_no_recipe(hwgen: Hwgen, bench: Bench) -> None:
    bench.recipe.unlink()
    bench.recipe.mkdir()
    assert refused(hwgen, bench).endswith("cannot be read (Is a directory); name a recipe file")


def _nan(arrays: Arrays) -> None:
    arrays["x_train"][3, 2] = np.nan


def _without(name: str) -> Callable[[Arrays], None]:
    def change(arrays: Arrays) -> None:
        del arrays[name]

    return change


def _with(name: str, change: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]) -> Callable[[Arrays], None]:
    def changed(arrays: Arrays) -> None:
        arrays[name] = change(arrays[name])

    return changed


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (_nan, "data.path my.npz: x_train: sample 3, feature 2 is nan (1 such values); remove the sample"),
        (_with("x_test", lambda x: x / 0), "data.path my.npz: x_test: sample 0, feature 0 is"),
        (
            _without("x_test"),
            "data.path my.npz: array 'x_test' is missing, the file holds x_train, y_test, y_train",
        ),
        (_without("y_train"), "data.path my.npz: array 'y_train' is missing"),
        (
            _with("y_train", lambda y: y[1:]),
            "data.path my.npz: y_train: has 149 labels, x_train has 150 samples",
        ),
        (
            _with("x_test", lambda x: x[:, 1:]),
            "data.path my.npz: x_test: samples have shape (4,), those of x_train",
        ),
        (
            _with("x_train", lambda x: x[:, 0]),
            "data.path my.npz: x_train: has shape (150,); use (samples, features)",
        ),
        (
            _with("y_train", lambda y: np.eye(3)[y]),
            "data.path my.npz: y_train: has shape (150, 3), expected one label",
        ),
        (
            _with("y_train", lambda y: np.minimum(y, 1)),
            "data.path my.npz: y_train: class 2 is in y_test but absent",
        ),
        (
            _with("y_train", lambda y: y + 0.5),
            "data.path my.npz: y_train: label 0 is 0.5, not a whole number",
        ),
        (
            _with("x_train", lambda x: x.astype(complex)),
            "data.path my.npz: x_train: holds complex128, expected numb",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_bad_arrays(hwgen: Hwgen, bench: Bench, change: Callable[[Arrays], None], line: str) -> None:
    path = bench.folder / "my.npz"
    arrays = dict(np.load(path))
    change(arrays)
    np.savez(path, **arrays)
    assert refused(hwgen, bench).startswith(line)


def test_python_objects_are_not_unpickled(hwgen: Hwgen, bench: Bench) -> None:
    path = bench.folder / "my.npz"
    arrays = dict(np.load(path))
    np.savez(path, **{**arrays, "x_train": arrays["x_train"].astype(object)})
    assert "array 'x_train': cannot be read (Object arrays cannot be loaded" in refused(hwgen, bench)


def test_a_truncated_archive(hwgen: Hwgen, bench: Bench) -> None:
    path = bench.folder / "my.npz"
    path.write_bytes(path.read_bytes()[:3000])
    assert refused(hwgen, bench).endswith(
        "is not a readable npz file (File is not a zip file); write it with numpy.savez"
    )


def test_missing_data(hwgen: Hwgen, bench: Bench) -> None:
    assert set_to(hwgen, bench, "data.path=none.npz").endswith("none.npz: does not exist; correct the path")


@pytest.mark.parametrize("name", ["taken", "taken/inside"])
def test_out_is_a_file(hwgen: Hwgen, bench: Bench, name: str) -> None:
    (bench.folder / "taken").write_text("mine")
    answer = hwgen("train", bench.recipe, "--out", bench.folder / name)
    assert answer.code == 2
    (line,) = answer.err.splitlines()
    assert line.startswith(f"hwgen: {bench.folder / name}: cannot be written (")
    assert line.endswith("; choose another --out")
    assert (bench.folder / "taken").read_text() == "mine"


def test_no_compiler_is_found_out_before_training(
    hwgen: Hwgen, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    answer = hwgen("run", bench.recipe, "--out", bench.out)
    assert answer.code == 3
    (line,) = answer.err.splitlines()
    assert line.startswith("hwgen: g++: ")
    assert bench.calls["train"] == 0


def test_tools_of_the_pipeline_are_looked_for_before_training(
    hwgen: Hwgen, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    verilator._find.cache_clear()
    monkeypatch.setenv(verilator.OVERRIDE, str(bench.folder / "nothing"))
    answer = hwgen("run", bench.recipe, "--out", bench.out, "--level", "rtl")
    verilator._find.cache_clear()
    assert answer.code == 3
    (line,) = answer.err.splitlines()
    assert line.startswith("hwgen: HWGEN_VERILATOR: names ")
    da4ml.cache_clear()
    monkeypatch.setitem(sys.modules, "da4ml", None)
    answer = hwgen("run", bench.recipe, "--out", bench.out, "--set", "firmware.rtl=da4ml")
    assert answer.code == 3
    (line,) = answer.err.splitlines()
    assert line.startswith("hwgen: da4ml: cannot be imported") and "pip install da4ml" in line
    assert bench.calls["train"] == 0
