"""The verb `estimate`: before and after calibration, refusals, nothing half-written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hwgen.estimate import ASSUMPTION, FILE
from hwgen.vendor.imports import FILE as IMPORTED
from hwgen.vendor.imports import FOLDER
from hwgen.vendor.results import tree_sha256
from hwgen.vendor.rows import SECTIONS
from tests.cli.conftest import Hwgen
from tests.steps.conftest import Bench


def estimated(hwgen: Hwgen, bench: Bench, *arguments: object) -> dict[str, Any]:
    answer = hwgen("estimate", bench.recipe, "--out", bench.out, "--json", *arguments)
    assert answer.code == 0, answer.err
    document = json.loads(answer.out)
    assert json.loads((bench.out / FILE).read_text()) == document
    return dict(document)


def test_nothing_has_to_be_trained(hwgen: Hwgen, bench: Bench) -> None:
    document = estimated(hwgen, bench)
    assert bench.calls["train"] == 0 and not bench.out.joinpath("model").exists()
    assert (document["weights"], document["shares"]) == (ASSUMPTION, None)
    assert document["kernel"]["mean"] is None and document["kernel"]["worst"]["value"] > 0
    assert [stage["name"] for stage in document["stages"]] == ["stage1", "stage2", "stage3"]
    assert estimated(hwgen, bench) == document  # the same bytes for the same recipe


def test_calibration_gives_weights_and_shares(hwgen: Hwgen, bench: Bench) -> None:
    assert hwgen("calibrate", bench.recipe, "--out", bench.out).code == 0
    document = estimated(hwgen, bench)
    calibration = json.loads((bench.out / "calibration.json").read_text())
    assert document["weights"] == "trained"
    assert document["shares"] == calibration["policies"][calibration["active"]]["calibration"]["share"]
    assert document["kernel"]["mean"]["value"] <= document["kernel"]["worst"]["value"]
    assert document["pipeline"]["expected"] is not None


def test_thresholds_of_another_recipe_are_not_taken(hwgen: Hwgen, bench: Bench) -> None:
    assert hwgen("calibrate", bench.recipe, "--out", bench.out).code == 0
    document = estimated(hwgen, bench, "--set", "exits.budget=5")
    assert (document["weights"], document["shares"]) == ("trained", None)
    assert estimated(hwgen, bench, "--set", "seed=9")["weights"] == ASSUMPTION


def test_a_damaged_model_counts_as_none(hwgen: Hwgen, bench: Bench) -> None:
    assert hwgen("calibrate", bench.recipe, "--out", bench.out).code == 0
    (bench.out / "model" / "network.npz").write_bytes(b"")
    document = estimated(hwgen, bench)
    assert (document["weights"], document["shares"]) == (ASSUMPTION, None)


def test_tables_for_people(hwgen: Hwgen, bench: Bench) -> None:
    answer = hwgen("estimate", bench.recipe, "--out", bench.out)
    assert answer.code == 0
    for word in (
        "stage1",
        "gate1",
        "= all",
        "80% interval",
        "nobody leaves early",
        "Horowitz",
        "static energy",
    ):
        assert word in answer.out
    assert answer.out.rstrip().endswith(str(bench.out / FILE))
    assert ASSUMPTION in answer.err


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("firmware.part=ep4ce6",
         "firmware.part: 'ep4ce6' is no part that is known here; take one of 7 series, UltraScale+, UltraScale, Versal"),
        ("hls={Model: {Strategy: Fast}}", "hls.Model.Strategy: received 'Fast'; use one of Latency, Resource,"),
        ("hls={Model: {ReuseFactor: 0}}", "hls.Model.ReuseFactor: received 0; write a whole number of 1 or more"),
        ("exits.criterion=unheard", "exits.criterion: "),
    ],
)  # fmt: skip
def test_refusals(hwgen: Hwgen, bench: Bench, override: str, line: str) -> None:
    answer = hwgen("estimate", bench.recipe, "--out", bench.out, "--set", override, "--json")
    assert answer.code == 2
    assert json.loads(answer.out)["error"].startswith(line)
    left = {path.name for path in bench.out.iterdir()} if bench.out.is_dir() else set()
    assert left <= {".lock"}


def test_data_that_is_not_there(hwgen: Hwgen, bench: Bench) -> None:
    answer = hwgen("estimate", bench.recipe, "--out", bench.out, "--set", "data.path=none.npz")
    assert answer.code == 2 and "none.npz: does not exist" in answer.err
    assert not (bench.out / FILE).exists()


def test_no_recipe(hwgen: Hwgen, bench: Bench) -> None:
    answer = hwgen("estimate", bench.folder / "none.yaml", "--out", bench.out)
    assert answer.code == 2 and "none.yaml" in answer.err
    assert not bench.out.exists()


@pytest.mark.parametrize(
    "criterion", ["margin", "entropy", "energy", "distribution", "learned", "laplace", "mc_dropout"]
)
def test_every_criterion_before_anything_is_fitted(hwgen: Hwgen, bench: Bench, criterion: str) -> None:
    document = estimated(hwgen, bench, "--set", f"exits.criterion={criterion}")
    assert len(document["kernel"]["gates"]) == 3
    assert all(block["lut"] is not None for block in document["blocks"])
    assert document["pipeline"]["worst_case"]["samples_per_second"] > 0


def test_ensembling_before_anything_is_fitted(hwgen: Hwgen, bench: Bench) -> None:
    document = estimated(hwgen, bench, "--set", "exits.ensemble=true")
    assert document["pipeline"]["worst_case"]["samples_per_second"] > 0
    serial = estimated(hwgen, bench, "--set", "exits.ensemble=true", "--set", "firmware.gate=serial")
    assert "has no RTL in serial form" in serial["pipeline"]["reason"]
    assert any("in serial form was counted" in block["note"] for block in serial["blocks"])


def test_reported_cycles_take_the_place_of_estimated_ones(hwgen: Hwgen, bench: Bench) -> None:
    assert hwgen("generate", bench.recipe, "--out", bench.out).code == 0
    before = estimated(hwgen, bench)["pipeline"]
    assert {stage["source"] for stage in before["stages"]} == {"estimate"}
    manifest = json.loads((bench.out / "firmware" / "manifest.json").read_text())
    row = {"block": "stage1", "min": 5000, "max": 5000, "interval": 4000, "clock_ns": 7.3, "source": "csynth"}
    silent = row | {"block": "stage2", "max": None}
    simulated = row | {"block": "stage3", "source": "cosim"}
    imported = {
        **{key: [] for key in ("runs", *SECTIONS)},
        "firmware_sha256": manifest["inputs_sha256"],
        "tree_sha256": tree_sha256(bench.out / "firmware"),
        "latency": [row, silent, simulated],
    }
    (bench.out / FOLDER).mkdir()
    (bench.out / FOLDER / IMPORTED).write_text(json.dumps(imported))
    after = estimated(hwgen, bench)["pipeline"]
    first, *others = after["stages"]
    assert (first["interval"], first["source"]) == (4000, "csynth") and first["logits"] >= 5000
    assert others == before["stages"][1:]
    assert after["expected"]["samples_per_second"] < before["expected"]["samples_per_second"]
    other = estimated(hwgen, bench, "--set", "firmware.wake=3")[
        "pipeline"
    ]  # the reports are of other firmware
    assert {stage["source"] for stage in other["stages"]} == {"estimate"}
