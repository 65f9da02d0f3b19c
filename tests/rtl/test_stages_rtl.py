"""Cores of da4ml stages as RTL: in Verilator against the reference, through lint and Yosys."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hwgen.eda import verilator, yosys
from hwgen.reference.executor import execute_stage
from hwgen.reference.network import Stage
from hwgen.rtl.stages import StageCore
from tests.rtl.core_bench import Log, build, random_raw, run, unpack, vcd_changes
from tests.rtl.random_stages import random_stage
from tests.rtl.test_stages import _constant_stage, _dead_stage, core_of

pytestmark = [pytest.mark.da4ml, pytest.mark.verilator]

TRACED = "deep"
CORES: dict[str, Callable[[], StageCore]] = {
    TRACED: lambda: core_of(random_stage(4), adders=2),
    "conv": lambda: core_of(random_stage(1)),
    "last stage with embedding": lambda: core_of(random_stage(3), last=True, embedding=True, adders=2),
    "dead neurons, no input register": lambda: core_of(_dead_stage(), input_register=False),
}
Built = tuple[StageCore, Path]


@pytest.fixture(scope="module")
def cores(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Built]:
    """Compiles a core of `CORES` when it is first asked for."""
    done: dict[str, Built] = {}

    def get(name: str) -> Built:
        if name not in done:
            core = CORES[name]()
            done[name] = core, build(core, tmp_path_factory.mktemp("core"), trace=name == TRACED)
        return done[name]

    return get


@pytest.fixture(params=CORES)
def built(request: pytest.FixtureRequest, cores: Callable[[str], Built]) -> Built:
    return cores(request.param)


def assert_right(core: StageCore, log: Log, raw: object) -> None:
    stage = core.traced.stage
    wanted = execute_stage(stage, raw, embedding=core.traced.embedding)  # type: ignore[arg-type]
    assert log.broken == []
    samples = [index for _, index in log.taken]
    assert len(log.answers) == len(samples)
    low = core.logit_bits * stage.logits.size
    for (_, word), index in zip(log.answers, samples, strict=True):
        assert (
            unpack(word & ((1 << low) - 1), stage.logits.size, stage.logits.format)
            == wanted.logits[index].tolist()
        )
        if core.traced.embedding:
            assert stage.embedding is not None and wanted.embedding is not None
            found = unpack(word >> low, stage.embedding.size, stage.embedding.format)
            assert found == wanted.embedding[index].tolist()
    assert len(log.features) == (len(samples) if core.feature_bits else 0)
    for (_, word), index in zip(log.features, samples, strict=False):
        assert (
            unpack(word, stage.features.size, stage.features.format)
            == wanted.features[index].ravel().tolist()
        )


@pytest.mark.parametrize("stall", [0, 10, 50, 90])
@pytest.mark.parametrize("gap", [0, 50, 90])
def test_bit_exact_under_stalls_and_gaps(built: Built, gap: int, stall: int, tmp_path: Path) -> None:
    core, program = built
    raw = random_raw(core, 300, seed=gap + stall)
    log = run(program, core, raw, seed=1, gap=gap, stall=stall, vcd=tmp_path / "trace.vcd")
    assert [index for _, index in log.taken] == list(range(300))
    assert_right(core, log, raw)


def test_resets_in_mid_stream_leave_nothing_stale(built: Built, tmp_path: Path) -> None:
    core, program = built
    raw = random_raw(core, 400, seed=2)
    log = run(program, core, raw, seed=2, gap=20, stall=40, reset_every=37, vcd=tmp_path / "trace.vcd")
    assert log.resets > 10 and 200 < len(log.taken) < 400
    assert_right(core, log, raw)


def test_one_sample_per_cycle_after_the_stated_cycles(built: Built, tmp_path: Path) -> None:
    core, program = built
    log = run(program, core, random_raw(core, 100, seed=3), vcd=tmp_path / "trace.vcd")
    taken = [cycle for cycle, _ in log.taken]
    assert taken == list(range(taken[0], taken[0] + 100))
    assert [cycle for cycle, _ in log.answers] == [cycle + core.logit_cycles for cycle in taken]
    if core.feature_bits:
        assert [cycle for cycle, _ in log.features] == [cycle + core.feature_cycles for cycle in taken]


def test_registers_stand_still_when_nothing_enters(cores: Callable[[str], Built], tmp_path: Path) -> None:
    core, program = cores(TRACED)
    trace = tmp_path / "trace.vcd"
    one = run(program, core, random_raw(core, 2, seed=4)[:1], idle=50, vcd=trace)
    # All of the 50 cycles s_data is noise. One clock period (4 dumps) is left for the last valid bit to fall.
    still = vcd_changes(trace, one.idle_time + 4)
    assert not [name for name in still if "bus" in name or "next" in name or "logic" in name]
    assert set(still) <= {"TOP.clk", "TOP.s_data", "TOP.z_ready", "TOP.stage1_core.entering"}
    changes = vcd_changes(trace, 0)
    registers = {name: count for name, count in changes.items() if re.search(r"\.bus\d+$", name)}
    assert registers and set(registers.values()) == {1}


@pytest.mark.parametrize(
    "stage",
    [_dead_stage(), _constant_stage(), *map(random_stage, range(12))],
    ids=["dead", "constant", *(f"random{seed}" for seed in range(12))],
)
def test_lint(stage: Stage, tmp_path: Path) -> None:
    core = core_of(
        stage,
        last=len(stage.backbone) == 1,
        embedding=len(stage.head) > 1,
        input_register=len(stage.backbone) > 2,
        adders=4,
    )
    paths = []
    for name, content in {**core.files, **core.library}.items():
        (tmp_path / name).write_bytes(content)
        paths.append(tmp_path / name)
    verilator.lint(paths, core.module)


@pytest.mark.yosys
@pytest.mark.parametrize("front_end", ["verilog", "slang"])
def test_yosys_takes_it_and_finds_the_registers(front_end: str, tmp_path: Path) -> None:
    core = core_of(random_stage(4))
    paths = []
    for name, content in {**core.files, **core.library}.items():
        (tmp_path / name).write_bytes(content)
        paths.append(tmp_path / name)
    counts = yosys.synthesise(paths, core.module, front_end=front_end, timeout=100)
    assert counts.dsp == counts.bram == counts.lutram == 0
    # Valid bits, their parity and the bit of f_valid; Yosys may find that registers are equal or constant.
    assert counts.ff <= core.registers + core.logit_cycles + 2
    assert counts.lut <= 1.3 * core.lut + 50
