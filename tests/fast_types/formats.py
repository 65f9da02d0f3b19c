"""Number formats: their names in C++, tables of them, and random ones."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

QUANTISATION = ("RND", "RND_ZERO", "RND_MIN_INF", "RND_INF", "RND_CONV", "TRN", "TRN_ZERO")
OVERFLOW = ("SAT", "SAT_ZERO", "SAT_SYM", "WRAP", "WRAP_SM")
C_INTEGERS = ("bool", "char", "short", "int", "unsigned", "long", "unsigned long", "long long")


@dataclass(frozen=True)
class Format:
    """An integer type if `integer` is None, else a fixed-point type."""

    width: int
    integer: int | None = None
    signed: bool = True
    modes: tuple[str, str] | None = None

    def __str__(self) -> str:
        sign = "" if self.signed else "u"
        if self.integer is None:
            return f"ap_{sign}int<{self.width}>"
        modes = "".join(f", AP_{mode}" for mode in self.modes or ())
        return f"ap_{sign}fixed<{self.width}, {self.integer}{modes}>"


def modes_for(signed: bool) -> list[tuple[str, str]]:
    """All modes; AP_WRAP_SM exists for signed types only."""
    return [(q, o) for q in QUANTISATION for o in OVERFLOW if signed or o != "WRAP_SM"]


def points(text: str) -> list[tuple[int, int]]:
    """Widths and integer parts: `8,3 9,9`."""
    return [(int(width), int(integer)) for width, integer in (pair.split(",") for pair in text.split())]


def types(text: str) -> list[str]:
    """Types in C++ of a short list: `int4 uint5 fixed6,3 ufixed7,0,RND,SAT unsigned_long 12`."""
    return [_type(word) for word in text.split()]


def pairs(text: str) -> list[tuple[str, str]]:
    """Pairs of types: `int4:uint5 fixed6,3:bool`."""
    return [(_type(first), _type(second)) for first, second in (pair.split(":") for pair in text.split())]


def _type(word: str) -> str:
    found = re.fullmatch(r"(u?)(int|fixed)(\d+)(?:,(-?\d+))?(?:,([A-Z_]+),([A-Z_]+))?", word)
    if not found:
        return word.replace("_", " ")
    sign, _, width, integer, quantisation, overflow = found.groups()
    return str(
        Format(
            int(width),
            int(integer) if integer else None,
            not sign,
            (quantisation, overflow) if quantisation else None,
        )
    )


def some_width(random_: random.Random, widest: int) -> int:
    """Mostly small, where every value is tried; then the sizes of machine words and their neighbours."""
    choice = random_.random()
    if choice < 0.55:
        return random_.randint(1, 10)
    if choice < 0.8:
        return random_.randint(11, 33)
    if choice < 0.9:
        return min(widest, random_.choice((8, 15, 16, 17, 24, 31, 32, 33, 47, 48, 63, 64, 65)))
    return random_.randint(34, widest) if widest > 34 else widest


def some_integer(random_: random.Random, widest: int = 100) -> Format:
    return Format(some_width(random_, widest), None, random_.random() < 0.5)


def some_point(random_: random.Random, widest: int = 100, with_modes: bool = False) -> Format:
    """The point mostly inside the number, sometimes to its left or right."""
    width = some_width(random_, widest)
    integer = random_.randint(0, width) if random_.random() < 0.75 else random_.randint(-4, width + 4)
    signed = random_.random() < 0.5
    modes = random_.choice(modes_for(signed)) if with_modes else None
    return Format(width, integer, signed, modes)


def some_number(random_: random.Random, widest: int = 100, with_modes: bool = False) -> Format:
    if random_.random() < 0.4:
        return some_integer(random_, widest)
    return some_point(random_, widest, with_modes)
