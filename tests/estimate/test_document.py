"""estimate.json: its shape, what widens an interval, and what does not change."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwgen.criteria import ExitShape, get_criterion
from hwgen.errors import UsageError
from hwgen.estimate import ASSUMPTION, Subject, build_document, csynth_estimates, fitted
from hwgen.estimate.blocks import scaled_gates
from hwgen.estimate.caveats import gives_up
from hwgen.estimate.design import Design
from hwgen.estimate.document import stage_design
from hwgen.estimate.figures import NAMES
from hwgen.estimate.network import counts_of, estimate_design, estimate_layer
from hwgen.estimate.queueing import proportional_exits, run_samples, sized_pipeline
from hwgen.estimate.table import terminal_table
from hwgen.latency import estimate_latency
from hwgen.latency.interval import chain_interval
from hwgen.latency.layer import LayerShape
from hwgen.latency.products import Products
from hwgen.latency.rules import Timing
from hwgen.latency.settings import Settings
from hwgen.latency.stage import own_cycles, parallel_cycles
from hwgen.recipe import LoadedRecipe
from hwgen.recipe.load import load_recipe
from hwgen.reference.layers import Dense
from hwgen.reference.network import IntegerNetwork
from hwgen.rtl.pipeline import rtl_gates
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
        assert stage["latency_min"] is None  # of several layers
        for layer in stage["layers"]:
            assert set(NAMES) < layer.keys()
            least = layer["latency_min"]
            assert least is None or (layer["strategy"] == "resource" and least < layer["latency"]["value"])
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


def test_the_sum_says_what_it_adds_and_what_is_missing(load: Any) -> None:
    counts = {"lut": 300, "lutram": 12, "ff": 99, "dsp": 0, "bram_18k": 2}
    document = {
        "blocks": [
            {"block": "gate1", "group": "gate", "counts": counts, "note": ""},
            {"block": "stage1_shell", "group": "controller", "counts": None, "note": "not synthesised yet"},
        ]
    }
    found = build_document(subject(load(), images(), netlists=document), fitted())
    total = found["total"]
    assert total["of"].keys() == {"stages", "blocks"} and "csynth" not in total["of"]["blocks"]
    assert total["missing"] == ["stage1_shell"]
    stages = sum(stage["lut"]["value"] for stage in found["stages"])
    assert total["lut"]["value"] == pytest.approx(stages + 312, abs=2)
    from rich.console import Console

    console = Console(width=200, record=True, file=StringIO())
    console.print(terminal_table(found))
    text = console.export_text()
    assert "= all adds stages: csynth figures" in text and "without stage1_shell: no figures" in text


def test_stages_by_da4ml_are_the_kernels_until_the_pipelines_are_counted(load: Any) -> None:
    loaded = load("firmware.rtl=da4ml")
    found = build_document(subject(loaded, images()), fitted())
    assert all("hls4ml" in stage["notes"][0] for stage in found["stages"])
    # The kernel has no controller.
    assert [block["block"] for block in found["blocks"]] == ["gate1", "gate2"]
    assert all("stands for the gate of the kernel" in block["note"] for block in found["blocks"])
    counts = {"lut": 300, "lutram": 12, "ff": 99, "dsp": 0, "bram_18k": 2}
    netlists = {
        "blocks": [
            {"block": "stage1_core", "group": "stage", "counts": counts, "note": ""},
            {"block": "controller", "group": "controller", "counts": counts, "note": ""},
        ]
    }
    total = build_document(subject(loaded, images(), netlists=netlists), fitted())["total"]
    assert total["lut"] == {"value": 624, "low": 624, "high": 624} and total["of"].keys() == {"blocks"}


def test_a_last_exit_without_a_gate_is_parallel_as_its_rtl_is() -> None:
    network = images()
    files = [rtl_gates(network, [None, None], form, "")[1] for form in ("parallel", "serial")]
    assert files[0] == files[1]
    rows = [scaled_gates(network, [None, None], form)[1].figures for form in ("parallel", "serial")]
    assert rows[0] == rows[1]


def test_a_layer_row_has_all_windows_and_what_is_unsure_of_its_stage(load: Any) -> None:
    chosen = subject(load("firmware.io=parallel"), images())
    design = stage_design(chosen.network.stages[0], chosen)
    layer = next(layer for layer in design.layers if layer.kind == "conv")
    row = estimate_layer(layer, design, fitted())
    pixels = layer.result[0] * layer.result[1]
    assert (
        row.figures["latency"].value
        == parallel_cycles(layer, design.timing)
        >= pixels
        > own_cycles(layer, design.timing)
    )
    # Vitis HLS begins its loop again when it has ended: the interval is no surer than the latency.
    latency, interval = row.figures["latency"], row.figures["interval"]
    assert interval.value == latency.value + 1
    assert interval.high / interval.value == pytest.approx(latency.high / latency.value)
    vivado = replace(design, timing=replace(design.timing, backend="Vivado"))
    surer = estimate_layer(layer, vivado, fitted()).figures["interval"]
    assert surer.high / surer.value < interval.high / interval.value

    streamed = subject(load("firmware.io=stream"), images())
    design = stage_design(streamed.network.stages[0], streamed)
    assert any("Vitis HLS streams" in note for note in estimate_layer(layer, design, fitted()).notes)


def test_layers_of_a_stage_whose_reuse_factor_may_be_ignored_say_so(load: Any) -> None:
    network = tabular(stages=1)
    layers = [*network.stages[0].backbone, *network.stages[0].head]
    assert sum(isinstance(layer, Dense) for layer in layers) > 1
    chosen = subject(
        load("firmware.io=parallel", "hls={Model: {Strategy: Latency, ReuseFactor: 512}}"), network
    )
    design = stage_design(network.stages[0], chosen)
    assert gives_up(design)
    layer = next(layer for layer in design.layers if layer.kind == "dense")
    row = estimate_layer(layer, design, fitted())
    assert any("may ignore it" in note for note in row.notes)
    assert (
        row.figures["dsp"].high
        >= 2
        * counts_of(
            replace(
                design, layers=(replace(layer, settings=replace(layer.settings, reuse_factor=1)),), alone=True
            )
        ).dsp
    )


@pytest.mark.parametrize("backend", ["Vitis", "Vivado"])
def test_a_long_loop_is_estimated_as_published_and_noted(load: Any, backend: str) -> None:
    products = Products(784, 100, 0, (0, 78400, 0), (0, 0, 78400), 784)
    layer = LayerShape(
        "d", "dense", (784,), (100,), 16, 16, Settings("resource", 39200, 1, "Resource"), products, 16
    )
    design = Design("d", (layer,), "parallel", Timing(backend, 5.0, "xcu250-figd2104-2L-e"))
    found = estimate_design(design, fitted())
    assert found.figures["latency"].value == (39200 * 21 + 5 if backend == "Vivado" else 39202)
    assert ("of Vitis HLS none was published" in found.notes[0]) == (backend == "Vitis")
    assert found.figures["interval"].low < found.figures["interval"].value < found.figures["interval"].high


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=5).filter(lambda found: sum(found) > 0.01),
    st.integers(1, 600),
)
def test_exits_are_at_their_shares(shares: list[float], samples: int) -> None:
    exits = proportional_exits(shares, samples, 1)
    assert len(exits) == samples
    for index, share in enumerate(shares):
        assert abs(np.sum(exits == index) - share / sum(shares) * samples) <= 1 + 1e-6
    assert np.array_equal(exits, proportional_exits(shares, samples, 1))


def test_one_in_a_hundred_takes_a_hundred_samples(load: Any) -> None:
    chosen = subject(load(), images())
    recipe = chosen.loaded.recipe
    pipeline = sized_pipeline(chosen.network, chosen.gates, recipe.hls, recipe.firmware, [0.75, 0.25], {})
    assert not isinstance(pipeline, str)
    p99 = [
        run_samples(pipeline.timing, pipeline.sizes, [1] * number, recipe.firmware)["latency"]["p99"]
        for number in (99, 100)
    ]
    assert p99[0] is None and p99[1] > 0
    document = build_document(chosen, fitted())["pipeline"]
    assert document["expected"]["samples"] >= 500 and document["worst_case"]["samples"] >= 100


def test_what_reports_are_held_against_says_how_sure_it_is(load: Any) -> None:
    loaded, network = load(), images()
    chosen = subject(loaded, network)
    found = csynth_estimates(loaded, network, chosen.gates, fitted())
    gate, kernel = found["gate1"]["latency"], found["kernel"]["latency"]
    assert (gate.low, gate.high) == (gate.value / 2, gate.value * 2)
    document = build_document(chosen, fitted())
    assert kernel.to_dict() == document["kernel"]["worst"] and kernel.low < kernel.value < kernel.high
    assert "latency_min" not in found["stage1"]
