"""The pipeline cycle by cycle, with bounded buffers and the handshakes of the RTL; plain Python.

Independent of the formulas that chose the sizes, so that it can show them wrong: it takes the timing of
stages, the sizes, and for each sample the exit it leaves at (drawn, or of a real test set). What it
does not know: values, clock edges, resets, policies; vendor cores may stall in coarser steps.

In a cycle readers come before writers and later blocks before earlier ones; what is written or given
back is seen in the next cycle (lines.py). Cycles in which nothing can change are counted without a visit.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hwgen.rtl.sizes.choose import Sizes
from hwgen.rtl.sizes.describe import Pipeline, StageTiming
from hwgen.rtl.sizes.lines import NEVER, Elastic, Fifo, Places, Rigid


@dataclass(frozen=True)
class Stream:
    """How samples are offered and results are taken.

    Args:
        spacing: cycles between the times at which samples are there; 1: always one more.
        offer: chance that an input beat is offered in a cycle.
        accept: chance that a result is accepted in a cycle.
        wake: cycles a later stage needs to get its clock back.
        hysteresis: cycles without a sample after which it loses it.
        reserved: slots are reserved at admission; False: see `Rigid`.
        seed: of the random stalls.
    """

    spacing: int = 1
    offer: float = 1.0
    accept: float = 1.0
    wake: int = 0
    hysteresis: int = 0
    reserved: bool = True
    seed: int = 0


@dataclass
class Run:
    """What happened.

    Args:
        cycles: until the last result, or until nothing moved any more.
        deadlock: something remains inside and nothing can move.
        order: samples in the order they left.
        latency: cycles from admission to the output, per sample; -1 if it never left.
        throughput: samples admitted per cycle, without the first tenth, which fills the buffers.
        most_in_flight: samples between admission and output, at most.
        slots_mean: slots of each feature buffer in use, on average.
        slots_most: at most.
        exit_most: of each exit's result FIFO.
        active: cycles in which each shell or core held a sample.
        stalls: cycles in which a sample could have moved, a stage's interval being over, but for:
            `stage1.slots`, `.meta`, `.reorder` at admission; `.core`, `.wake` in front of the core;
            `.gate` that takes no logits; `.result` a full result FIFO;
            `merge.output` a full output, `merge.collision` more than one result waiting.
    """

    cycles: int
    deadlock: bool
    order: list[int]
    latency: npt.NDArray[np.int64]
    throughput: float
    most_in_flight: int
    slots_mean: list[float]
    slots_most: list[int]
    exit_most: list[int]
    active: list[int]
    stalls: Counter[str]


@dataclass
class _Stage:
    timing: StageTiming
    core: Elastic | Rigid
    gate: Elastic
    meta: Places
    slots: Places | None
    committed: deque[int] = field(default_factory=deque)
    door: tuple[int, int] | None = None
    out: tuple[int, int] | None = None
    beat: int = 0
    dropped: bool = False
    asleep: bool = False
    awake_at: int = 0
    idle_since: int = 0
    active: int = 0
    used: int = 0


def draw_exits(pipeline: Pipeline, samples: int, seed: int) -> npt.NDArray[np.int64]:
    """Exits, counted from 0, of independent samples at the pipeline's shares."""
    return np.random.default_rng(seed).choice(len(pipeline.stages), samples, p=pipeline.exits)


class _Machine:
    def __init__(self, pipeline: Pipeline, sizes: Sizes, exits: Sequence[int], stream: Stream) -> None:
        self.pipeline, self.sizes, self.exits, self.stream = pipeline, sizes, exits, stream
        self.stages = []
        for index, timing in enumerate(pipeline.stages):
            last = index == len(pipeline.stages) - 1
            slots = None if last else Places(sizes.slots[index])
            gate = Elastic(timing.gate_latency, timing.gate_interval)
            core: Elastic | Rigid = Elastic(timing.logits, timing.interval)
            if not (stream.reserved or last):
                core = Rigid(timing.logits, timing.interval, timing.features_from)
            self.stages.append(_Stage(timing, core, gate, Places(sizes.meta[index]), slots, asleep=index > 0))
        self.results = [Fifo(sizes.exit_depth) for _ in self.stages]
        self.out = Fifo(sizes.out_depth)
        self.inside = Places(sizes.reorder or len(exits) + 1)
        self.parked: dict[int, int] = {}
        self.turn = 0
        self.random = np.random.default_rng(stream.seed)
        self.started = np.full(len(exits), -1, dtype=np.int64)
        self.latency = np.full(len(exits), -1, dtype=np.int64)
        self.order: list[int] = []
        self.next_in = self.next_beat = 0
        self.stalls: Counter[str] = Counter()
        self.moved = False

    def _chance(self, share: float) -> bool:
        return share >= 1 or bool(self.random.random() < share)

    def sink(self, now: int) -> bool:
        """Takes a result, if one is there and wanted; says whether it was wanted."""
        wanted = self._chance(self.stream.accept)
        if self.sizes.reorder is None:
            if wanted and self.out.held:
                self._finish(self.out.pop(now), now)
            return wanted
        oldest = len(self.order)
        if wanted and self.parked.get(oldest, now) < now:
            del self.parked[oldest]
            self._finish(oldest, now)
        if self.out.held:  # a place in the reorder buffer is always reserved
            self.parked[self.out.pop(now)] = now
            self.moved = True
        return wanted

    def _finish(self, sample: int, now: int) -> None:
        self.order.append(sample)
        self.latency[sample] = now - self.started[sample]
        self.inside.give(now)
        self.moved = True

    def merge(self, now: int) -> None:
        """Round robin over the exits, one result per cycle."""
        waiting = [index for index, fifo in enumerate(self.results) if fifo.held]
        if not waiting:
            return
        if not self.out.free(now):
            self.stalls["merge.output"] += 1
            return
        if len(waiting) > 1:
            self.stalls["merge.collision"] += 1
        chosen = min(waiting, key=lambda index: (index - self.turn) % len(self.results))
        self.turn = chosen + 1
        self.out.push(self.results[chosen].pop(now))
        self.moved = True

    def decide(self, index: int, now: int) -> None:
        """The gate's decision: to the result FIFO and the slot freed, or committed."""
        stage = self.stages[index]
        if not stage.gate.ready(now):
            return
        if self.exits[stage.gate.held[0]] != index:
            stage.committed.append(stage.gate.leave(now))
            self.moved = True
            return
        if (
            stage.slots and not stage.dropped
        ):  # the buffer does not wait for the result, nor it for the buffer
            stage.slots.give(now)
            stage.dropped = True
            self.moved = True
        if self.results[index].free(now):
            self.results[index].push(stage.gate.leave(now))
            stage.dropped = False
            self.moved = True
        else:
            self.stalls[f"{stage.timing.name}.result"] += 1

    def hand_over(self, index: int, now: int) -> None:
        """Logits from the core to the gate."""
        stage, sample = self.stages[index], None
        if isinstance(stage.core, Rigid):
            assert stage.slots is not None
            sample = stage.core.step(stage.slots, stage.gate, now)
        elif stage.core.ready(now):
            if stage.gate.can_enter(now):
                sample = stage.core.leave(now)
            else:
                self.stalls[f"{stage.timing.name}.gate"] += 1
        if sample is not None:
            stage.gate.enter(sample, now)
            stage.meta.give(now)
            self.moved = True

    def give(self, index: int, now: int) -> None:
        """The beat in the shell's register goes to the core."""
        stage = self.stages[index]
        if stage.door is None:
            return
        sample, beat = stage.door
        if beat == 0:
            if now < stage.awake_at or not stage.core.can_enter(now):
                if stage.core.due(now):
                    self.stalls[f"{stage.timing.name}.{'wake' if now < stage.awake_at else 'core'}"] += 1
                return
            stage.core.enter(sample, now, stage.timing.in_beats)
        if beat == stage.timing.in_beats - 1 and isinstance(stage.core, Elastic) and beat:
            stage.core.complete(now, stage.timing.in_beats)
        stage.door = None
        self.moved = True

    def offered(self, index: int, now: int) -> tuple[int, int] | None:
        """Sample and beat that wait in front of a stage."""
        if index:
            return self.stages[index - 1].out
        if self.next_in == len(self.exits) or now < self.next_in * self.stream.spacing:
            return None
        return (self.next_in, self.next_beat) if self._chance(self.stream.offer) else None

    def take(self, index: int, now: int) -> None:
        """A beat goes to the shell's register; with the first one a sample takes its places."""
        stage, there = self.stages[index], self.offered(index, now)
        if there is None or stage.door is not None:
            return
        sample, beat = there
        if beat == 0:
            cause = self._obstacle(index, now)
            if cause:
                if stage.core.due(now + 1):  # before that it would only wait behind the door
                    self.stalls[f"{stage.timing.name}.{cause}"] += 1
                return
            stage.meta.take()
            if stage.slots and self.stream.reserved:
                stage.slots.take()
            if index == 0:
                self.inside.take()
                self.started[sample] = now
            if stage.asleep:
                stage.asleep, stage.awake_at = False, now + 1 + self.stream.wake
        stage.door = there
        self.moved = True
        last = beat == stage.timing.in_beats - 1
        if index:
            self.stages[index - 1].out = None
        else:
            self.next_in, self.next_beat = (sample + 1, 0) if last else (sample, beat + 1)

    def _obstacle(self, index: int, now: int) -> str | None:
        stage = self.stages[index]
        if index == 0 and not self.inside.free(now):
            return "reorder"
        if self.stream.reserved and stage.slots is not None and not stage.slots.free(now):
            return "slots"
        return None if stage.meta.free(now) else "meta"

    def fetch(self, index: int, now: int) -> None:
        """A beat of a committed sample goes to the feature buffer's output register."""
        stage = self.stages[index]
        if stage.out is not None or not stage.committed or stage.slots is None:
            return
        stage.out = (stage.committed[0], stage.beat)
        stage.beat += 1
        self.moved = True
        if stage.beat == self.stages[index + 1].timing.in_beats:
            stage.beat = 0
            stage.committed.popleft()
            stage.slots.give(now)

    def next_event(self, now: int) -> int:
        """The first cycle after `now` in which anything can differ, if nothing moved in `now`; NEVER if none."""
        times = [self.next_in * self.stream.spacing] if self.next_in < len(self.exits) else []
        for stage in self.stages:
            times += [stage.awake_at, *stage.gate.events(), *stage.core.events()]
        return min((time for time in times if time > now), default=NEVER)

    def pass_over(self, now: int, cycles: int, stalled: Counter[str]) -> None:
        """Counts `cycles` cycles after `now` that are like it.

        Args:
            now: a cycle in which nothing moved.
            cycles: how many.
            stalled: the stalls of `now`.
        """
        for cause, count in stalled.items():
            self.stalls[cause] += count * cycles
        for stage in self.stages:
            if stage.core.held or stage.door:
                stage.active += cycles
                stage.idle_since = now + cycles
            if stage.slots:
                stage.used += stage.slots.used * cycles

    def cycle(self, now: int) -> bool:
        """One cycle; says whether the sink wanted a result."""
        self.moved = False
        wanted = self.sink(now)
        self.merge(now)
        for index in reversed(range(len(self.stages))):
            stage = self.stages[index]
            self.fetch(index, now)
            self.decide(index, now)
            self.hand_over(index, now)
            self.give(index, now)
            self.take(index, now)
            if stage.core.held or stage.door:
                stage.active += 1
                stage.idle_since = now
            elif index and now - stage.idle_since > self.stream.hysteresis:
                stage.asleep = stage.awake_at <= now
            if stage.slots:
                stage.used += stage.slots.used
        return wanted


def run_cycles(
    pipeline: Pipeline,
    sizes: Sizes,
    exits: Sequence[int] | npt.NDArray[np.int64],
    stream: Stream | None = None,
    *,
    every_cycle: bool = False,
) -> Run:
    """Runs samples through the pipeline until all have left, or nothing moves any more.

    Args:
        pipeline: timing of its stages; its shares are not used.
        sizes: depths, each at least 1.
        exits: per sample, the exit it leaves at, from 0.
        stream: how samples come and results go; back to back if None.
        every_cycle: visit every cycle; slower, and the same answer.
    """
    stream = stream or Stream()
    skips = not every_cycle and stream.reserved and min(stream.offer, stream.accept) >= 1
    machine = _Machine(pipeline, sizes, [int(leaves) for leaves in exits], stream)
    patience = stream.spacing + stream.wake + 64
    patience += 2 * sum(stage.decision + stage.pace for stage in pipeline.stages)
    now = idle = 0
    while len(machine.order) < len(exits) and idle <= patience:
        # The second cycle in which nothing moves shows what the rest of them count.
        before = machine.stalls.copy() if skips and idle else None
        wanted = machine.cycle(now)
        idle = 0 if machine.moved else idle + int(wanted)
        if idle and before is not None and (then := machine.next_event(now)) < NEVER:
            alike = max(0, min(then - now, patience - idle) - 1)
            machine.pass_over(now, alike, machine.stalls - before)
            now, idle = now + alike, idle + alike
        now += 1
    begun = np.sort(machine.started[machine.started >= 0])
    begun = begun[len(begun) // 10 :]
    span = int(begun[-1] - begun[0]) if len(begun) > 1 else 0
    return Run(
        cycles=now,
        deadlock=len(machine.order) < len(exits),
        order=machine.order,
        latency=machine.latency,
        throughput=(len(begun) - 1) / span if span else 0.0,
        most_in_flight=machine.inside.most,
        slots_mean=[stage.used / max(now, 1) for stage in machine.stages if stage.slots],
        slots_most=[stage.slots.most for stage in machine.stages if stage.slots],
        exit_most=[fifo.most for fifo in machine.results],
        active=[stage.active for stage in machine.stages],
        stalls=machine.stalls,
    )
