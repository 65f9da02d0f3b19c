"""One recipe through the real verbs: trained, calibrated, generated, compiled, compared, reported."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

RECIPE = """
name: whole
seed: 3
data: {source: npz, path: my.npz, normalize: minmax}
network:
  weights: {bits: 6, integer: 1}
  activations: {bits: 6, integer: 2}
  stages:
    - {layers: [{dense: 8}], exit: [{dense: classes}]}
    - {layers: [{dense: 8}], exit: [{dense: 6}, {dense: classes}]}
training: {epochs: 8, batch: 32, learning_rate: 0.01}
exits: {budget: 2, policies: [0, 2], min_support: 3, abstain: {rate: 0.1}}
"""
ROOT = Path(__file__).resolve().parents[2]
KEYS = ["features", "logits", "class", "exit", "abstain"]
pytestmark = [pytest.mark.tensorflow, pytest.mark.gxx, pytest.mark.xdist_group("whole")]


def hwgen(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hwgen.cli", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def make_data(path: Path) -> None:
    generator = np.random.default_rng(7)
    centres = generator.normal(size=(3, 6))

    def part(samples: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(samples) % 3
        return centres[labels] + generator.normal(scale=0.4, size=(samples, 6)), np.array(["a", "b", "c"])[
            labels
        ]

    (x_train, y_train), (x_test, y_test) = part(600), part(150)
    np.savez(path, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("whole")
    make_data(folder / "my.npz")
    (folder / "whole.yaml").write_text(RECIPE)
    return folder, hwgen(folder, "run", "whole.yaml", "--json")


@pytest.fixture
def copy(first: tuple[Path, object], tmp_path: Path) -> Path:
    target = tmp_path / "copy"
    shutil.copytree(first[0], target)
    return target


def test_a_run_from_nothing(first: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, answer = first
    assert answer.returncode == 0, answer.stderr
    report = json.loads(answer.stdout)
    out = folder / "build" / "whole"
    for name in (
        "recipe.yaml",
        "model",
        "calibration.json",
        "firmware",
        "simulation",
        "report.html",
        "junit.xml",
    ):
        assert (out / name).exists()
    assert report == json.loads((out / "report.json").read_text())
    csim = report["verification"]["csim"]
    assert csim["mismatches"] == dict.fromkeys(KEYS, 0)
    assert csim["samples"] == csim["stage_runs"][0] == 150
    assert csim["stage_runs"][1] < 150
    assert report["accuracy"]["static"] > 0.8
    assert len(report["exits"]) == len(report["network"]["stages"]) == 2
    assert ElementTree.parse(out / "junit.xml").getroot().get("failures") == "0"


def test_a_second_run_does_nothing(copy: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (copy / "build" / "whole" / "model").iterdir()}
    answer = hwgen(copy, "run", "whole.yaml")
    assert answer.returncode == 0
    assert [line for line in answer.stderr.splitlines() if line.endswith("nothing to do")][:4] == [
        f"{step}: nothing to do" for step in ("train", "calibrate", "generate", "simulate")
    ]
    assert before == {path: path.stat().st_mtime_ns for path in before}
    assert answer.stdout.split()[-2:] == ["report", "build/whole/report.html"]


def test_the_same_inputs_give_the_same_bytes(copy: Path) -> None:
    tree = copy / "build" / "whole" / "firmware"
    before = {path.relative_to(tree): path.read_bytes() for path in tree.rglob("*") if path.is_file()}
    shutil.rmtree(tree)
    assert hwgen(copy, "generate", "whole.yaml").returncode == 0
    assert before == {path.relative_to(tree): path.read_bytes() for path in tree.rglob("*") if path.is_file()}


def break_kernel_sources(tree: Path, change: Callable[[str], str]) -> None:
    [source] = (tree / "kernel").glob("kernel.cpp")
    source.write_text(change(source.read_text()))


@pytest.mark.parametrize(
    ("arguments", "types"),
    [((), "fast"), (("--types", "reference"), "reference"), (("--types", "fast"), "fast")],
)
def test_the_types_that_ran_are_named(copy: Path, arguments: tuple[str, ...], types: str) -> None:
    done = hwgen(copy, "simulate", "whole.yaml", "--force", *arguments)
    assert done.returncode == 0, done.stderr
    assert json.loads((copy / "build/whole/simulation/results.json").read_text())["types"] == types


def test_firmware_that_does_not_compile_is_exit_code_4(copy: Path) -> None:
    break_kernel_sources(copy / "build" / "whole" / "firmware", lambda text: text + "\nthis is no C++\n")
    answer = hwgen(copy, "simulate", "whole.yaml")
    assert answer.returncode == 4
    assert "error:" in answer.stderr
    assert answer.stderr.splitlines()[-1].startswith("hwgen: g++")
    assert not (copy / "build" / "whole" / "simulation" / "results.json").exists()


@pytest.mark.parametrize("stage", [1, 2])
def test_a_changed_weight_is_exit_code_1(copy: Path, stage: int) -> None:
    weights = sorted(
        (copy / "build" / "whole" / "firmware" / f"stage{stage}" / "firmware" / "weights").glob("b*.txt")
    )
    values = weights[0].read_text().split(",")
    weights[0].write_text(",".join([str(float(values[0]) + 1.0), *values[1:]]))
    answer = hwgen(copy, "simulate", "whole.yaml")
    assert answer.returncode == 1, answer.stderr
    mismatches = json.loads((copy / "build" / "whole" / "simulation" / "mismatches.json").read_text())
    assert any(entry["block"] == f"stage{stage}" for entry in mismatches)
    assert weights[0].read_text().startswith(str(float(values[0]) + 1.0))


def test_a_failed_check_is_exit_code_1(copy: Path) -> None:
    answer = hwgen(
        copy, "run", "whole.yaml", "--set", "checks.min_accuracy=1.0", "--set", "checks.min_mac_reduction=1.0"
    )
    assert answer.returncode == 1
    assert "simulate: nothing to do" in answer.stderr
    failures = ElementTree.parse(copy / "build" / "whole" / "junit.xml").getroot().get("failures")
    assert failures is not None
    assert int(failures) >= 1


def test_a_killed_training_is_resumed(copy: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "hwgen.cli",
        "train",
        "whole.yaml",
        "--out",
        "killed",
        "--set",
        "training.epochs=500",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=copy, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "train: training the network\n"
        process.kill()
    out = copy / "killed"
    assert not (out / "model").exists()
    assert [path.name for path in out.iterdir() if path.name.startswith(".model.")] != []
    assert hwgen(copy, "train", "whole.yaml", "--out", "killed").returncode == 0
    assert sorted(path.name for path in out.iterdir()) == [".lock", "model", "recipe.yaml"]


def test_another_budget_does_not_train_again(copy: Path) -> None:
    answer = hwgen(copy, "calibrate", "whole.yaml", "--set", "exits.budget=1")
    assert answer.returncode == 0
    assert "train: nothing to do\ncalibrate: done\n" in answer.stderr
    calibration = json.loads((copy / "build" / "whole" / "calibration.json").read_text())
    assert [policy["points"] for policy in calibration["policies"]] == [0, 1, 2]
    assert calibration["active"] == 1
