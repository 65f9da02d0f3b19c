"""The bench of the RTL pipeline, on a toy: what is right passes, what is wrong is found, what is counted is counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwgen.eda import verilator
from hwgen.errors import RangeError, ToolMissing
from hwgen.fixedpoint import FixedPoint
from hwgen.simulation.rtl import measures
from hwgen.simulation.rtl.bench import Bench, Run, Settings
from hwgen.simulation.rtl.campaign import RESETS, STALLS, campaign
from hwgen.simulation.rtl.check import compare_run, faults
from hwgen.simulation.rtl.script import wait, write
from hwgen.simulation.rtl.stimuli import Stimuli, mixed_tags, pack
from tests.rtl import toy

pytestmark = [pytest.mark.verilator, pytest.mark.gxx]

RAW = toy.samples(900)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    try:
        verilator.find()
    except ToolMissing as error:
        pytest.skip(str(error))
    return toy.DESIGN.build(tmp_path_factory.mktemp("toy"))


def run(bench: Bench, folder: Path, mutant: int = 0, settings: Settings | None = None, **resets: int) -> Run:
    script = toy.script(len(RAW), mutant)
    for cycle in resets.values():
        script.reset(cycle, 2)
    return bench.run(toy.stimuli(RAW), folder, script, settings)


def verdict(found: Run) -> tuple[int, list[str]]:
    return compare_run(found, toy.expected(RAW)).total, faults(found)


def test_every_answer_is_right_under_stalls_spaced_with_resets_and_switches(
    bench: Bench, tmp_path: Path
) -> None:
    told: list[int] = []
    found = campaign(
        bench,
        toy.stimuli(RAW),
        toy.expected(RAW),
        toy.script,
        tmp_path,
        progress=lambda what, done, total: told.append(done),
    )
    assert found.passed, found.to_dict()
    assert len(found.runs) == 4 * len(STALLS)
    assert all(entry["answered"] >= len(RAW) for entry in found.runs)
    assert sum(entry["cut_by_reset"] for entry in found.runs) > RESETS
    assert set(found.to_dict()["mismatches"].values()) == {0}
    assert max(told) > len(RAW) // 2


# What each damage of the toy shows as. A stall is needed where the rule is about stalls, a reset where it is about that.
STALLED = Settings(stalls=50)
MUTANTS = {
    "tag off by one": (1, None, ""),
    "a result lost": (2, None, "given up"),
    "a result twice": (3, Settings(gaps=50), ""),
    "stale after a reset": (4, Settings(stalls=90), ""),
    "data change under a stall": (5, STALLED, "m_axis changed while it waited"),
    "hang": (6, None, "given up"),
    "wrong exit": (7, None, "answers per exit"),
    "valid withdrawn": (8, STALLED, "m_axis_tvalid fell"),
    "abstain inverted": (9, None, ""),
    "wrong class": (10, None, ""),
    "not the last beat": (11, None, "m_axis_tlast was low"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_damage_is_found(bench: Bench, tmp_path: Path, name: str) -> None:
    mutant, settings, words = MUTANTS[name]
    resets = {"one": 400, "two": 700} if "reset" in name else {}
    assert verdict(run(bench, tmp_path / "whole", 0, settings, **resets)) == (0, [])
    wrong, broken = verdict(run(bench, tmp_path / "damaged", mutant, settings, **resets))
    assert wrong or broken
    assert words in " ".join(broken)
    if not words:
        assert wrong


def test_a_hang_ends_soon_and_names_the_samples_inside(bench: Bench, tmp_path: Path) -> None:
    found = run(bench, tmp_path, mutant=6, settings=Settings(silence=500))
    assert found.summary["cycles"] < 1000
    assert "no handshake for too long" in faults(found)[0]
    short = run(bench, tmp_path, settings=Settings(limit=100))
    assert short.summary["cycles"] == 100
    assert "limit of cycles reached" in faults(short)[0]


def test_spacing_beyond_the_limit_of_silence_is_no_hang(bench: Bench, tmp_path: Path) -> None:
    found = bench.run(toy.stimuli(RAW, 5), tmp_path, toy.plain(), Settings(silence=50, spaced=200))
    assert (faults(found), found.summary["answered"]) == ([], 5)


def test_a_result_lost_is_one_answer_missing(bench: Bench, tmp_path: Path) -> None:
    found = run(bench, tmp_path, mutant=2, settings=Settings(silence=500))
    assert found.summary["inside_at_end"] == len(found.summary["waiting"]) == 1
    assert compare_run(found, toy.expected(RAW)).counts["class"] == 1


def test_a_register_that_never_gets_its_value_is_a_hang(bench: Bench, tmp_path: Path) -> None:
    script = toy.plain()
    script.add([wait(toy.COUNTS[0], 0xFFFF, 0xBEEF), "hold"], due=10)
    found = bench.run(toy.stimuli(RAW), tmp_path, script, Settings(silence=500))
    assert found.summary["answered"] == 10
    assert "no handshake for too long" in faults(found)[0]


def test_a_policy_that_comes_late_or_not_at_all_is_found(bench: Bench, tmp_path: Path) -> None:
    found = run(bench, tmp_path)
    right = toy.expected(RAW)
    assert compare_run(found, right).total == 0
    for wrong in (
        [right[0], right[0], right[2]],
        [right[1], right[1], right[2]],
        [right[0], right[1], right[1]],
    ):
        assert compare_run(found, wrong).counts["exit"] > 50


def test_resets_cut_off_only_what_is_inside(bench: Bench, tmp_path: Path) -> None:
    found = run(bench, tmp_path, 0, Settings(gaps=10, stalls=30), one=300, two=301, three=900)
    assert verdict(found) == (0, [])
    assert found.summary["answered"] + found.summary["cut_by_reset"] == len(RAW)
    assert 1 <= found.summary["cut_by_reset"] <= 3 * (toy.D1 + toy.D2)


def test_registers_are_read_at_the_end(bench: Bench, tmp_path: Path) -> None:
    found = run(bench, tmp_path)
    assert found.values_read() == found.summary["exits"]
    assert sum(found.values_read()) == len(RAW)


def test_more_sends_than_tags(bench: Bench, tmp_path: Path) -> None:
    sends = 70_000
    found = bench.run(toy.stimuli(RAW, sends), tmp_path, toy.plain())
    assert compare_run(found, [toy.answers(RAW, toy.POLICIES[0])]).total == 0
    assert (found.results[:, 1] < 1 << toy.TAG_BITS).all()
    assert found.summary["answered"] / found.summary["seconds"] > 100_000


@pytest.mark.parametrize(
    "settings", [Settings(), Settings(gaps=50, stalls=50, resend=True)], ids=["smooth", "rough"]
)
def test_samples_of_several_beats(bench: Bench, tmp_path: Path, settings: Settings) -> None:
    beats = toy.samples(3 * 200, seed=4)
    stimuli = Stimuli(pack(beats, 8), toy.BITS, 3, mixed_tags(200, toy.TAG_BITS))
    script = toy.plain()
    if settings.resend:
        for cycle in (100, 333, 334, 801):
            script.reset(cycle)
    found = bench.run(stimuli, tmp_path, script, settings)
    assert compare_run(found, [toy.answers(beats[2::3], toy.POLICIES[0])]).total == 0
    assert faults(found) == []


def test_latency_is_that_of_the_delay_lines(bench: Bench, tmp_path: Path) -> None:
    found = bench.run(toy.stimuli(RAW), tmp_path, toy.plain(), Settings(spaced=0, watch=(4, 40)))
    first, second = measures.latency(found)["per_exit"]
    assert (first["best"], first["p50"], first["worst"]) == (toy.D1,) * 3
    assert (second["best"], second["p99"], second["worst"]) == (toy.D1 + toy.D2,) * 3
    assert first["histogram"] == [[toy.D1, first["samples"]]]
    assert measures.occupancy(found)["most"] == 1
    stages = measures.stages(found)["stages"]
    assert [stage["active_cycles"] for stage in stages] == [toy.D1 * len(RAW), toy.D2 * second["samples"]]
    for sample in measures.timeline(found)["samples"]:
        spans = [[1, sample["in"], sample["in"] + toy.D1]]
        if sample["exit"] == 2:
            spans.append([2, sample["in"] + toy.D1, sample["out"]])
        assert sample["stages"] == spans


def test_one_sample_per_cycle_if_all_leave_at_once(bench: Bench, tmp_path: Path) -> None:
    found = bench.run(toy.stimuli(RAW), tmp_path, toy.plain(threshold=0))
    assert measures.throughput(found)["samples_per_cycle"] == 1
    assert measures.throughput(found)["door_closed_cycles"] == 0
    assert measures.occupancy(found)["most"] == toy.D1
    half = bench.run(toy.stimuli(RAW), tmp_path, toy.plain(threshold=0), Settings(gaps=50))
    assert measures.throughput(half)["samples_per_cycle"] == pytest.approx(0.5, abs=0.05)


def test_the_same_seed_gives_the_same_run(bench: Bench, tmp_path: Path) -> None:
    runs = [run(bench, tmp_path, 0, Settings(gaps=50, stalls=50, seed=seed)).results for seed in (5, 5, 6)]
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


def test_packing_puts_the_first_value_lowest() -> None:
    words = pack(np.array([[1, -1, 2], [7, 0, -4]]), 4)
    assert words.tolist() == [[0x2F1], [0xC07]]
    wide = pack(np.arange(1, 13).reshape(1, 12), [20, 20, 24], beats=4)
    assert wide.shape == (4, 2)
    values = [int(low) | int(high) << 32 for low, high in wide]
    assert values == [(3 * k + 1) | (3 * k + 2) << 20 | (3 * k + 3) << 40 for k in range(4)]
    with pytest.raises(RangeError, match=r"sample 1, value 0: 16 does not fit 4 bits"):
        pack(np.array([[1, 2], [16, 0]]), 4)
    with pytest.raises(RangeError, match="3 values do not fill 2 beats"):
        pack(np.zeros((1, 3), dtype=np.int64), 4, beats=2)


def test_stimuli_of_samples_of_one_format() -> None:
    raw = np.arange(32).reshape(4, 2, 4) - 16
    made = Stimuli.of(raw, FixedPoint(6, 2), tag_bits=8, beats=2, sends=10)
    assert (made.samples, made.beats_per_sample, made.bits, len(made.tags)) == (4, 2, 24, 10)
    assert int(made.beats[0, 0]) == sum(((k - 16) & 63) << 6 * k for k in range(4))
    assert len(set(mixed_tags(256, 8).tolist())) == 256
    with pytest.raises(RangeError):
        Stimuli.of(raw, FixedPoint(4, 2), tag_bits=8)


def test_a_refused_script_names_its_line(bench: Bench, tmp_path: Path) -> None:
    script = toy.plain()
    script.add(["writ 0 0", write(0, 1)])
    with pytest.raises(Exception, match="unknown command: setup writ 0 0"):
        bench.run(toy.stimuli(RAW), tmp_path, script)
