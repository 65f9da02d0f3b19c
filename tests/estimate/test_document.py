"""estimate.json: its shape, what widens an interval, and what does not change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hwgen.criteria import ExitShape, get_criterion
from hwgen.errors import UsageError
from hwgen.estimate import ASSUMPTION, Subject, build_document, fitted
from hwgen.estimate.document import stage_design
from hwgen.estimate.figures import NAMES
from hwgen.estimate.network import estimate_design
from hwgen.latency import estimate_latency
from hwgen.latency.interval import chain_interval
from hwgen.recipe import LoadedRecipe
from hwgen.recipe.load import load_recipe
from hwgen.reference.network import IntegerNetwork
from tests.networks import images, tabular

RECIPE = """
name: example
data: {source: digits}
network:
  stages:
    - {layers: [{conv: 4}], exit: [{flatten}, {dense: classes}]}
    - {layers: [{conv: 4}], exit: [{flatten}, {dense: classes}]}
"""


@pytest.fixture
def load(tmp_path: Any) -> Any:
    path = tmp_path / "example.yaml"
    path.write_text(RECIPE)
    return lambda *overrides: load_recipe(path, overrides)


def subject(loaded: LoadedRecipe, network: IntegerNetwork, **changes: Any) -> Subject:
    gates = [
        get_criterion("score").gate(ExitShape(stage.logits.format, network.classes))
        for stage in network.stages
    ]
    found = Subject(loaded, network, "", [*gates[:-1], None], [0.75, 0.25], None)
    return replace(found, **changes)


def figures(value: Any) -> list[dict[str, float]]:
    """All figures anywhere below."""
    if isinstance(value, dict):
        if value.keys() == {"value", "low", "high"}:
            return [value]
        value = list(value.values())
    return [found for entry in value for found in figures(entry)] if isinstance(value, list) else []


@pytest.mark.parametrize("network", [images(), tabular(stages=2)])
@pytest.mark.parametrize("io", ["stream", "parallel"])
@pytest.mark.parametrize("strategy", ["Latency", "Resource"])
@pytest.mark.parametrize("reuse", [1, 4])
def test_every_figure_lies_in_its_interval(
    load: Any, network: IntegerNetwork, io: str, strategy: str, reuse: int
) -> None:
    hls = f"hls={{Model: {{Strategy: {strategy}, ReuseFactor: {reuse}}}}}"
    document = build_document(subject(load(f"firmware.io={io}", hls), network), fitted())
    found = figures(document)
    assert len(found) > 20
    assert all(0 <= figure["low"] <= figure["value"] <= figure["high"] for figure in found)
    for stage in document["stages"]:
        assert set(NAMES) < stage.keys()
        assert stage["source"] == "estimate"
        assert stage["latency_min"] <= stage["latency"]["value"]
        for layer in stage["layers"]:
            assert set(NAMES) < layer.keys()
            assert (layer["strategy"] is None) == (layer["kind"] not in ("dense", "conv", "depthwise"))
    assert [block["block"] for block in document["blocks"]] == ["gate1", "gate2", "controller", "buffers"]


def test_stages_have_the_cycles_that_report_and_pipeline_use(load: Any) -> None:
    """One definition: the kernel's latency and the cores' intervals are those of hwgen.latency."""
    for io in ("stream", "parallel"):
        loaded, network = load(f"firmware.io={io}"), images()
        recipe = loaded.recipe
        chosen = subject(loaded, network)
        document = build_document(chosen, fitted())
        kernel = estimate_latency(network, chosen.gates, recipe.hls, recipe.firmware)
        assert [figure["value"] for figure in document["kernel"]["per_exit"]] == kernel.per_exit
        for stage, row in zip(network.stages, document["stages"], strict=True):
            design = stage_design(stage, chosen)
            assert row["interval"]["value"] == chain_interval(design.layers, io, design.timing)


def test_mean_lies_between_the_exits_and_the_worst_case_beside_it(load: Any) -> None:
    document = build_document(subject(load(), images()), fitted())
    kernel, flow = document["kernel"], document["pipeline"]
    first, last = (figure["value"] for figure in kernel["per_exit"])
    assert kernel["mean"]["value"] == pytest.approx(0.75 * first + 0.25 * last, abs=0.6)
    assert kernel["p50"]["value"] == first and kernel["p99"]["value"] == last == kernel["worst"]["value"]
    assert kernel["samples_per_second"]["value"] > kernel["samples_per_second_worst"]["value"]
    assert flow["expected"]["latency"]["mean"] < flow["worst_case"]["latency"]["mean"]
    assert flow["expected"]["samples_per_second"] >= flow["worst_case"]["samples_per_second"]
    slowest = max(stage["interval"] for stage in flow["stages"])
    assert flow["worst_case"]["samples_per_second"] == pytest.approx(1e8 / slowest, rel=0.05)
    energy = document["energy"]["dynamic"]
    assert energy["per_exit"][0]["value"] < energy["mean"]["value"] < energy["worst"]["value"]


def test_without_shares_there_is_only_the_worst_case(load: Any) -> None:
    document = build_document(subject(load(), images(), shares=None), fitted())
    assert document["kernel"]["mean"] is document["kernel"]["p99"] is None
    assert document["kernel"]["samples_per_second"] is None
    assert document["kernel"]["worst"] is not None
    assert document["pipeline"]["expected"] is None and document["pipeline"]["worst_case"] is not None
    assert document["energy"]["dynamic"]["mean"] is None


def test_a_criterion_without_rtl_has_no_pipeline(load: Any) -> None:
    document = build_document(subject(load("firmware.rtl=da4ml"), images()), fitted())
    assert "da4ml" in document["pipeline"]["reason"]


def spread(load: Any, name: str, *overrides: str, assumed: str = "") -> float:
    chosen = subject(load(*overrides), images(), assumed=assumed)
    figure = estimate_design(stage_design(chosen.network.stages[0], chosen), fitted()).figures[name]
    return (figure.high + 1) / (figure.low + 1)


def test_what_was_not_fitted_is_less_certain(load: Any) -> None:
    near = ["firmware.part=xcu250-figd2104-2L-e", "firmware.clock_ns=5", "firmware.backend=Vivado"]
    plain = spread(load, "lut", *near)
    assert spread(load, "lut", "firmware.part=xcvc1902-vsva2197-2MP-e-S", "firmware.clock_ns=5") > 2 * plain
    assert spread(load, "lut", *near, "hls={Model: {Strategy: Distributed_Arithmetic}}") > 2 * plain
    assert spread(load, "lut", *near, assumed=ASSUMPTION) > plain
    slow = [near[0], "firmware.clock_ns=10", near[2]]
    assert spread(load, "latency", *slow) > 2 * spread(load, "latency", *near)
    # What follows from the loops does not depend on the clock.
    assert spread(load, "interval", *slow) == spread(load, "interval", *near)
    # Two published designs say how long Vitis HLS takes for a pixel.
    assert spread(load, "interval", *near[:2]) > 1.4 * spread(load, "interval", *near)


def test_notes_say_why(load: Any) -> None:
    loaded = load("firmware.part=xcvc1902-vsva2197-2MP-e-S", "firmware.clock_ns=20")
    document = build_document(subject(loaded, images()), fitted())
    assert document["stages"][0]["notes"] == [
        "no published point of family Versal",
        "clock of 20 ns; published ones are of 3.33 to 5 ns",
        "two published designs with convolutions that Vitis HLS streams: 2 or 3 cycles a pixel, not 1",
    ]
    assert document["energy"]["dynamic"] is None
    assert document["energy"]["dynamic_reason"] == "no coefficient for family Versal"


def test_no_joule_without_its_origin(load: Any) -> None:
    energy = build_document(subject(load(), images()), fitted())["energy"]
    assert energy["unit"] == "nJ"
    assert [source.split(",")[0] for source in energy["dynamic"]["sources"]] == [
        "M. Horowitz",
        "I. Kuon and J. Rose",
    ]
    assert energy["static"] is None and energy["static_reason"]


def test_an_unknown_part_is_refused_with_the_families(load: Any) -> None:
    with pytest.raises(UsageError) as caught:
        build_document(subject(load("firmware.part=ep4ce6"), images()), fitted())
    assert str(caught.value) == (
        "firmware.part: 'ep4ce6' is no part that is known here; take one of 7 series, UltraScale+, UltraScale, Versal"
    )


def test_netlists_replace_estimated_gates(load: Any) -> None:
    counts = {"lut": 300, "lutram": 12, "ff": 99, "dsp": 0, "bram_18k": 2}
    document = {
        "blocks": [
            {"block": "stage1_core", "group": "stage", "counts": counts, "note": ""},
            {"block": "gate1", "group": "gate", "counts": counts, "note": ""},
            {"block": "stage1_shell", "group": "controller", "counts": None, "note": "not synthesised yet"},
        ]
    }
    found = build_document(subject(load(), images(), netlists=document), fitted())["blocks"]
    assert [(block["block"], block["source"]) for block in found] == [
        ("gate1", "yosys"),
        ("stage1_shell", None),
    ]
    assert found[0]["lut"] == {"value": 312, "low": 312, "high": 312}
    assert found[1]["lut"] is None and found[1]["note"] == "not synthesised yet"
