"""The verb `explore`: what it needs, what it writes, what it refuses."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
import yaml

from hwgen.explore import FILE, PICTURE
from tests.cli.conftest import Answer, Hwgen
from tests.steps.conftest import Bench

RESOURCE = ("--set", "hls={Model: {Strategy: Resource}}")
"""Layers of five neurons: with constant weights there would be nothing to choose."""


def explored(hwgen: Hwgen, bench: Bench, *arguments: object) -> Answer:
    return hwgen("explore", bench.recipe, "--out", bench.out, "--samples", "50", *RESOURCE, *arguments)


@pytest.fixture
def calibrated(hwgen: Hwgen, bench: Bench) -> Bench:
    assert hwgen("calibrate", bench.recipe, "--out", bench.out, *RESOURCE).code == 0
    return bench


def test_without_calibration_it_says_what_to_run(hwgen: Hwgen, bench: Bench) -> None:
    answer = explored(hwgen, bench, "--json")
    assert answer.code == 2
    assert json.loads(answer.out)["error"] == (
        f"{bench.out / 'calibration.json'}: is not there, and without it nobody knows how often a stage is visited; "
        "run hwgen calibrate with the same RECIPE, --out and --set first"
    )
    assert not (bench.out / FILE).exists()


def test_calibration_of_another_recipe_is_not_taken(hwgen: Hwgen, calibrated: Bench) -> None:
    answer = explored(hwgen, calibrated, "--set", "exits.budget=5")
    assert answer.code == 2 and "is of another recipe" in answer.err


def test_results(hwgen: Hwgen, calibrated: Bench) -> None:
    answer = explored(hwgen, calibrated, "--json")
    assert answer.code == 0, answer.err
    document: dict[str, Any] = json.loads(answer.out)
    assert json.loads((calibrated.out / FILE).read_text()) == document
    assert ET.parse(calibrated.out / PICTURE).getroot().tag.endswith("svg")
    assert document["source"] == "estimate"
    assert sum(document["policy"]["test_shares"]) == pytest.approx(1)
    assert document["hls"]["Model"] == {"Strategy": "Resource"}
    assert document["designs"]["dynamic"]["runs"]["test_set"]["samples"] == 50
    told = explored(hwgen, calibrated)
    assert told.code == 0 and told.out.rstrip().endswith(str(calibrated.out / FILE))
    pasted = told.out[told.out.index("\nhls:") :].rsplit("\n\n", 1)[0]
    assert yaml.safe_load(pasted)["hls"] == document["hls"]
    assert json.loads((calibrated.out / FILE).read_text()) == document  # the same bytes for the same folder


def test_blocks_that_are_not_needed_may_be_absent(hwgen: Hwgen, bench: Bench) -> None:
    """Constant weights of six bits take neither DSPs nor block RAM."""
    overrides = ("--set", "hls={Model: {Strategy: Latency}}", "--set", "exits.criterion=logit_margin")
    assert hwgen("calibrate", bench.recipe, "--out", bench.out, *overrides).code == 0
    area = ("--area", "lut=40000,ff=40000,dsp=0,bram_18k=0", "--json", "--samples", "20")
    answer = hwgen("explore", bench.recipe, "--out", bench.out, *overrides, *area)
    assert answer.code == 0, answer.err
    for design in json.loads(answer.out)["designs"].values():
        assert design["area"]["dsp"]["value"] == design["area"]["bram_18k"]["value"] == 0
        assert 0 < design["share"] < 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--area", "much"), "--area: received 'much'; give a share such as 50%"),
        (("--area", "lut=10"), "--area: the static design does not fit"),
        (("--policy", "3.3"), "--policy: received 3.3; take one of "),
        (("--set", "firmware.part=ep4ce6"), "firmware.part: 'ep4ce6' is no part that is known here"),
        (("--set", "firmware.part=xc7k325t"), "firmware.part: 'xc7k325t' is not in the table of parts"),
        (("--set", "firmware.rtl=da4ml"), "firmware.rtl: da4ml unrolls stages"),
    ],
)
def test_refusals(hwgen: Hwgen, calibrated: Bench, arguments: tuple[str, ...], line: str) -> None:
    answer = explored(hwgen, calibrated, *arguments, "--json")
    assert answer.code == 2
    assert json.loads(answer.out)["error"].startswith(line)
    assert not (calibrated.out / FILE).exists()
