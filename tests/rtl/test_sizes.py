"""Sizes of the pipeline: the formulas against the cycle model, bounds at and one below, refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.errors import RecipeError
from hwgen.rtl.sizes import (
    POINTS,
    Pipeline,
    Sizes,
    StageTiming,
    Stream,
    choose_sizes,
    continues_from_exits,
    cost_of,
    deadlock_slots,
    decision_slots,
    draw_exits,
    in_flight,
    memory,
    meta_depth,
    pipeline_rate,
    plan_sizes,
    rows,
    run_cycles,
)
from hwgen.rtl.sizes.choose import LOSS
from hwgen.rtl.sizes.memory import Memory
from hwgen.rtl.sizes.merge import merge_rate
from hwgen.rtl.sizes.parts import PARTS, check_fit, find_part
from hwgen.rtl.sizes.queue import _dense, _skip_free, mg1k_rate, queue_rate, released

MANY = 1000
"""Depth that is never the limit."""


def pipeline(intervals: tuple[int, ...], exits: tuple[float, ...], beats: int = 1) -> Pipeline:
    stages = []
    for index, (interval, share) in enumerate(zip(intervals, continues_from_exits(list(exits)), strict=True)):
        logits = 12 + 2 * index + (3 * interval if interval > 1 else 0)
        stages.append(
            StageTiming(
                f"stage{index + 1}",
                interval,
                logits,
                4,
                share,
                in_beats=min(beats, interval),
                feature_bits=256,
            )
        )
    return Pipeline(tuple(stages))


def ample(stages: int, slots: int = MANY) -> Sizes:
    return Sizes((slots,) * (stages - 1), (MANY,) * stages, MANY, MANY)


def realised(pipe: Pipeline, exits: np.ndarray) -> Pipeline:
    """The pipeline at the shares of a drawn sequence."""
    shares = continues_from_exits(list(np.bincount(exits, minlength=len(pipe.stages))))
    stages = [replace(stage, continues=share) for stage, share in zip(pipe.stages, shares, strict=True)]
    return replace(pipe, stages=tuple(stages))


timings = st.builds(
    lambda interval, logits, gate, pace, back, beats: StageTiming(
        "stage1",
        interval,
        logits + interval,
        gate,
        0.5,
        pace,
        last_feature=max(1, logits + interval - back),
        first_feature=max(1, logits - back),
        in_beats=min(beats, interval),
    ),
    st.integers(1, 9),
    st.integers(1, 30),
    st.integers(1, 9),
    st.integers(1, 5),
    st.integers(0, 12),
    st.integers(1, 4),
)


# Bounds from timing alone


@settings(max_examples=25, deadline=None)
@given(timings)
def test_decision_slots_keep_full_rate_and_one_fewer_does_not(stage: StageTiming) -> None:
    pipe = Pipeline((stage, replace(stage, name="stage2", continues=0.0)))
    leaving = [0] * 200
    least = decision_slots(stage)
    run = run_cycles(pipe, ample(2, least), leaving)
    assert run.throughput == 1 / stage.pace
    if least > 1:
        slower = run_cycles(pipe, ample(2, least - 1), leaving)
        assert slower.stalls["stage1.slots"] > 0
        assert slower.throughput == pytest.approx((least - 1) / (stage.decision + 1), rel=0.02)


@settings(max_examples=25, deadline=None)
@given(timings)
def test_meta_depth_keeps_full_rate_and_one_fewer_does_not(stage: StageTiming) -> None:
    # The gate must not be the slower one: logits that wait for it keep their meta longer.
    stage = replace(stage, gate_interval=1)
    pipe = Pipeline((replace(stage, continues=0.0),))
    least = meta_depth(stage)
    assert run_cycles(pipe, Sizes((), (least,), MANY, MANY), [0] * 200).throughput == 1 / stage.interval
    if least > 1:
        slower = run_cycles(pipe, Sizes((), (least - 1,), MANY, MANY), [0] * 200)
        assert slower.throughput == pytest.approx((least - 1) / (stage.logits + 2), rel=0.02)


@settings(max_examples=25, deadline=None)
@given(timings, st.integers(0, 1))
def test_deadlock_bound_of_a_core_that_waits_for_slots_itself(stage: StageTiming, leaves: int) -> None:
    pipe = Pipeline((stage, replace(stage, name="stage2", continues=0.0)))
    exits, unreserved = [leaves] * 100, Stream(reserved=False)
    least = deadlock_slots(stage, reserved=False)
    run = run_cycles(pipe, ample(2, least), exits, unreserved)
    assert not run.deadlock
    assert run.order == list(range(100))
    if least > 1:
        stuck = run_cycles(pipe, ample(2, least - 1), exits, unreserved)
        assert stuck.deadlock
        assert not stuck.order
        # The stage shell reserves at admission: slower, but never stuck, down to a single slot.
        assert not run_cycles(pipe, ample(2, deadlock_slots(stage)), exits).deadlock


# The queue model


@pytest.mark.parametrize(
    ("share", "interval", "service", "beats", "places"),
    [
        (0.25, 1, 3, 1, 1),
        (0.25, 1, 3, 1, 4),
        (0.05, 1, 16, 1, 8),
        (0.11, 1, 16, 2, 3),
        (0.4, 16, 32, 4, 2),
        (0.5, 3, 7, 2, 3),
        (0.29, 100, 333, 10, 12),
    ],
)
def test_chain_equals_the_recursion_it_stands_for(
    share: float, interval: int, service: int, beats: int, places: int
) -> None:
    limit, late, waiting = places * service + released(service, beats), 0, 0
    draws = np.random.default_rng(3).random(100_000) < share
    for continues in draws:
        if continues:
            waits = max(0, waiting - limit)
            late += waits
            waiting = max(0, waiting - waits + service - interval)
        else:
            waiting = max(0, waiting - interval)
    measured = len(draws) / (len(draws) * interval + late)
    share = float(draws.mean())
    assert queue_rate(share, interval, service, beats, places) == pytest.approx(measured, rel=0.01)


def test_both_solutions_of_the_chain_agree() -> None:
    for share, service, limit in ((0.2, 4, 11), (0.3, 4, 3), (0.05, 16, 47), (0.6, 2, 5)):
        direct = _skip_free(share, 1, service, limit, 1)
        solved = _dense(share, 1, service, limit, 1)
        assert direct == pytest.approx(solved[: len(direct)], abs=1e-12)


def test_formula_of_the_peer_gives_its_published_behaviour() -> None:
    # Stage rates 96.4 and 43.4 thousand samples/s; one place loses 15 %, sixteen 0.1 %; at load 1 6 %.
    ratio = 96.4 / 43.4
    for share, slots, rate in ((0.25, 1, 0.85), (0.25, 2, 0.90), (0.25, 4, 0.95), (0.25, 16, 0.999)):
        assert mg1k_rate(share * ratio, 1 / share - 1, slots) == pytest.approx(rate, abs=0.002)
    assert mg1k_rate(0.45 * ratio, 1 / 0.45 - 1, 16) == pytest.approx(0.94, abs=0.003)
    assert mg1k_rate(1.0, 1.2, 16) == pytest.approx(mg1k_rate(1 + 1e-6, 1.2, 16), abs=1e-5)


CASES = [
    ((1, 4), (0.8, 0.2), 1),
    ((1, 16), (0.95, 0.05), 1),
    ((1, 16), (0.90, 0.10), 1),
    ((1, 5), (0.8, 0.2), 4),
    ((3, 7), (0.6, 0.4), 2),
    ((16, 64), (0.8, 0.2), 1),
    ((1, 8, 32), (0.9, 0.08, 0.02), 1),
]


@pytest.mark.parametrize(("intervals", "exits", "beats"), CASES)
@pytest.mark.parametrize("places", [1, 4, 12])
def test_model_and_cycles_agree(
    intervals: tuple[int, ...], exits: tuple[float, ...], beats: int, places: int
) -> None:
    """Model at most 2 % above what the cycle model gives and, a lower bound, at most 5 % below it.

    With one place 15 %: the shared buffer lends the queue slots of samples that never came.
    """
    pipe = pipeline(intervals, exits, beats)
    drawn = draw_exits(pipe, 4_000 // max(1, intervals[0] // 2), seed=places)
    slots = tuple(decision_slots(stage) + places for stage in pipe.stages[:-1])
    sizes = replace(ample(len(intervals)), slots=slots)
    run = run_cycles(pipe, sizes, drawn)
    model = pipeline_rate(realised(pipe, drawn), sizes)
    assert not run.deadlock
    assert model <= run.throughput * 1.02
    assert model >= run.throughput * (0.95 if places >= 4 else 0.85)


def test_more_slots_never_cost_throughput() -> None:
    pipe = pipeline((1, 6, 12), (0.8, 0.15, 0.05))
    drawn = draw_exits(pipe, 1000, seed=5)
    cycles = [run_cycles(pipe, ample(3, slots), drawn).cycles for slots in (1, 3, 8, 16, 32)]
    model = [pipeline_rate(pipe, ample(3, slots)) for slots in (1, 2, 4, 8, 16, 18, 20, 32)]
    assert cycles == sorted(cycles, reverse=True)
    assert model == sorted(model)


# The merge


@pytest.mark.parametrize("depth", [1, 2, 3, 6])
def test_merge_chain_equals_independent_draws(depth: int) -> None:
    rates, waiting, out = (0.6, 0.25, 0.1), 0, 0
    for offered in (np.random.default_rng(depth).random((60_000, 3)) < rates).sum(axis=1):
        out += waiting > 0
        waiting = depth - 1 if waiting == depth else min(depth, max(0, waiting - 1) + offered)
    assert merge_rate(rates, depth) == pytest.approx(out / 60_000, rel=0.01)


@pytest.mark.parametrize("depth", [2, 3, 4, 8])
def test_merge_model_and_cycles_agree(depth: int) -> None:
    pipe = pipeline((1, 1, 1), (0.80, 0.15, 0.05))
    sizes = replace(ample(3), exit_depth=depth)
    rate = run_cycles(pipe, sizes, draw_exits(pipe, 5000, seed=1)).throughput
    assert rate * 0.90 <= pipeline_rate(pipe, sizes) <= rate * 1.005


@pytest.mark.parametrize("points", [-5, 0, 5])
def test_no_collision_stalls_and_full_rate_at_the_computed_sizes(points: int) -> None:
    pipe = pipeline((1, 1, 1), (0.94, 0.05, 0.01))
    sizes = choose_sizes(pipe)
    drawn = draw_exits(pipe.shifted(points), 5_000, seed=points + 5)
    run = run_cycles(pipe, sizes, drawn)
    assert run.throughput == 1.0
    assert set(run.stalls) <= {"merge.collision"}
    shallow = run_cycles(pipe, replace(sizes, exit_depth=1), drawn)
    assert shallow.stalls["stage1.result"] > 0


def test_chosen_slots_lose_little() -> None:
    for intervals, exits, _ in CASES:
        pipe = pipeline(intervals, exits)
        sizes = choose_sizes(pipe)
        for points in (0, 5):
            moved = pipe.shifted(points)
            assert pipeline_rate(moved, sizes) >= moved.ideal * (1 - LOSS) ** len(sizes.slots) - 1e-9


# Any depths, any stalls


@settings(max_examples=40, deadline=None)
@given(data=st.data(), stages=st.integers(1, 4), reorder=st.booleans(), seed=st.integers(0, 9))
def test_all_samples_leave_exactly_once(data: st.DataObject, stages: int, reorder: bool, seed: int) -> None:
    depth, chance = st.integers(1, 5), st.sampled_from([1.0, 0.9, 0.5, 0.1])
    chain = [
        replace(data.draw(timings), name=f"stage{index + 1}", continues=0.5 if index + 1 < stages else 0.0)
        for index in range(stages)
    ]
    pipe = Pipeline(tuple(chain), reorder=reorder)
    sizes = Sizes(
        tuple(data.draw(depth) for _ in chain[1:]),
        tuple(data.draw(depth) for _ in chain),
        data.draw(depth),
        data.draw(depth),
        data.draw(depth) if reorder else None,
    )
    exits = draw_exits(pipe, 60, seed)
    stream = Stream(
        data.draw(st.integers(1, 3)),
        data.draw(chance),
        data.draw(chance),
        data.draw(st.integers(0, 4)),
        data.draw(st.integers(0, 4)),
        seed=seed,
    )
    run = run_cycles(pipe, sizes, exits, stream)
    assert not run.deadlock
    assert sorted(run.order) == list(range(60))
    assert (run.latency > 0).all()
    assert run.most_in_flight <= in_flight(pipe, sizes)
    assert all(most <= slots for most, slots in zip(run.slots_most, sizes.slots, strict=True))
    assert max(run.exit_most) <= sizes.exit_depth
    for leaves in range(stages):
        mine = [sample for sample in run.order if exits[sample] == leaves]
        assert mine == sorted(mine)
    if reorder:
        assert run.order == list(range(60))


def test_latency_of_a_lone_sample_is_the_sum_of_its_stages() -> None:
    pipe = pipeline((4, 8, 16), (0.5, 0.3, 0.2), beats=2)
    run = run_cycles(pipe, choose_sizes(pipe), [0, 1, 2], Stream(spacing=300))
    expected = np.cumsum([stage.decision + 2 for stage in pipe.stages])
    assert run.latency.tolist() == expected.tolist()
    assert run.active[2] == pipe.stages[2].logits + 1  # one in the shell's register


def test_reorder_buffer_keeps_the_rate_at_the_computed_depth() -> None:
    pipe = replace(pipeline((1, 4), (0.9, 0.1)), reorder=True)
    sizes = choose_sizes(pipe)
    drawn = draw_exits(pipe, 3000, seed=1)
    run = run_cycles(pipe, sizes, drawn)
    assert run.throughput > 0.99
    assert run.order == list(range(3000))
    assert sizes.reorder is not None
    small = replace(sizes, reorder=sizes.reorder // 4)
    slower = run_cycles(pipe, small, drawn)
    assert slower.stalls["stage1.reorder"] > 0
    assert slower.throughput >= pipeline_rate(pipe, small) * 0.98


# Refusals


def test_tag_too_narrow_is_refused_with_the_minimum() -> None:
    pipe = pipeline((1, 1, 1), (0.94, 0.05, 0.01))
    plan = plan_sizes(pipe, "xc7z020clg400-1")
    assert 2**plan.tag_bits > plan.in_flight >= 2 ** (plan.tag_bits - 1)
    with pytest.raises(RecipeError) as caught:
        plan_sizes(pipe, "xc7z020clg400-1", tag_bits=plan.tag_bits - 1)
    assert str(caught.value) == (
        f"firmware.tag_bits: is {plan.tag_bits - 1}, but {plan.in_flight} samples can be in flight at once "
        f"and need {plan.tag_bits} bits; give {plan.tag_bits} or more"
    )
    assert plan_sizes(pipe, "xc7z020clg400-1", tag_bits=16).tag_bits == 16


def test_buffers_that_do_not_fit_are_refused() -> None:
    pipe = pipeline((16, 64), (0.9, 0.1))
    wide = replace(pipe.stages[0], feature_beats=16, feature_bits=16 * 4096, logits=100)
    with pytest.raises(RecipeError, match=r"firmware.part: the pipeline's buffers need \d+ 18 Kb block RAMs"):
        plan_sizes(replace(pipe, stages=(wide, pipe.stages[1])), "xc7z020clg400-1")
    plan = plan_sizes(replace(pipe, stages=(wide, pipe.stages[1])), "xcku040")
    assert plan.notes == (
        "firmware.part: xcku040 is not in the table of parts, so whether the buffers fit was not checked",
    )


@pytest.mark.parametrize("sizes", [((0,), (1, 1), 1), ((1,), (1,), 1), ((1,), (1, 1), 0)])
def test_depths_of_none_are_refused(sizes: tuple[tuple[int, ...], tuple[int, ...], int]) -> None:
    with pytest.raises(RecipeError, match="give every buffer a depth of 1 or more, one per stage"):
        Sizes(*sizes)


def test_parts_are_found_by_device() -> None:
    assert find_part("xc7z020clg400-1") == find_part("XC7Z020-CLG400-1") == PARTS["xc7z020"]
    assert find_part("xc7z0205") is None
    assert check_fit("xc7z020clg400-1", Memory(bram_18k=280)) == []
    with pytest.raises(RecipeError, match="281 18 Kb block RAMs"):
        check_fit("xc7z020clg400-1", Memory(bram_18k=281))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"interval": 0}, "stage1.interval: is 0; give 1 or more"),
        ({"interval": 2, "in_beats": 3}, "stage1.interval: is 2; its 3 beats take as many cycles"),
        ({"gate_latency": 0}, "stage1.gate_latency: is 0; give 1 or more"),
        ({"continues": 1.5}, "stage1.continues: is 1.5; give a fraction from 0 to 1"),
        (
            {"last_feature": 99},
            "stage1.last_feature: is (99, 99); features lie between cycle 1 and the logits",
        ),
    ],
)
def test_impossible_timing_is_refused(change: dict[str, object], message: str) -> None:
    stage = pipeline((1, 1), (0.5, 0.5)).stages[0]
    with pytest.raises(RecipeError) as caught:
        replace(stage, **change)  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


# Costs and the table


def test_memory_of_small_and_large_buffers() -> None:
    assert memory(2, 40) == Memory(80, registers=80)
    assert memory(16, 256) == Memory(4096, lut_ram=172)
    assert memory(64, 30) == Memory(1920, lut_ram=40)
    assert memory(512, 36, block=True) == Memory(18432, bram_18k=1)
    assert memory(1024, 32, block=True) == Memory(32768, bram_18k=2)
    assert memory(1024, 3) == Memory(3072, lut_ram=64)


def test_shares_of_exits_and_of_those_that_continue() -> None:
    pipe = pipeline((1, 1, 1), (0.94, 0.05, 0.01))
    assert pipe.exits == pytest.approx([0.94, 0.05, 0.01])
    assert pipe.shifted(5).stages[0].continues == pytest.approx(0.11)
    assert pipe.shifted(-10).exits[0] == 1.0
    assert continues_from_exits([3, 0, 0]) == [0.0, 0.0, 0.0]


def test_table_states_bits_and_throughput_of_every_depth() -> None:
    pipe = replace(pipeline((1, 16), (0.95, 0.05)), reorder=True)
    plan = plan_sizes(pipe, "xc7z020clg400-1")
    table = rows(pipe, plan)
    assert {row.source for row in table} == {"estimate"}
    for choice in ("stage1 slots", "stage1 meta", "stage2 meta", "exit FIFOs", "reorder"):
        mine = [row for row in table if row.choice == choice]
        assert sum(row.chosen for row in mine) == 1
        assert [row.depth for row in mine] == sorted({row.depth for row in mine})
        for point in range(len(POINTS)):
            rates = [row.throughput[point] for row in mine]
            assert rates == pytest.approx(sorted(rates), rel=2e-3)  # longer queues, fuller merge
            assert max(rates) <= mine[0].ideal[point] * (1 + 1e-9)
    slots = {row.depth: row for row in table if row.choice == "stage1 slots"}
    assert slots[plan.sizes.slots[0]].bits == plan.sizes.slots[0] * (256 + 1 + 3 * 5)
    assert [row.depth for row in rows(pipe, plan, [1, 2]) if row.choice == "exit FIFOs"] == [1, 2]


def test_sums_that_travel_take_room_where_they_wait() -> None:
    """In the buffer behind the gate that sends them on, and in the queue of the stage that they reach."""
    plain = pipeline((1, 2), (0.5, 0.5))
    first, second = plain.stages
    sizes = choose_sizes(plain)
    before = cost_of(plain, sizes)
    carried = replace(
        plain,
        stages=(
            replace(first, kept_meta_bits=first.meta_bits + 60),
            replace(second, meta_bits=second.meta_bits + 60),
        ),
    )
    after = cost_of(carried, sizes)
    more = {name: after[name].bits - cost.bits for name, cost in before.items() if after[name] != cost}
    assert more == {
        f"{first.name} features": 60 * sizes.slots[0],
        f"{second.name} meta": 60 * sizes.meta[1],
    }
