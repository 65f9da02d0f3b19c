"""The control block in simulation: registers, banks, commits, counters, as host and pipeline see them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from hwgen.rtl.control import ControlShape
from tests.rtl.control_bench import INPUTS, Bench, build, driver_of, write_files

pytestmark = [pytest.mark.verilator, pytest.mark.gxx, pytest.mark.peakrdl]
SHAPES = {
    "two exits": ControlShape(2, 2, 5, 40, 40),
    "three exits": ControlShape(3, 2, 8, 32, 13, 32),
}


@pytest.fixture(scope="module", params=SHAPES)
def design(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """(shape, driver module, executable)."""
    shape = SHAPES[request.param]
    folder = tmp_path_factory.mktemp("control")
    files = write_files(shape, folder)
    return shape, driver_of(files), build(shape, folder)


@pytest.fixture
def shape(design: Any) -> ControlShape:
    return design[0]


@pytest.fixture
def bench(design: Any) -> Iterator[Bench]:
    with Bench(design[2]) as running:
        yield running


@pytest.fixture
def control(design: Any, bench: Bench) -> Any:
    return design[1].Control(bench)


def policies(shape: ControlShape, seed: int) -> list[list[tuple[int, int]]]:
    """A bank's content at random."""
    draw = random.Random(seed)
    bits = 32 * shape.threshold_words
    return [
        [(draw.getrandbits(bits), draw.getrandbits(1)) for _ in range(shape.gates)]
        for _ in range(shape.policies)
    ]


def seen(bench: Bench, shape: ControlShape, bank: int) -> list[list[tuple[int, int]]]:
    """A bank as the gates read it."""
    return [
        [bench.look(bank, policy, gate) for gate in range(shape.gates)] for policy in range(shape.policies)
    ]


def all_off(bench: Bench, shape: ControlShape) -> bool:
    slots = range(1 << shape.policy_bits)
    return not any(
        bench.look(bank, policy, gate)[1]
        for bank in (0, 1)
        for policy in slots
        for gate in range(shape.gates)
    )


def test_it_says_what_it_is(control: Any, shape: ControlShape) -> None:
    control.check(INPUTS)
    found = control.identity()
    assert found["inputs"] == INPUTS[:16]
    assert (found["stages"], found["gates"], found["policies"]) == (shape.stages, shape.gates, shape.policies)
    with pytest.raises(Exception, match="made from inputs 0123456789abcdef, expected fedc"):
        control.check("fedcba9876543210")


def test_after_reset_nothing_leaves_early(bench: Bench, control: Any, shape: ControlShape) -> None:
    assert all_off(bench, shape)
    assert control.status() == {"active": 0, "pending": 0, "writable": 2, "busy": 0}
    assert not any(control.errors().values())


def test_a_bank_is_written_read_back_and_seen_by_the_gates(
    bench: Bench, control: Any, shape: ControlShape
) -> None:
    wanted = policies(shape, 1)
    assert control.load(wanted) == 1
    assert control.bank(1) == wanted == seen(bench, shape, 1)
    control.commit(1)
    other = policies(shape, 2)
    assert control.load(other) == 0
    assert (control.bank(0), control.bank(1)) == (other, wanted)
    assert (seen(bench, shape, 0), seen(bench, shape, 1)) == (other, wanted)
    assert not any(control.errors().values())


def test_every_register_keeps_to_itself(bench: Bench, design: Any, control: Any) -> None:
    """Writing all words of the map, one after the other, changes the named ones only."""
    _, driver, _ = design
    before = {
        name: [bench.read(driver.address(name, *at)) for at in _indices(sizes)]
        for name, (_, sizes) in driver.PLACES.items()
        if not name.startswith(("events", "banks"))
    }
    for name, (_, sizes) in driver.PLACES.items():
        for at in _indices(sizes):
            if name not in ("commit", "counters"):
                bench.write(driver.address(name, *at), 0xFFFFFFFF)
    after = {name: [bench.read(driver.address(name))] for name in before}
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"policy", "error"}  # the active bank refused
    assert after["policy"] == [0xFF]


def _indices(sizes: tuple[tuple[int, int], ...]) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [()]
    for number, _ in sizes:
        found = [(*at, index) for at in found for index in range(number)]
    return found


def test_writes_are_refused_to_a_bank_in_use(bench: Bench, control: Any, shape: ControlShape) -> None:
    wanted = policies(shape, 3)
    control.load(wanted)
    control.commit(1)
    place = ("banks.bank.gate.enable", 1, 0)
    control.write(0xFFFFFFFF, *place)
    assert control.errors()["refused_write"] == 1 and bench.number("get error_any") == 1
    assert seen(bench, shape, 1) == wanted
    control.clear_errors()
    assert not any(control.errors().values()) and bench.number("get error_any") == 0

    assert bench.enter() == (1, 0)
    control.commit(0)
    assert control.status() == {"active": 0, "pending": 0, "writable": 0, "busy": 2}
    control.write_threshold(1, 0, 0, 5)  # not active, but a sample of it is inside
    assert control.errors()["refused_write"] == 1 and seen(bench, shape, 1) == wanted
    bench.leave(1)
    control.clear_errors()
    control.write_threshold(1, 0, 0, 5)
    assert not any(control.errors().values()) and bench.look(1, 0, 0)[0] == 5


@pytest.mark.parametrize("strobes", [0, 1, 3, 14])
def test_half_a_word_is_refused(bench: Bench, design: Any, control: Any, strobes: int) -> None:
    place = design[1].address("banks.bank.gate.policy.threshold", 1, 0, 0, 0)
    control.write_threshold(1, 0, 0, 77)
    bench.write(place, 0xFFFFFFFF, strobes)
    assert control.errors()["refused_write"] == 1 and bench.look(1, 0, 0)[0] == 77


def test_slots_that_do_not_exist_take_nothing(bench: Bench, control: Any, shape: ControlShape) -> None:
    wanted = policies(shape, 4)
    control.load(wanted)
    base = 0x6000  # bank 1
    for offset in (shape.gates * 0x100, 8 * shape.policies, 0x100 + 8 * 15, 0x1F00, 0x1F80):
        bench.write(base + offset, 0xFFFFFFFF)
        bench.read(base + offset)
    assert control.errors()["refused_write"] == 1 and control.bank(1) == wanted == seen(bench, shape, 1)
    for hole in (0x28, 0x7FC, 0x800 + 0x20 * (shape.stages + 1), 0x3FFC):
        bench.write(hole, 0xFFFFFFFF)
        assert bench.read(hole) == 0


def test_an_unknown_policy_never_lets_a_sample_leave(bench: Bench, control: Any, shape: ControlShape) -> None:
    control.load([[(0, 1)] * shape.gates] * shape.policies)
    control.commit(1)
    control.select(shape.policies - 1)
    assert bench.look(*bench.enter(), 0)[1] == 1
    for unknown in (shape.policies, shape.policies + 1, 2 * shape.policies, 255):
        control.select(unknown)
        bank, policy = bench.enter()
        assert (bank, policy) == (1, shape.policies)
        assert [bench.look(bank, policy, gate)[1] for gate in range(shape.gates)] == [0] * shape.gates


def test_a_commit_waits_until_its_bank_has_drained(bench: Bench, control: Any) -> None:
    assert bench.enter()[0] == 0
    control.commit(1)
    assert bench.enter()[0] == 1
    control.commit(0, wait=False)  # the first sample, of bank 0, is still inside
    assert control.status() == {"active": 1, "pending": 1, "writable": 0, "busy": 3}
    assert bench.enter()[0] == 1  # nobody is kept out meanwhile
    assert control.in_flight() == [1, 2]
    with pytest.raises(Exception, match="bank 0 does not drain"):
        control.commit(0, timeout=0.01)
    bench.leave(0)
    assert control.status()["active"] == 0 and bench.enter()[0] == 0
    control.commit(1, wait=False)
    control.commit(0)  # called off
    assert control.status()["pending"] == 0


def test_bank_and_policy_stand_still_while_a_sample_waits(bench: Bench, control: Any) -> None:
    control.select(1)
    bench("step 2")
    bench.set(enter_valid=1)
    bench("step 1")
    control.commit(1, wait=False)
    control.select(0)
    bench("step 5")
    assert (bench.number("get enter_bank"), bench.number("get enter_policy")) == (0, 1)
    bench.set(enter_ready=1)
    bench("step 1")
    bench.set(enter_valid=0, enter_ready=0)
    assert (bench.number("get enter_bank"), bench.number("get enter_policy")) == (1, 0)
    assert control.in_flight() == [1, 0]


def test_commit_storm_under_traffic(bench: Bench, control: Any, shape: ControlShape) -> None:
    """Banks are rewritten and committed as fast as the bus allows; what is inside never sees it."""
    draw = random.Random(6)
    bench("traffic 70 60 45" if shape.in_flight > 20 else "traffic 40 50 60")
    active, switches, refused = 0, 0, 0
    for _ in range(150):
        action = draw.randrange(5)
        status = control.status()
        assert not (status["writable"] >> status["active"]) & 1
        if action < 2:
            control.commit(draw.randrange(2), wait=False)
        elif action == 2:
            control.select(draw.randrange(shape.policies + 2))
        else:
            for gate in range(shape.gates):
                control.write_threshold(
                    draw.randrange(2), gate, draw.randrange(shape.policies), draw.getrandbits(32)
                )
                control.write(draw.getrandbits(8), "banks.bank.gate.enable", draw.randrange(2), gate)
        refused += control.errors()["refused_write"]
        control.clear_errors()
        now = control.status()["active"]
        switches, active = switches + (now != active), now
        if sum(bench.numbers("inside")) > shape.in_flight - 6:
            bench("traffic 0 0 100")
            bench("step 10")
            bench("traffic 70 60 45" if shape.in_flight > 20 else "traffic 40 50 60")
    assert bench.number("broken") == 0
    assert switches > 5 and refused > 5
    bench("traffic 0 0 0")
    assert control.in_flight() == bench.numbers("inside")
    assert control.errors()["count"] == 0


def test_counters_hold_what_happened(bench: Bench, control: Any, shape: ControlShape) -> None:
    bench("traffic 60 60 50" if shape.in_flight > 20 else "traffic 40 50 70")
    for _ in range(30):
        bench("step 20")
        found = control.counters()
        assert found["samples_in"] - sum(found["left"]) in range(shape.in_flight + 1)
        if sum(bench.numbers("inside")) > shape.in_flight - 6:
            bench("traffic 0 0 100")
            bench("step 10")
            bench("traffic 60 60 50" if shape.in_flight > 20 else "traffic 40 50 70")
    bench("traffic 0 0 0")
    _, entered, stalled, abstained, *left = bench.numbers("counts")
    found = control.counters()
    assert (found["samples_in"], found["input_stalls"], found["abstained"]) == (entered, stalled, abstained)
    assert found["left"] == left


def test_a_snapshot_is_of_one_moment_and_loses_nothing(
    bench: Bench, control: Any, shape: ControlShape
) -> None:
    """Events that are high in every cycle give the count of cycles in every snapshot, clears in between or not."""
    every = (1 << shape.stages) - 1
    bench("reset 1")
    bench.set(event_busy=every, event_gated=every, event_buffer_full=every, enter_valid=1)
    bench("reset 1")
    draw = random.Random(7)
    stalls = 0
    for clear in (False, False, True, False, True, True, False):
        bench(f"step {draw.randrange(1, 90)}")
        found = control.counters(clear=clear)
        cycles = found["cycles"]
        assert found["busy"] == found["gated"] == found["buffer_full"] == [cycles] * shape.stages
        assert found["input_stalls"] == cycles
        stalls += cycles if clear else 0
    bench.set(enter_valid=0)
    assert stalls + control.counters()["input_stalls"] == bench.numbers("counts")[2]


def test_reset_in_mid_stream_leaves_nothing_stale(bench: Bench, control: Any, shape: ControlShape) -> None:
    for length in (1, 2, 5):
        control.load([[(5, 1)] * shape.gates] * shape.policies)
        control.commit(1)
        control.select(1)
        bench("traffic 60 60 50" if shape.in_flight > 20 else "traffic 40 50 70")
        bench("step 40")
        control.counters()
        control.write(1, "banks.bank.gate.enable", 1, 0)
        bench(f"reset {length}")
        bench("traffic 0 0 0")
        assert all_off(bench, shape)
        assert control.status() == {"active": 0, "pending": 0, "writable": 2, "busy": 0}
        assert control.in_flight() == [0, 0] and not any(control.errors().values())
        for register in ("samples_in", "abstained", "cycles"):
            assert control.read(f"events.{register}.word", 0) == 0  # the copies too
        assert control.counters()["samples_in"] == 0
        assert bench.enter() == (0, 0)
        bench("reset 1")


def test_reports_of_errors_are_kept_and_cleared(bench: Bench, control: Any) -> None:
    bench.set(error_watchdog=1)
    assert control.errors()["watchdog"] == 1
    control.clear_errors()
    assert control.errors()["watchdog"] == 0  # it is still high, but the host has seen it
    assert bench.number("get error_clear_seen") == 1
    bench.set(error_watchdog=0, error_fault=1)
    bench("step 1")
    bench.set(error_fault=0)
    assert control.errors() == {"watchdog": 0, "refused_write": 0, "count": 0, "fault": 1}
    control.clear_errors()
    assert bench.number("get error_clear_seen") == 2 and bench.number("get error_any") == 0


def test_samples_that_do_not_add_up_close_a_bank(bench: Bench, control: Any, shape: ControlShape) -> None:
    bench.leave(1)
    assert control.errors()["count"] == 1 and control.in_flight() == [0, 0]
    control.clear_errors()
    lost = (1 << shape.count_bits) - 1
    bench.set(enter_valid=1, enter_ready=1)
    bench(f"step {lost + 3}")
    bench.set(enter_valid=0)
    assert control.in_flight() == [lost, 0] and control.errors()["count"] == 1
    for _ in range(3):
        bench.leave(0)
    control.commit(1)
    assert control.in_flight() == [lost, 0] and control.status()["writable"] == 0
    assert bench.number("get any_inside") == 1
    bench.set(flush=1)
    bench("step 1")
    bench.set(flush=0)
    assert control.in_flight() == [0, 0] and control.status()["writable"] == 1
    assert bench.number("get any_inside") == 0
