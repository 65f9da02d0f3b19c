"""Moving parts of the cycle model: bounded places and pipelines, with the pipeline's rules of time."""

from __future__ import annotations

from collections import deque

NEVER = 1 << 60
"""A cycle that does not come."""


class Places:
    """Bounded places: one given back in a cycle can be taken from the next cycle on.

    Args:
        limit: number of places.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self.most = 0
        self._given, self._given_at = 0, -1

    def free(self, now: int) -> bool:
        """Whether a place can be taken in this cycle."""
        late = self._given if self._given_at == now else 0
        return self.used + late < self.limit

    def take(self) -> None:
        """Takes a place."""
        self.used += 1
        self.most = max(self.most, self.used)

    def give(self, now: int) -> None:
        """Gives a place back."""
        self.used -= 1
        self._given = self._given + 1 if self._given_at == now else 1
        self._given_at = now


class Fifo(Places):
    """A FIFO: what is written in one cycle can be read from the next one on.

    Readers have to come before writers within a cycle.
    """

    def __init__(self, depth: int) -> None:
        super().__init__(depth)
        self.held: deque[int] = deque()

    def push(self, sample: int) -> None:
        """Writes; `free` says whether there is room."""
        self.take()
        self.held.append(sample)

    def pop(self, now: int) -> int:
        """Reads the oldest."""
        self.give(now)
        return self.held.popleft()


class Elastic:
    """An elastic pipeline: a register moves when the next one is empty or moves.

    Items lie at least `interval` registers apart, so that `room` of them fit. Positions need not be
    followed one by one: an item comes out `latency` after it went in and `interval` after the one
    before; one goes in `interval` after the one before and when the item `room` before it left early
    enough for everything behind to have closed up.

    Args:
        latency: cycles from in to out.
        interval: cycles between items.
    """

    def __init__(self, latency: int, interval: int) -> None:
        self.latency, self.interval = latency, interval
        self.room = -(-latency // interval)
        self._lag = self.room * interval - latency
        self.held: deque[int] = deque()
        self._ready: deque[int] = deque()
        self._left: deque[int] = deque([-latency - interval] * self.room, self.room)
        self._last_in = -interval

    def due(self, now: int) -> bool:
        """Whether the interval since the last item is over."""
        return now >= self._last_in + self.interval

    def can_enter(self, now: int) -> bool:
        """Whether an item can go in."""
        if len(self.held) >= self.room or not self.due(now):
            return False
        return now >= self._left[len(self.held)] + self._lag

    def enter(self, sample: int, now: int, beats: int = 1) -> None:
        """Puts an item in, or its first beat."""
        self.held.append(sample)
        self._ready.append(now + self.latency if beats == 1 else NEVER)
        self._last_in = now

    def complete(self, now: int, beats: int) -> None:
        """The last of the newest item's beats came in: only now it is known when it can be out."""
        self._ready[-1] = now + self.latency - beats + 1

    def ready(self, now: int) -> bool:
        """Whether the oldest item is offered."""
        return bool(self.held) and now >= self._ready[0] and now >= self._left[-1] + self.interval

    def events(self) -> tuple[int, ...]:
        """Cycles in which `ready`, `can_enter` or `due`, for this cycle or the next, may turn true."""
        due = self._last_in + self.interval
        times = [due - 1, due, self._left[-1] + self.interval]
        if self.held:
            times.append(self._ready[0])
        if len(self.held) < self.room:
            times.append(self._left[len(self.held)] + self._lag)
        return tuple(times)

    def leave(self, now: int) -> int:
        """Takes the oldest item out."""
        self._left.append(now)
        self._ready.popleft()
        return self.held.popleft()


class Rigid:
    """A core with one enable for all registers, that waits for a feature slot itself.

    Only there to show what reserving slots at admission avoids: while its oldest unwritten features
    find no slot or its logits no gate, nothing in it moves.

    Args:
        latency: cycles from in to logits.
        interval: cycles between samples.
        features: cycles from in to the first feature beat.
    """

    def __init__(self, latency: int, interval: int, features: int) -> None:
        self.latency, self.interval, self.features = latency, interval, features
        self.room = latency // interval + 1
        self.held: deque[int] = deque()
        self._entered: deque[int] = deque()
        self._slotless = 0  # of the held ones, counted from the newest
        self._clock = 0
        self._last_in = -interval

    def step(self, slots: Places, gate: Elastic, now: int) -> int | None:
        """One cycle: moves unless something in it has to wait.

        Returns:
            The sample handed to the gate in this cycle, if any.
        """
        due = bool(self.held) and self._clock >= self._entered[0] + self.latency
        wants = self._slotless > 0 and self._clock >= self._entered[-self._slotless] + self.features
        if (due and not gate.can_enter(now)) or (wants and not slots.free(now)):
            return None
        if wants:
            slots.take()
            self._slotless -= 1
        self._clock += 1
        if not due:
            return None
        self._entered.popleft()
        return self.held.popleft()

    def events(self) -> tuple[int, ...]:
        """None that are known: its own clock stands still while it waits."""
        return ()

    def due(self, now: int) -> bool:
        """Whether the interval since the last sample is over."""
        return self.can_enter(now)

    def can_enter(self, now: int) -> bool:
        """Whether a sample can go in, after `step` of the same cycle."""
        return self._clock > self._last_in + self.interval

    def enter(self, sample: int, now: int, beats: int = 1) -> None:
        """Puts a sample in; its further beats are taken to come without a gap."""
        self.held.append(sample)
        self._last_in = self._clock - 1
        self._entered.append(self._last_in)
        self._slotless += 1
