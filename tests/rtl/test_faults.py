"""Single-bit faults in a small random pipeline: what they do is told apart, and none hangs it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from hwgen.errors import CheckFailed
from hwgen.firmware.registers import registers
from hwgen.simulation.rtl import faults
from hwgen.simulation.rtl.fault_campaign import LOADS, campaign, plan_batches, state_of
from hwgen.simulation.rtl.fault_effects import Injection, effects, flagged
from hwgen.simulation.rtl.fault_kinds import KINDS
from hwgen.simulation.rtl.faults import COLUMNS, FaultBench
from hwgen.simulation.rtl.script import Script, wait, write
from hwgen.simulation.rtl.simulate import RtlSimulation
from hwgen.simulation.rtl.stimuli import mixed_tags
from tests.networks import tabular
from tests.trees import make_tree

EACH = 60
WATCHDOG = ("timer", "quiet", "flush", "stuck", "faulty")
WATCHED = {
    "count", "read_at", "write_at", "free", "m_valid", "waiting", "held", "on", "awake", "timer", "full", "fresh",
    "r_done", "k_done", "out", "here", "admit_seq", "head", "check",
}  # fmt: skip
"""Registers that a parity bit watches, and the parity bits."""
UNWATCHED = re.compile(r"\.watchdog\.|\.gate\d")
"""Others of the same names."""


@dataclass
class Setup:
    simulation: RtlSimulation
    bench: FaultBench
    folder: Path

    def watchdog(self) -> list[str]:
        return [f"hwgen_pipeline.watchdog.{name}" for name in WATCHDOG]


def build(folder: Path, *, parity: bool) -> Setup:
    pytest.importorskip("da4ml")
    tree = make_tree(
        tabular(stages=3),
        count=120,
        criterion="logit_margin",
        abstain=True,
        rtl="da4ml",
        reorder=True,
        parity=parity,
    )
    tree.write(folder / "firmware")
    simulation = RtlSimulation(
        tree.loaded,
        tree.network,
        tree.calibration,
        tree.data.test.raw,
        folder / "firmware",
        folder / "work",
        lambda what, done, total: None,
    )
    return Setup(
        simulation, faults.build(simulation.design, folder / "bench", optimise="-O0"), folder / "run"
    )


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Setup:
    return build(tmp_path_factory.mktemp("faults"), parity=True)


pytestmark = [
    pytest.mark.verilator,
    pytest.mark.da4ml,
    pytest.mark.gxx,
    pytest.mark.xdist_group("faults"),
]


@pytest.fixture(scope="module")
def injections(setup: Setup) -> list[Injection]:
    return campaign(setup.bench, setup.simulation, EACH, setup.folder)


def test_no_fault_hangs_the_pipeline(injections: list[Injection]) -> None:
    assert Counter(item.kind for item in injections) == dict.fromkeys(KINDS, EACH)
    assert [item for item in injections if item.effect == "hang"] == []
    # No parity watches the register block: it may leave an access unanswered, or forget a write. Nothing else may.
    assert {item.kind for item in injections if item.effect == "host stands"} <= {"host"}
    assert {item.kind for item in injections if item.effect == "commit waits"} <= {"host", "settings"}


def test_without_parity_pointers_are_wrong_in_silence(tmp_path: Path) -> None:
    plain = build(tmp_path, parity=False)
    found = campaign(plain.bench, plain.simulation, 4 * EACH, plain.folder, kinds=("pointer",))
    assert Counter(item.flagged for item in found)[True] > EACH, "what stands still is seen"
    assert any(item.stays and not item.flagged for item in found), "what parity is for"


def test_what_stays_is_what_the_host_wrote(injections: list[Injection]) -> None:
    told = [item for item in injections if item.stays and item.refused]
    assert [i for i in injections if i.stays and i.kind not in ("settings", "host") and i not in told] == []
    assert not any(item.slower for item in injections if item.kind not in ("settings", "host"))


def test_effects_are_told_apart(injections: list[Injection]) -> None:
    found = {(item.kind, item.effect) for item in injections}
    wanted = {
        ("data", "wrong answer"),
        ("tag", "wrong tag"),
        ("decision", "wrong answer"),
        ("pointer", "cleared"),
        ("pointer", "alarm"),
        ("control", "cleared"),
        ("settings", "wrong answer"),
        ("host", "none"),
    }
    assert wanted <= found
    # Pointers are watched: what they hold is never wrong in silence.
    silent = {item.effect for item in injections if item.kind == "pointer" and not item.flagged}
    assert silent == {"none"}


def test_parity_sees_every_bit_it_watches(setup: Setup) -> None:
    """Each bit of valid bits, pointers, counts and clock requests once, at a random cycle."""
    bench, batches = setup.bench, plan_batches(setup.simulation)
    quiet = bench.quiet(batches, LOADS[3], setup.folder)
    state = np.concatenate(
        [bits for kind, bits in state_of(bench, setup.simulation).items() if kind != "host"]
    )
    paths = [bench.elements[element].path for element in state[:, 0].tolist()]
    watched = np.array(
        [path.rsplit(".", 1)[-1] in WATCHED and UNWATCHED.search(path) is None for path in paths]
    )
    chosen = state[watched]
    assert len(chosen) > 200
    cycles = np.random.default_rng(7).integers(1, quiet[COLUMNS.index("cycles")], len(chosen))
    struck = np.column_stack([chosen, cycles])
    outcomes = bench.inject(batches, LOADS[3], setup.folder, struck, quiet)
    missed = [bench.elements[fault[0]].path for fault in struck[~flagged(outcomes)].tolist()]
    assert missed == []
    assert set(effects(outcomes)) <= {"alarm", "cleared"}


def test_without_its_watchdog_it_hangs(setup: Setup) -> None:
    found = campaign(
        setup.bench, setup.simulation, EACH, setup.folder, cleared=setup.watchdog(), kinds=("pointer",)
    )
    assert Counter(item.effect for item in found)["hang"] > EACH // 10


def test_a_commit_does_not_wait_for_ever(setup: Setup) -> None:
    """A sample comes back with the wrong bank under traffic that never ends: its bank seems never to drain."""
    simulation, bench, main = setup.simulation, setup.bench, 4000
    host, active = simulation.host, simulation.calibration.active
    banks = [
        registers(simulation.calibration, index) for index in range(len(simulation.calibration.policies))
    ]
    script = Script()
    script.add([*host.writable(1), *host.load(1, banks), *host.commit(1)])
    script.switch(host.select(active), active)
    script.add([*host.writable(0), *host.load(0, banks), *host.commit(0)], 300)
    script.add([write(host.address("commit"), 1), wait(host.address("status"), 1, 1)], 600)
    plan = plan_batches(simulation)
    sends = main + 2 * plan.fresh
    answers = simulation.expected[active][np.arange(sends) % plan.stimuli.samples]
    batches = replace(
        plan,
        main=main,
        script=script,
        answers=answers,
        stimuli=replace(plan.stimuli, tags=mixed_tags(sends, simulation.firmware.tag_bits)),
    )
    quiet = bench.quiet(batches, LOADS[0], setup.folder)
    memory = "hwgen_pipeline.stage1_shell.meta_i.g_ring.words"
    words = bench.elements[bench.number(memory)].words
    # The bank is the lowest bit; every word of the memory holds a sample at full rate, sooner or later.
    struck = np.array([[bench.number(memory), word, 0, 100] for word in range(words)])
    outcomes = bench.inject(batches, LOADS[0], setup.folder, struck, quiet)
    late = outcomes["cycles"] - outcomes.undisturbed("cycles")
    hit = outcomes["errors"] & 1 != 0
    assert hit.any()
    assert (outcomes["host"] == 0).all() and (outcomes["fresh_lost"] == 0).all()
    assert (late < 500).all(), "seen only when the traffic had ended"
    stuck = bench.inject(batches, LOADS[0], setup.folder, struck[hit], quiet, setup.watchdog())
    assert effects(stuck) == ["commit waits"] * int(hit.sum())


def test_bits_are_of_one_kind_each(setup: Setup) -> None:
    state = state_of(setup.bench, setup.simulation)
    rows = np.concatenate(list(state.values()))
    assert len(np.unique(rows, axis=0)) == len(rows)
    assert len(rows) == sum(element.words * element.bits for element in setup.bench.elements)
    assert all(len(bits) for bits in state.values())


def test_wrong_expectations_are_noticed_before_any_fault(setup: Setup) -> None:
    batches = plan_batches(setup.simulation)
    wrong = replace(batches, answers=batches.answers + np.array([1, 0, 0]))
    with pytest.raises(CheckFailed, match="without any fault"):
        setup.bench.quiet(wrong, LOADS[0], setup.folder)


def test_the_same_seed_gives_the_same_faults(setup: Setup) -> None:
    first, second = (
        campaign(setup.bench, setup.simulation, 8, setup.folder, seed=3, kinds=("pointer", "tag"))
        for _ in range(2)
    )
    assert first == second
