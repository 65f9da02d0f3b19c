"""Cycles that the model counts without a visit: the same run as when every cycle is visited."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from hwgen.rtl.sizes import Pipeline, Run, Sizes, StageTiming, Stream, cycles, run_cycles
from hwgen.rtl.sizes.lines import NEVER

TRIALS = 60


def drawn(seed: int) -> tuple[Pipeline, Sizes, Stream, list[int]]:
    generator = np.random.default_rng(seed)

    def one_of(*values: int) -> int:
        return int(generator.choice(values))

    stages, before = [], None
    count = one_of(1, 2, 3)
    for index in range(count):
        beats, features = before or one_of(1, 1, 3, 7), one_of(1, 1, 4)
        before = features
        most = max(beats, features)
        stages.append(
            StageTiming(
                f"stage{index + 1}",
                interval=max(most, one_of(1, 2, 9, 40, 150)),
                logits=most + one_of(1, 5, 90, 200),
                gate_latency=one_of(1, 4, 9),
                gate_interval=one_of(1, 1, 5),
                continues=0.0 if index == count - 1 else float(generator.random()),
                in_beats=beats,
                feature_beats=features,
            )
        )
    slots = tuple(one_of(1, 2, 4) for _ in range(count - 1))
    meta = tuple(one_of(1, 2, 4) for _ in range(count))
    sizes = Sizes(slots, meta, one_of(1, 2), reorder=3 if one_of(0, 0, 1) else None)
    stream = Stream(spacing=one_of(1, 1, 30, 300), wake=one_of(0, 2, 17), hysteresis=one_of(0, 4, 60))
    return Pipeline(tuple(stages)), sizes, stream, generator.integers(0, count, 30).tolist()


def differences(seed: int) -> list[str]:
    found = [run_cycles(*_ordered(seed), every_cycle=every) for every in (False, True)]
    fast, slow = (_plain(run) for run in found)
    return [name for name in fast if fast[name] != slow[name]]


def _ordered(seed: int) -> tuple[Pipeline, Sizes, list[int], Stream]:
    pipeline, sizes, stream, exits = drawn(seed)
    return pipeline, sizes, exits, stream


def _plain(run: Run) -> dict[str, object]:
    return {**asdict(run), "latency": run.latency.tolist()}


@pytest.mark.parametrize("seed", range(TRIALS))
def test_same_run(seed: int) -> None:
    assert differences(seed) == []


def test_most_cycles_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = StageTiming("stage1", interval=5000, logits=6000, gate_latency=3, continues=0.0)
    visited = 0
    cycle = cycles._Machine.cycle

    def counted(machine: cycles._Machine, now: int) -> bool:
        nonlocal visited
        visited += 1
        return cycle(machine, now)

    monkeypatch.setattr(cycles._Machine, "cycle", counted)
    run = run_cycles(Pipeline((stage,)), Sizes((), (2,), 2), [0] * 20)
    assert run.cycles > 20 * 5000 and visited < 20 * 40


@pytest.mark.parametrize("lost", ["gate", "core", "awake", "spacing"])
def test_an_event_that_is_forgotten_shows(monkeypatch: pytest.MonkeyPatch, lost: str) -> None:
    def forgetful(machine: cycles._Machine, now: int) -> int:
        times = []
        if lost != "spacing" and machine.next_in < len(machine.exits):
            times.append(machine.next_in * machine.stream.spacing)
        for stage in machine.stages:
            times += [] if lost == "gate" else list(stage.gate.events())
            times += [] if lost == "core" else list(stage.core.events())
            times += [] if lost == "awake" else [stage.awake_at]
        return min((time for time in times if time > now), default=NEVER)

    monkeypatch.setattr(cycles._Machine, "next_event", forgetful)
    assert any(differences(seed) for seed in range(TRIALS))
