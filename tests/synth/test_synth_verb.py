"""`hwgen synth` on the command line: its table, its JSON and its exit codes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hwgen.eda import yosys
from hwgen.steps import Job
from tests.cli.conftest import Hwgen, hwgen
from tests.steps.conftest import RECIPE
from tests.synth.conftest import Tree

__all__ = ["hwgen"]
pytestmark = [pytest.mark.da4ml, pytest.mark.xdist_group("synth")]


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    file = tmp_path / "example.yaml"
    file.write_text(RECIPE)
    return file


def program(folder: Path, text: str) -> Path:
    file = folder / "fake_yosys"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


@pytest.mark.yosys
def test_table_and_json(hwgen: Hwgen, recipe: Path, known: Tree) -> None:
    answer = hwgen("synth", recipe, "--tool", "yosys", "--out", known.out, "--family", "xcup")
    assert answer.code == 0
    for word in (
        "stage1_core",
        "= controller per early exit",
        "= feature memories",
        "synth_xilinx -family xcup",
    ):
        assert word in answer.out
    assert answer.out.rstrip().endswith("synthesis/yosys.json")
    assert "was generated from another recipe" in answer.err
    answer = hwgen("synth", recipe, "--out", known.out, "--family", "xcup", "--json", "--block", "gate1")
    assert answer.code == 0
    assert json.loads(answer.out) == json.loads(known.results.read_text())


@pytest.mark.yosys
def test_what_is_not_given_comes_from_the_recipe(
    hwgen: Hwgen, recipe: Path, known: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = json.loads(known.results.read_text())
    asked: list[tuple[str, tuple[str, ...], bool]] = []

    def synthesise(
        pipeline: Path, out: Path, family: str, names: Sequence[str], *, force: bool, **_: object
    ) -> dict[str, Any]:
        assert (pipeline, out) == (known.pipeline, known.out)
        asked.append((family, tuple(names), force))
        return document

    monkeypatch.setattr("hwgen.synth.synthesise", synthesise)
    assert hwgen("synth", recipe, "--out", known.out, "--block", "gate1", "--block", "merge").code == 0
    given = ("--set", "firmware.part=xczu3eg-sbva484-1-e", "--force", "--jobs", 1)
    assert hwgen("synth", recipe, "--out", known.out, *given).code == 0
    assert asked == [("xc7", ("gate1", "merge"), False), ("xcup", (), True)]


def test_a_missing_tool(hwgen: Hwgen, recipe: Path, fresh: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(yosys.OVERRIDE, "/nowhere/yosys")
    answer = hwgen("synth", recipe, "--out", fresh.out)
    assert answer.code == 3
    assert answer.err.startswith(
        "hwgen: HWGEN_YOSYS: names /nowhere/yosys, which is no program; install it with"
    )


def test_a_tool_that_is_too_old(
    hwgen: Hwgen, recipe: Path, fresh: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(yosys.OVERRIDE, str(program(tmp_path, "echo Yosys 0.23")))
    answer = hwgen("synth", recipe, "--out", fresh.out, "--json")
    assert answer.code == 3
    assert "version 0.23 found, 0.60 or newer needed; install it with `pip install pyosys`" in answer.err
    assert json.loads(answer.out)["exit_code"] == 3


def test_a_tool_that_fails(
    hwgen: Hwgen, recipe: Path, fresh: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = 'if [ "$1" = -V ]; then echo Yosys 0.99; else echo "ERROR: out of luck"; exit 7; fi'
    monkeypatch.setenv(yosys.OVERRIDE, str(program(tmp_path, text)))
    answer = hwgen("synth", recipe, "--out", fresh.out)
    assert answer.code == 4
    assert "yosys, hwgen_pipeline: failed with exit code 7: ERROR: out of luck" in answer.err
    assert not fresh.results.exists()


def test_wrong_input(hwgen: Hwgen, recipe: Path, fresh: Tree) -> None:
    answer = hwgen("synth", recipe, "--tool", "quartus")
    assert (answer.code, answer.err) == (
        2,
        "hwgen: --tool: received 'quartus'; one of yosys, vitis, vivado\n",
    )
    manifest = {"inputs_sha256": "0" * 64, "pipeline": {"reason": "criterion 'x' has no RTL in serial form"}}
    (fresh.firmware / "manifest.json").write_text(json.dumps(manifest))
    fresh.pipeline.rename(fresh.firmware / "gone")
    answer = hwgen("synth", recipe, "--out", fresh.out)
    assert answer.code == 2
    assert (
        "firmware/pipeline: is not there: criterion 'x' has no RTL in serial form; choose another "
        in answer.err
    )


@pytest.mark.yosys
def test_a_tree_that_is_not_there_is_generated(
    hwgen: Hwgen, recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def run_verb(job: Job, verb: str) -> None:
        asked.append(verb)
        (job.out.firmware / "kernel").mkdir(parents=True)

    monkeypatch.setattr("hwgen.steps.verbs.run_verb", run_verb)
    for _ in range(2):
        answer = hwgen("synth", recipe, "--out", tmp_path / "out")
        assert answer.code == 2 and "firmware/pipeline: is not there; choose another criterion" in answer.err
    assert asked == ["generate"]


def test_nothing_is_trained_for_a_tool_that_is_missing(
    hwgen: Hwgen, recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(yosys.OVERRIDE, "/nowhere/yosys")
    assert hwgen("synth", recipe, "--out", tmp_path / "out").code == 3
    assert not (tmp_path / "out").exists()
