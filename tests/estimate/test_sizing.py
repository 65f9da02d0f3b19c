"""The search for sizes against trying everything, and what any sizing has to keep."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from hwgen.estimate import fitted
from hwgen.estimate.choices import STRATEGIES, Choice, layer_choices, undominated
from hwgen.estimate.sizing import (
    GAP,
    Problem,
    Sizing,
    StageChoices,
    fastest,
    quickest,
    share_of,
    sized,
    smallest,
    targets,
)
from hwgen.fixedpoint import FixedPoint
from hwgen.latency.interval import layer_interval
from hwgen.latency.rules import Timing
from hwgen.latency.settings import Settings, layer_settings
from hwgen.latency.stage import describe_stage
from hwgen.reference.network import IntegerNetwork, Tensor
from tests.networks import Builder, assemble

PLAIN = Settings("latency", 1, 1, "Latency")
BUDGET = np.array([60.0, 60.0, 60.0, 60.0])
SEEDS = range(25)


def drawn(seed: int) -> Problem:
    """Two stages of two and one layers, with choices whose areas do not simply shrink with their intervals."""
    generator = np.random.default_rng(seed)

    def layer(name: str) -> tuple[str, tuple[Choice, ...]]:
        choices = [
            Choice(int(interval), tuple(generator.integers(0, 30, 4).astype(float)), PLAIN)
            for interval in generator.integers(1, 40, 5)
        ]
        return name, undominated(choices)

    return Problem(
        (
            StageChoices(
                "stage1", 1.0, (layer("a"), layer("b")), least=int(generator.integers(1, 9)), more=1
            ),
            StageChoices("stage2", float(generator.random()), (layer("c"),)),
        ),
        generator.integers(0, 6, 4).astype(float),
    )


def every(problem: Problem) -> Iterator[Sizing]:
    """All designs there are."""
    layers = [choices for stage in problem.stages for _, choices in stage.layers]
    for picked in itertools.product(*layers):
        rest = iter(picked)
        yield sized(problem, [[next(rest) for _ in stage.layers] for stage in problem.stages])


def work(problem: Problem, sizing: Sizing) -> float:
    pairs = zip(problem.stages, sizing.chosen, strict=True)
    return sum(stage.visits * choice.interval for stage, chosen in pairs for choice in chosen)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_smallest_design_is_the_smallest_of_all(seed: int) -> None:
    problem = drawn(seed)
    for cycles in targets(problem)[::3]:
        fits = [share_of(each.area, BUDGET) for each in every(problem) if each.cycles <= cycles]
        found = smallest(problem, cycles, BUDGET)
        assert (found is None) == (not fits)
        if found is not None:
            assert found.cycles <= cycles
            assert share_of(found.area, BUDGET) == pytest.approx(min(fits), abs=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fastest_design_is_the_fastest_of_all(seed: int) -> None:
    problem = drawn(seed)
    for budget in (BUDGET, 0.7 * BUDGET, np.array([30.0, 90.0, 40.0, 70.0])):
        fits = [each for each in every(problem) if share_of(each.area, budget) <= 1]
        found = fastest(problem, budget)
        assert (found is None) == (not fits)
        if found is None:
            continue
        assert found.cycles == min(each.cycles for each in fits)
        assert share_of(found.area, budget) <= 1
        spent = quickest(problem, found.cycles, budget)
        assert spent is not None
        assert spent.cycles == found.cycles and share_of(spent.area, budget) <= 1
        least = min(work(problem, each) for each in fits if each.cycles <= found.cycles)
        assert work(problem, spent) <= least * (1 + 2 * GAP)


def test_all_four_blocks_decide() -> None:
    """A search that overlooked one of them would be wrong on these problems."""
    for block in range(4):
        blind = BUDGET * 0.7
        blind[block] = 1e9
        assert any(
            (found := fastest(drawn(seed), blind)) is not None and share_of(found.area, BUDGET * 0.7) > 1
            for seed in SEEDS
        )


def test_more_area_is_never_slower_and_more_cycles_never_larger() -> None:
    for seed in SEEDS[:5]:
        problem = drawn(seed)
        rates = [fastest(problem, BUDGET * share) for share in (0.4, 0.6, 0.8, 1.0)]
        cycles = [float("inf") if found is None else found.cycles for found in rates]
        assert cycles == sorted(cycles, reverse=True)
        sizes = [smallest(problem, each, BUDGET) for each in targets(problem)[::2]]
        shares = [share_of(found.area, BUDGET) for found in sizes if found is not None]
        assert all(after <= before + 1e-4 for before, after in itertools.pairwise(shares))


def test_a_block_that_is_not_there() -> None:
    nothing = Choice(5, (1.0, 0.0, 0.0, 0.0), PLAIN)
    multiplied = Choice(1, (1.0, 0.0, 2.0, 0.0), PLAIN)
    problem = Problem((StageChoices("stage1", 1.0, (("a", (multiplied, nothing)),)),), np.zeros(4))
    found = fastest(problem, np.array([10.0, 10.0, 0.0, 0.0]))
    assert found is not None and found.cycles == 5
    only = Problem((StageChoices("stage1", 1.0, (("a", (multiplied,)),)),), np.zeros(4))
    assert fastest(only, np.array([10.0, 10.0, 0.0, 0.0])) is None


def test_a_stage_that_nobody_enters_takes_the_smallest() -> None:
    fast, small = Choice(1, (9.0, 0, 0, 0), PLAIN), Choice(99, (1.0, 0, 0, 0), PLAIN)
    stages = (
        StageChoices("stage1", 1.0, (("a", (fast, small)),)),
        StageChoices("stage2", 0.0, (("b", (fast, small)),)),
    )
    found = fastest(Problem(stages, np.zeros(4)), np.array([20.0, 1, 1, 1]))
    assert found is not None and found.intervals == (1, 99) and found.cycles == 1


@pytest.mark.parametrize("seed", range(20))
def test_only_what_nothing_beats_is_kept(seed: int) -> None:
    generator = np.random.default_rng(seed)
    rows = generator.integers(0, 6, (30, 5))
    found = [Choice(int(row[0]), tuple(row[1:].astype(float)), PLAIN) for row in rows]
    kept = undominated(found)

    def beats(one: Choice, other: Choice) -> bool:
        return one.interval <= other.interval and all(
            a <= b for a, b in zip(one.area, other.area, strict=True)
        )

    for choice in found:
        assert any(beats(other, choice) for other in kept)
    assert not any(beats(one, other) for one, other in itertools.permutations(kept, 2))


def wide() -> IntegerNetwork:
    """Weights and activations that take DSPs, so that sharing multipliers is worth something."""
    make = Builder(0, weights=FixedPoint(8, 1), activations=FixedPoint(8, 2, False))
    backbone = [
        make.conv(1, 8),
        make.relu(),
        make.conv(8, 8),
        make.relu(),
        make.depthwise(8),
        make.relu(),
        make.pool(),
    ]
    head = [make.flatten(), make.dense(72, 16), make.relu(), make.dense(16, 4)]
    return assemble(Tensor((6, 6, 1), FixedPoint(8, 0, False)), [(backbone, head)])


@pytest.mark.parametrize("io", ["stream", "parallel"])
def test_choices_are_what_hls4ml_will_build(io: str) -> None:
    """Settings written into the recipe are read back as they were chosen: nothing is rounded afterwards."""
    timing = Timing("Vitis", 5.0, "xcu250-figd2104-2L-e")
    seen = set()
    for stage in wide().stages:
        for layer, shape in zip((*stage.backbone, *stage.head), describe_stage(stage, {}), strict=True):
            choices = layer_choices(shape, io, timing, STRATEGIES, fitted())
            if shape.products is None:
                assert len(choices) == 1
                continue
            for choice in choices:
                named, reuse = choice.settings.named, choice.settings.reuse_factor
                hls = {"LayerName": {layer.name: {"Strategy": named, "ReuseFactor": reuse}}}
                assert layer_settings(hls, layer) == choice.settings
                (again,) = [each for each in describe_stage(stage, hls) if each.name == layer.name]
                assert layer_interval(again, io, timing) == choice.interval
                if io == "parallel" and shape.kind == "conv" and named == "Resource":
                    assert reuse <= shape.products.terms
                seen.add(named)
    assert seen == set(STRATEGIES)
