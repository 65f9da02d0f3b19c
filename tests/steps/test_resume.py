"""Each step does its work once: again only when something it depends on has changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from hwgen.recipe import load_recipe
from hwgen.vendor.results import tree_sha256
from hwgen.vendor.rows import SECTIONS
from tests.steps.conftest import Bench

ALL = ["train", "calibrate", "generate", "simulate", "report"]


def test_run_does_everything_once(bench: Bench) -> None:
    assert bench.done("run") == ALL
    assert bench.done("run") == []
    assert not bench.calls


@pytest.mark.parametrize("position", range(5))
def test_a_verb_does_what_it_needs_and_no_more(bench: Bench, position: int) -> None:
    assert bench.done(ALL[position]) == ALL[: position + 1]
    assert not (bench.out / "report.json").exists() or position == 4


def test_the_resolved_recipe_lies_beside_the_results(bench: Bench) -> None:
    bench.run("train", "seed=5")
    assert load_recipe(bench.out / "recipe.yaml").recipe.seed == 5


@pytest.mark.parametrize(
    ("override", "steps"),
    [
        ("seed=2", ALL),
        (
            "training.epochs=3",
            ["train", "report"],
        ),  # the stand-in gives the same network: the rest still fits
        ("exits.budget=2", ["calibrate", "generate", "simulate", "report"]),
        ("exits.criterion=margin", ["calibrate", "generate", "simulate", "report"]),
        ("firmware.clock_ns=5", ["generate", "simulate", "report"]),
        ("hls={Model: {ReuseFactor: 2}}", ["generate", "simulate", "report"]),
        ("checks.max_drop=1", ["report"]),
        ("data.ood=noise", ["report"]),
        ("evaluation.samples=10", ["report"]),
        ("data.calibration=0.3", ALL),
        ("data.input.integer=1", ALL),
    ],
)
def test_what_a_change_of_the_recipe_costs(bench: Bench, override: str, steps: list[str]) -> None:
    bench.run("run")
    assert bench.done("run", override) == steps


def test_other_data_starts_over(bench: Bench) -> None:
    bench.run("run")
    arrays = dict(np.load(bench.folder / "my.npz"))
    arrays["x_train"][0] += 1
    np.savez(bench.folder / "my.npz", **arrays)
    assert bench.done("run")[:2] == ["train", "calibrate"]


def test_force_repeats_the_verb_alone(bench: Bench) -> None:
    bench.run("run")
    assert bench.done("calibrate", force=True) == ["calibrate"]
    assert bench.done("train", force=True) == ["train"]
    assert bench.done("run", force=True) == ALL


@pytest.mark.parametrize("name", ["network.npz", "network.json", "stamp.json", "history.json"])
def test_a_model_that_is_not_whole_is_trained_again(bench: Bench, name: str) -> None:
    bench.run("train")
    (bench.out / "model" / name).write_bytes(b"")
    assert bench.done("train") == ["train"]
    (bench.out / "model" / name).unlink()
    assert bench.done("train") == ["train"]


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("calibration.json", "calibrate"),
        ("simulation/results.json", "simulate"),
        ("report.json", "report"),
        ("report.html", "report"),
        ("junit.xml", "report"),
    ],
)
def test_results_that_are_not_whole_are_made_again(bench: Bench, name: str, step: str) -> None:
    bench.run("run")
    for content in (b"", b"[]", b"{"):
        (bench.out / name).write_bytes(content)
        assert bench.done("run") == [step]


def test_a_recipe_may_carry_its_trained_network(bench: Bench) -> None:
    bench.run("train")
    shutil.copytree(bench.out / "model", bench.folder / "example")
    (bench.folder / "example" / "README.md").write_text("how it was trained")
    shutil.rmtree(bench.out)
    assert bench.done("train") == ["train"]
    assert bench.calls["train"] == 0
    assert bench.lines == ["train: using the trained network of example/ (hwgen train --force trains anew)"]
    assert sorted(p.name for p in (bench.out / "model").iterdir()) == [
        "history.json",
        "network.json",
        "network.npz",
        "stamp.json",
    ]
    assert bench.done("train") == []
    bench.run("train", force=True)
    assert bench.calls["train"] == 1


def test_a_network_trained_from_another_recipe_is_not_used(bench: Bench) -> None:
    bench.run("train")
    shutil.copytree(bench.out / "model", bench.folder / "example")
    shutil.rmtree(bench.out)
    bench.run("train", "seed=2")
    assert bench.calls["train"] == 1


def test_the_resolved_copy_continues_the_same_run(bench: Bench) -> None:
    bench.run("run")
    bench.recipe = bench.out / "recipe.yaml"
    assert bench.done("run") == ["report"]  # which quotes the recipe, whose data path is another text now


def test_the_network_file_is_part_of_what_training_depends_on(bench: Bench) -> None:
    build = bench.folder / "net.py"
    build.write_text("def build(): pass\n")
    text = bench.recipe.read_text()
    bench.recipe.write_text(text[: text.index("  stages:")] + "  python: net.py:build\n")
    assert bench.done("train") == ["train"]
    assert bench.done("train") == []
    build.write_text("def build(): return None\n")
    assert bench.done("train") == ["train"]


def test_default_folder(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    job = bench.job("run")
    assert job.out.path == bench.out
    from hwgen.steps import open_job

    assert open_job(bench.recipe, verb="run").out.path == Path("build") / "example"


def test_results_of_the_vendors_tools_are_reported_once(bench: Bench) -> None:
    """Those of this firmware; others are warned of."""
    bench.run("run")
    found = bench.out / "synthesis" / "vendor.json"
    found.parent.mkdir()
    firmware = bench.out / "firmware"
    document = {**{key: [] for key in ("runs", *SECTIONS)}, "tree_sha256": tree_sha256(firmware)}
    for inputs in ("ab" * 32, json.loads((firmware / "manifest.json").read_text())["inputs_sha256"]):
        found.write_text(json.dumps(document | {"firmware_sha256": inputs}))
        assert bench.done("run") == ["report"]
        assert bench.done("run") == []
