"""Seeded single-bit faults of every kind in a pipeline, and what each of them did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from hwgen.firmware.registers import registers
from hwgen.fixedpoint import IntArray
from hwgen.rtl.gates import class_bits
from hwgen.simulation.rtl.fault_effects import REFUSED, Injection, effects, flagged
from hwgen.simulation.rtl.fault_kinds import KINDS, cells
from hwgen.simulation.rtl.faults import COLUMNS, Batches, FaultBench, Load
from hwgen.simulation.rtl.script import Script, write
from hwgen.simulation.rtl.simulate import RtlSimulation
from hwgen.simulation.rtl.stimuli import Stimuli, mixed_tags

LOADS = (Load(0, 0, 1), Load(40, 0, 2), Load(0, 50, 3), Load(30, 30, 4))
"""Back to back, with gaps, against a slow sink, with both."""
MAIN, FRESH = 64, 48
"""Samples of the batch with the fault, and of each fresh one."""


def plan_batches(simulation: RtlSimulation, main: int = MAIN, fresh: int = FRESH) -> Batches:
    """Samples with switches of policy and of the bank among them, all of which the samples behind wait for.

    Args:
        simulation: of the pipeline and its tree.
        main: sends of the batch with the fault.
        fresh: sends of each other batch.
    """
    host, calibration = simulation.host, simulation.calibration
    active, sends = calibration.active, main + 2 * fresh
    script, policies = Script(), np.full(sends, active)
    banks = [registers(calibration, index) for index in range(len(calibration.policies))]
    if banks[0]:
        script.add([*host.writable(1), *host.load(1, banks), *host.commit(1)])
    script.switch(host.select(active), active)
    for part, policy in enumerate((simulation.unknown, 0, active), 1):
        due = part * main // 4
        if part == 2 and banks[0]:
            script.add([*host.writable(0), *host.load(0, banks), *host.commit(0)], due)
        script.switch(host.select(policy), policy, due, hold=True)
        policies[due:] = policy
    # The host is never quiet for long, so that faults meet its accesses too.
    for send in range(0, main, 4):
        script.add([f"read {host.address('status'):#x}"], send)
    events = host.address("events.samples_in.word", 0)
    script.add([write(host.address("counters"), 1), f"read {events:#x}"], main // 2)
    whole = simulation.stimuli()
    tags = mixed_tags(sends, simulation.firmware.tag_bits)
    stimuli = Stimuli(whole.beats, whole.bits, whole.beats_per_sample, tags)
    samples = np.arange(sends) % whole.samples
    # A slice of the batch begins where the one before ended, whatever the number of samples.
    answers = np.stack(simulation.expected)[policies, samples]
    patience = 3 * simulation.pipeline.facts["watchdog"] + 256
    return Batches(stimuli, answers, main, fresh, script, host.address("error"), patience)


def state_of(bench: FaultBench, simulation: RtlSimulation) -> dict[str, IntArray]:
    """All bits by kind, see `cells`; what models of stages hold is no state of the pipeline."""
    network = simulation.network
    modelled = [core.stage for core in simulation.modelled]
    return cells(bench.elements, len(network.stages), class_bits(network.classes), modelled)


def draw(found: dict[str, IntArray], each: int, cycles: int, seed: int) -> tuple[IntArray, list[str]]:
    """Faults of every kind, the same for the same seed.

    Args:
        found: bits by kind, see `cells`.
        each: faults of each kind.
        cycles: they strike in cycle 1 to this one.
        seed: of the choice.
    Returns:
        int64 (n, 4): element, word, bit, cycle; and the kind of each.
    """
    random = np.random.default_rng(seed)
    rows, kinds = [], []
    for kind, bits in found.items():
        if len(bits):
            chosen = bits[random.integers(0, len(bits), each)]
            rows.append(np.column_stack([chosen, random.integers(1, cycles + 1, each)]))
            kinds += [kind] * each
    return np.concatenate(rows), kinds


def campaign(
    bench: FaultBench,
    simulation: RtlSimulation,
    each: int,
    folder: Path,
    seed: int = 1,
    cleared: Sequence[str] = (),
    kinds: Sequence[str] = tuple(KINDS),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Injection]:
    """Injects `each` faults of each kind, a quarter under each load.

    Args:
        bench: the compiled pipeline.
        simulation: of the same pipeline.
        each: faults of each kind.
        folder: for the files of the runs.
        seed: of elements, bits and cycles.
        cleared: paths of elements held at 0 throughout: what would happen without them.
        kinds: into which bits.
        progress: told experiments done and in all.
    Raises:
        CheckFailed: something is wrong without any fault.
    """
    batches = plan_batches(simulation)
    found = {kind: bits for kind, bits in state_of(bench, simulation).items() if kind in kinds}
    share = -(-each // len(LOADS))
    total, done = share * len(LOADS) * len(found), 0
    injections: list[Injection] = []
    for number, load in enumerate(LOADS):
        quiet = bench.quiet(batches, load, folder)
        cycles = int(quiet[COLUMNS.index("cycles")])
        faults, names = draw(found, share, cycles, seed + number)
        before = done
        outcomes = bench.inject(
            batches,
            load,
            folder,
            faults,
            quiet,
            cleared,
            lambda count: progress(before + count, total),  # noqa: B023
        )
        done += len(faults)
        what, set_ = effects(outcomes), flagged(outcomes)
        slower = outcomes["fresh_cycles"] > outcomes.undisturbed("fresh_cycles") + 2
        for row, (element, word, bit, cycle) in enumerate(faults.tolist()):
            injections.append(
                Injection(
                    names[row],
                    bench.elements[element].path,
                    word,
                    bit,
                    cycle,
                    number,
                    what[row],
                    bool(set_[row]),
                    bool(outcomes["errors"][row] & REFUSED),
                    bool(outcomes["reset"][row]),
                    bool(slower[row]),
                )
            )
    return injections
