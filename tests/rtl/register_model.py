"""The pipeline as a host sees it, in software: registers as docs and control.rdl describe them, samples in, results out.

Both drivers run against this one model; it knows nothing of either, and takes addresses from the register table alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Place = tuple[int, tuple[tuple[int, int], ...]]
CAPACITY = 4
"""Samples that it holds: then nothing more goes in until results are taken."""


class RegisterModel:
    """Registers and streams of one design.

    Args:
        places: where each register lies, as the elaborated model says.
        words: content of the constant registers.
        answer: (beats of a sample, policy, bank) -> (class, exit from 1, abstain).
        beats: of a sample.
    """

    def __init__(
        self,
        places: Mapping[str, Place],
        words: Mapping[str, int],
        answer: Callable[[list[bytes], int, int], tuple[int, int, int]],
        beats: int,
    ) -> None:
        self._names = {}
        for name, (start, sizes) in places.items():
            indices: list[tuple[int, ...]] = [()]
            for number, _ in sizes:
                indices = [(*at, index) for at in indices for index in range(number)]
            for at in indices:
                offset = start + sum(index * stride for index, (_, stride) in zip(at, sizes, strict=True))
                self._names[offset] = (name, at)
        self.words: dict[tuple[str, tuple[int, ...]], int] = {
            (name, ()): word for name, word in words.items()
        }
        self._answer, self._beats = answer, beats
        self.active = self.pending = self.policy = 0
        self.errors = self.reads = 0
        self.counts: dict[tuple[str, tuple[int, ...]], int] = {}
        self._told: dict[tuple[str, tuple[int, ...]], int] = {}
        self._sample: list[bytes] = []
        self._inside: list[tuple[int, int, int]] = []  # tag, bank, TDATA
        self.sent: list[tuple[int, list[bytes]]] = []
        self.stuck: Callable[[str, tuple[int, ...], int], int] = lambda name, at, word: word
        self.newest_first = True

    def _writable(self, bank: int) -> bool:
        return (
            bank != self.active
            and self.pending == self.active
            and not any(held == bank for _, held, _ in self._inside)
        )

    def _settle(self) -> None:
        if self.pending != self.active and not any(bank == self.pending for _, bank, _ in self._inside):
            self.active = self.pending

    def read(self, offset: int) -> int:
        """A 32-bit word."""
        name, at = self._names[offset]
        self.reads += 1
        self._settle()
        if name == "status":
            writable = sum(self._writable(bank) << bank for bank in (0, 1))
            busy = sum(any(held == bank for _, held, _ in self._inside) << bank for bank in (0, 1))
            return self.active | (self.pending != self.active) << 1 | writable << 2 | busy << 4
        if name == "error":
            return self.errors
        if name.startswith("events."):
            counter = (name.removesuffix(".word"), at[:-1])
            return self._told.get(counter, 0) >> 32 * at[-1] & 0xFFFFFFFF
        return self.words.get((name, at), 0)

    def write(self, offset: int, value: int) -> None:
        """A 32-bit word."""
        name, at = self._names[offset]
        assert type(value) is int and 0 <= value < 1 << 32  # as pynq.MMIO wants it
        self._settle()
        if name == "policy":
            self.policy = value & 0xFF
        elif name == "commit":
            self.pending = value & 1
            self._settle()
        elif name == "error":
            self.errors &= ~value
        elif name == "counters":
            if value & 1:
                self._told = dict(self.counts)
            if value & 2:
                self.counts = {}
        elif name.startswith("banks."):
            if self._writable(at[0]):
                self.words[name, at] = self.stuck(name, at, value)
            else:
                self.errors |= 2
        else:
            raise AssertionError(f"{name} cannot be written")

    def bank(self, bank: int, gates: int, policies: int, count: int) -> list[list[tuple[int, int]]]:
        """(raw threshold, enable) of each policy and gate."""
        threshold, enable = "banks.bank.gate.policy.threshold", "banks.bank.gate.enable"
        return [
            [
                (
                    sum(
                        self.words.get((threshold, (bank, gate, policy, word)), 0) << 32 * word
                        for word in range(count)
                    ),
                    self.words.get((enable, (bank, gate)), 0) >> policy & 1,
                )
                for gate in range(gates)
            ]
            for policy in range(policies)
        ]

    def _count(self, name: str, *at: int) -> None:
        key = (f"events.{name}", at)
        self.counts[key] = self.counts.get(key, 0) + 1

    def put(self, beat: bytes, tag: int, last: bool) -> bool:
        """A beat of a sample, if there is room."""
        if len(self._inside) >= CAPACITY:
            self._count("input_stalls")
            return False
        self._sample.append(bytes(beat))
        if len(self._sample) == self._beats:
            assert last
            label, leaves, abstain = self._answer(self._sample, self.policy, self.active)
            self._inside.append((tag, self.active, label | leaves << 16 | abstain << 24))
            self.sent.append((tag, self._sample))
            self._sample = []
            self._count("samples_in")
            self._count("stage.left", leaves - 1)
        else:
            assert not last
        return True

    def get(self) -> tuple[int, int] | None:
        """The result of one sample, later ones overtaking earlier ones."""
        if not self._inside:
            return None
        tag, _, data = self._inside.pop(-1 if self.newest_first else 0)
        return data, tag


def constants(facts: Mapping[str, Any]) -> dict[str, int]:
    """Content of the registers that tell what the hardware is."""
    inputs = facts["inputs_sha256"]
    return {"inputs_high": int(inputs[:8], 16), "inputs_low": int(inputs[8:16], 16)}
