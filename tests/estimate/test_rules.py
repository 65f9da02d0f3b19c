"""Rules without coefficients, exact on published points (facts of public csynth reports)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmarks.estimator.fit import POINTS
from benchmarks.estimator.published import Point
from hwgen.estimate.area import joint_counts
from hwgen.estimate.network import counts_of
from hwgen.latency import rules
from hwgen.latency.interval import chain_interval


def weighted(point: Point) -> list[int]:
    return [layer.settings.reuse_factor for layer in point.design.layers if layer.products is not None]


def known_weights(point: Point) -> bool:
    design = point.design
    return not design.assumptions and not design.fabric and any(weighted(point))


def test_dsps_of_constant_sums_are_exact_wherever_weights_are_public(points: list[Point]) -> None:
    chosen = [point for point in points if known_weights(point) and point.strategy == "Latency"]
    wrong = [point.key for point in chosen if counts_of(point.design).dsp != point.truth["dsp"]]
    assert len(chosen) >= 140 and len({point.source for point in chosen}) == 5
    assert wrong == []


def test_dsps_of_one_multiplier_fewer_or_more_would_be_wrong(
    points: list[Point], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail: without the rule of narrow constants, or with another limit, it does."""
    chosen = [point for point in points if known_weights(point) and point.strategy == "Latency"]

    def wrong() -> int:
        return sum(counts_of(point.design).dsp != point.truth["dsp"] for point in chosen)

    real = rules.multiplier_limit
    monkeypatch.setattr(rules, "multiplier_limit", lambda products, reuse: real(products, reuse) + 1)
    assert wrong() > 20
    monkeypatch.undo()
    chosen = [
        replace(point, design=replace(point.design, timing=replace(point.design.timing, backend="Vitis")))
        for point in chosen
    ]
    assert wrong() >= 8


def shared_dense(point: Point) -> bool:
    return point.strategy == "Resource" and point.design.io == "parallel" and len(point.design.layers) == 1


@pytest.mark.parametrize(
    ("what", "right"),
    [
        ("interval", lambda point: chain_interval(point.design.layers, "parallel", point.design.timing)),
        ("dsp", lambda point: counts_of(point.design).dsp),
    ],
)
def test_dense_layers_of_strategy_resource(
    points: list[Point], what: str, right: Callable[[Point], int]
) -> None:
    chosen = [point for point in points if shared_dense(point) and point.design.layers[0].kind == "dense"]
    exact = sum(right(point) == point.truth[what] for point in chosen)
    assert len(chosen) == 694
    assert exact >= 0.99 * len(chosen)


def test_block_rams_of_weights(points: list[Point]) -> None:
    chosen = [point for point in points if shared_dense(point) and max(weighted(point)) <= 1024]
    exact = sum(counts_of(point.design).bram_18k == point.truth["bram_18k"] for point in chosen)
    assert exact >= 0.95 * len(chosen)


def test_streamed_networks_are_as_fast_as_their_slowest_layer(points: list[Point]) -> None:
    chosen = [
        point
        for point in points
        if point.design.io == "stream" and any(layer.windowed for layer in point.design.layers)
    ]
    assert len(chosen) >= 12
    for point in chosen:
        found = chain_interval(point.design.layers, "stream", point.design.timing)
        assert abs(found - point.truth["interval"]) <= max(1, 0.011 * point.truth["interval"]), point.key


@pytest.mark.parametrize(("key", "blocks"), [("p1098", 96), ("seanlipps-conv1d", 24)])
def test_fifos_take_the_block_rams_that_reports_list(points: list[Point], key: str, blocks: int) -> None:
    """One FIFO per channel by Vivado HLS, one per beat by Vitis HLS."""
    (design,) = [point.design for point in points if point.key == key]
    assert joint_counts(design.layers, design.io, design.timing).bram_18k == blocks


def test_least_latencies_of_dense_layers_of_strategy_resource() -> None:
    (*_, table) = json.loads((POINTS / "wa_dense.json").read_text())
    columns = table["columns"]
    rows = [dict(zip(columns, row, strict=True)) for row in table["rows"]]
    assert len(rows) == 668
    for row in rows:
        assert row["latency_cycles_max"] - row["latency_cycles_min"] == rules.RESOURCE_LESS
