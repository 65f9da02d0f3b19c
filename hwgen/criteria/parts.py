"""Small things every gate is described with: what it is built for, its tables, its cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.reference.layers import Dense
from hwgen.reference.network import Tensor

NATIVE_ENTRIES = 2048
"""Longest table stored in its own type; longer ones hold weights of at most 32 bits."""


@dataclass(frozen=True)
class ExitShape:
    """The exit a gate is built for.

    Args:
        logits: format of the logits.
        classes: number of logits, K.
        temperature: divides the logits before the softmax.
        embedding: what enters the head's last dense layer, shape (D,); None if the head has none.
        head: that dense layer, for criteria that are fitted from its weights; None once they are fitted.
    """

    logits: FixedPoint
    classes: int
    temperature: float = 1.0
    embedding: Tensor | None = None
    head: Dense | None = None

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; the head is left out."""
        document: dict[str, Any] = {
            "logits": self.logits.to_dict(),
            "classes": self.classes,
            "T": self.temperature,
        }
        if self.embedding is not None:
            document["embedding"] = {"size": self.embedding.size, **self.embedding.format.to_dict()}
        return document

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> ExitShape:
        """Rebuilds what `to_dict` wrote; other keys are ignored."""
        embedding = None
        if "embedding" in document:
            entry = dict(document["embedding"])
            embedding = Tensor((entry.pop("size"),), FixedPoint(**entry))
        return cls(FixedPoint(**document["logits"]), document["classes"], document["T"], embedding)


@dataclass(frozen=True)
class Table:
    """Constants a gate looks up.

    Args:
        values: int64 (N,).
        bits: width of an entry.
        signed: whether entries are two's complement.
        at_once: consecutive entries that are read in one cycle, a whole row of them; 1 leaves it to the tool.
    """

    values: IntArray
    bits: int
    signed: bool = False
    at_once: int = 1

    def cpp_type(self) -> str:
        """C++ type of an entry."""
        return f"ap_{'' if self.signed else 'u'}int<{self.bits}>"

    def cpp_storage(self) -> str:
        """C++ type of the stored constants: a native one for long tables, which compilers take far faster."""
        if len(self.values) <= NATIVE_ENTRIES:
            return self.cpp_type()
        native = next(name for bits, name in ((8, "char"), (16, "short"), (32, "int")) if self.bits <= bits)
        return f"{'signed' if self.signed else 'unsigned'} {native}"


@dataclass(frozen=True)
class Cost:
    """Operators of a gate in its parallel form, counted from its rule: no synthesis is behind them.

    Args:
        comparators: two-input comparisons.
        adders: two-input additions and subtractions.
        multipliers: (width, width) of every multiplier.
        dividers: number of dividers.
        table_bits: bits of all look-up tables, as many copies as are read at once.
        levels: levels of two-input operators between two table accesses, one entry per run of logic.
        serial_cycles: cycles that depend on the embedding's length or on passes, before the rest begins.
    """

    comparators: int = 0
    adders: int = 0
    multipliers: tuple[tuple[int, int], ...] = ()
    dividers: int = 0
    table_bits: int = 0
    levels: tuple[int, ...] = (1,)
    serial_cycles: int = 0

    def to_dict(self) -> dict[str, Any]:
        """For reports: totals instead of lists."""
        return {
            "comparators": self.comparators,
            "adders": self.adders,
            "multipliers": len(self.multipliers),
            "multiplier_bits": sum(a * b for a, b in self.multipliers),
            "dividers": self.dividers,
            "table_bits": self.table_bits,
        }
