"""Stages as compiled C++ behind DPI in the pipeline that ships: every answer right, and no stage run for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from hwgen.eda import verilator
from hwgen.errors import CheckFailed, ToolMissing, UsageError
from hwgen.rtl.pipeline import TOP
from hwgen.simulation.rtl import dpi, measures
from hwgen.simulation.rtl.bench import Bench, Design, Run, Settings
from hwgen.simulation.rtl.campaign import RESETS, campaign
from hwgen.simulation.rtl.check import compare_run, faults
from tests.rtl.hls_pipeline import SENDS, Small, small

pytestmark = [pytest.mark.verilator, pytest.mark.gxx]

VARIANTS = {
    "stream, gated clocks": {"io": "stream", "gating": "clock", "reorder": False},
    "parallel, in order": {"io": "parallel", "gating": "start", "reorder": True},
}


@dataclass
class Made:
    """The pipeline with models for cores, compiled."""

    small: Small
    design: Design
    bench: Bench

    def run(self, folder: Path, settings: Settings) -> Run:
        return self.small.run(self.bench, folder, settings)


@pytest.fixture(scope="module", params=VARIANTS)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared_objects: Path
) -> Made:
    try:
        verilator.find()
    except ToolMissing as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("dpi")
    it = small(VARIANTS[request.param], folder, shared_objects)
    cores = dpi.modelled(it.cores)
    assert cores == it.cores
    design = dpi.with_models(
        it.design, folder / "firmware", it.tree.network, cores, folder / "work", it.types
    )
    return Made(it, design, design.build(folder / "work" / "bench"))


def test_every_answer_is_right_under_stalls_resets_and_switches(made: Made, tmp_path: Path) -> None:
    found = campaign(made.bench, made.small.stimuli(), made.small.expected, made.small.script, tmp_path)
    assert found.passed, found.wrong()
    assert all(entry["answered"] >= SENDS for entry in found.runs)
    assert sum(entry["cut_by_reset"] for entry in found.runs) > RESETS


@pytest.mark.parametrize("settings", [Settings(), Settings(spaced=8), Settings(gaps=50, stalls=90)])
def test_a_stage_runs_once_for_each_sample_that_reaches_it(
    made: Made, tmp_path: Path, settings: Settings
) -> None:
    """The counters are in the compiled C++ itself: what they do not count was not run."""
    run = made.run(tmp_path, settings)
    assert compare_run(run, made.small.expected[:1]).total == 0
    assert faults(run) == []
    exits = made.small.expected[0][np.arange(SENDS) % len(made.small.expected[0]), 1]
    reached = [int((exits > stage).sum()) for stage in range(3)]
    assert reached[0] > reached[1] > reached[2] > 0
    assert run.summary["starts"] == reached
    assert list(dpi.calls(made.small.cores, tmp_path).values()) == reached


def test_models_compute_with_the_weights_in_the_tree(made: Made, tmp_path: Path) -> None:
    """The tree is run as it lies: an edited weight shows in the answers, without another build."""
    weights = made.small.folder / "firmware" / "stage2" / "firmware" / "weights"
    path = next(path for path in sorted(weights.glob("w*.txt")))
    text = path.read_text()
    try:
        path.write_text(text.replace("-", "") if "-" in text else text.replace("0.", "-0."))
        run = made.run(tmp_path, Settings())
    finally:
        path.write_text(text)
    assert compare_run(run, made.small.expected[:1]).total > 0
    assert faults(run) == []


def test_times_are_those_of_the_plan(made: Made, tmp_path: Path) -> None:
    """Alone, a sample takes what cores, shells and gates take; in a row, the first stage sets the pace."""
    alone = measures.latency(made.run(tmp_path, Settings(spaced=8)))["per_exit"]
    # Shell, router and merge; behind the first stage also the feature buffer.
    stages = made.small.plan.timing.stages
    spent = 0
    for stage, measured in zip(stages, alone, strict=True):
        fixed = measured["best"] - (spent + stage.decision)
        assert measured["best"] == measured["p50"]
        assert 0 <= fixed <= 8
        spent = measured["best"] - 2
    run = made.run(tmp_path, Settings())
    assert measures.throughput(run)["samples_per_cycle"] == pytest.approx(
        1 / made.small.cores[0].interval, rel=0.02
    )


def test_results_keep_their_order_if_asked_to(made: Made, tmp_path: Path) -> None:
    sends = made.run(tmp_path, Settings()).results[:, 0]
    assert (np.diff(sends) == 1).all() or not made.small.firmware.reorder


def test_clocks_stop_if_asked_to(made: Made, tmp_path: Path) -> None:
    summary = made.run(tmp_path, Settings(spaced=8)).summary
    gated = np.array(summary["gated_cycles"]) / summary["cycles"]
    if made.small.firmware.gating == "clock":
        assert gated[0] < gated[1] < gated[2]
        assert gated[2] > 0.5
    else:
        assert (gated == 0).all()


def test_pipeline_and_models_have_no_warnings(made: Made) -> None:
    verilator.lint(made.design.files, TOP)


def test_models_can_be_made_from_the_manifest(made: Made) -> None:
    assert dpi.modelled_of(made.small.tree.network, made.small.plan.facts()) == made.small.cores
    with pytest.raises(UsageError, match="does not fit the network"):
        dpi.modelled_of(made.small.tree.network, {"stages": []})


def test_a_missing_count_is_named(made: Made, tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="stage1: its model left no count"):
        dpi.calls(made.small.cores, tmp_path)
