"""The estimate of the sequential kernel."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwgen.criteria import ExitShape, get_criterion
from hwgen.latency import distribution, estimate_latency
from hwgen.latency.kernel import CALL_CYCLES, RESULT_CYCLES, gate_cycles
from hwgen.recipe.schema import Firmware
from hwgen.reference.network import IntegerNetwork
from tests.networks import images, tabular

RESOURCE = {"Model": {"Strategy": "Resource", "ReuseFactor": 4}}


@pytest.mark.parametrize("network", [images(), tabular(), tabular(stages=1), tabular(stages=5, classes=26)])
@pytest.mark.parametrize("io", ["stream", "parallel"])
@pytest.mark.parametrize("backend", ["Vitis", "Vivado"])
@pytest.mark.parametrize("hls", [{}, RESOURCE])
def test_each_exit_adds_its_stage_and_its_gate(
    network: IntegerNetwork, io: str, backend: str, hls: dict[str, Any]
) -> None:
    gates = [
        get_criterion("score").gate(ExitShape(stage.logits.format, network.classes))
        for stage in network.stages
    ]
    found = estimate_latency(network, [*gates[:-1], None], hls, Firmware(io=io, backend=backend))
    assert len(found.per_exit) == len(found.stages) == len(found.gates) == len(network.stages)
    assert found.load == network.source.size
    assert found.per_exit[0] == found.load + CALL_CYCLES + found.stages[0] + found.gates[0] + RESULT_CYCLES
    for k in range(1, len(network.stages)):
        assert found.per_exit[k] - found.per_exit[k - 1] == CALL_CYCLES + found.stages[k] + found.gates[k]
    assert all(cycles >= 1 for cycles in found.stages + found.gates)


@pytest.mark.parametrize("io", ["stream", "parallel"])
def test_more_reuse_is_never_faster(io: str) -> None:
    network = images()
    before = 0
    for reuse in (1, 3, 9, 27):
        hls = {"Model": {"Strategy": "Resource", "ReuseFactor": reuse}}
        now = estimate_latency(network, [None, None], hls, Firmware(io=io)).per_exit[-1]
        assert now >= before
        before = now


def test_a_layer_without_weights_needs_no_strategy_and_an_unknown_one_is_noted() -> None:
    network = tabular(stages=1)
    name = network.stages[0].backbone[0].name
    found = estimate_latency(
        network, [None], {"LayerName": {name: {"Strategy": "distributed_arithmetic"}}}, Firmware()
    )
    assert found.notes == [f"{name}: strategy distributed_arithmetic is estimated as latency"]


def test_a_gate_with_a_table_takes_longer_than_one_without() -> None:
    fmt = tabular().stages[0].logits.format
    plain, table = (get_criterion(name).gate(ExitShape(fmt, 10)) for name in ("logit_margin", "score"))
    cycles = [gate_cycles(gate, 10, 10.0, "parallel") for gate in (None, plain, table)]
    assert cycles[0] <= cycles[1] < cycles[2]
    assert gate_cycles(table, 10, 10.0, "serial") == cycles[2] + 20  # two passes over ten logits


def test_percentiles_are_those_of_the_samples() -> None:
    found = distribution([10, 20, 30], [50, 49, 1])
    assert (found.mean, found.p50, found.p99, found.worst) == (15.1, 10, 20, 30)
    assert distribution([10, 20, 30], [49, 49, 2]).p50 == 20
    assert distribution([10, 20, 30], [49, 49, 2]).p99 == 30


def test_worst_is_the_last_exit_even_if_nobody_takes_it() -> None:
    assert distribution([10, 20], [7, 0]).worst == 20


@given(st.lists(st.integers(0, 30), min_size=1, max_size=5).filter(any))
def test_percentiles_agree_with_the_sorted_samples(counts: list[int]) -> None:
    per_exit = [10.0 * (k + 1) for k in range(len(counts))]
    samples = sorted(value for value, count in zip(per_exit, counts, strict=True) for _ in range(count))
    found = distribution(per_exit, counts)
    assert found.p50 == samples[-(-len(samples) // 2) - 1]
    assert found.p99 == samples[-(-len(samples) * 99 // 100) - 1]
    assert samples[0] <= found.mean <= samples[-1]
