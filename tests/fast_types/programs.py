"""Which operators are compared on which types. The operators themselves are written out in `cpp`.

Left out, because the reference types have no defined or no right answer there (each place in `cpp` says so again):

- division by zero; bits and ranges outside the number;
- an integer made of a fixed-point number with less than zero integer bits: an unwritten variable is read;
- integers beyond 64 bits: remainders (the long division errs), to_double, to_float, comparison with floating point,
  to_bool, nand_reduce, rotation of signed ones, comparison of a range with a C integer on its left, text;
- xor_reduce of signed integers: bits of the sign extension are counted;
- the type of a range of a signed integer in arithmetic; the modes of a shifted fixed-point number;
- text of fixed-point numbers whose point lies right of them; in streams, those of more than 19 integer bits.

Results beyond 128 bits are left out because the fast types refuse them; test_refusals.py compiles those.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.fast_types import formats
from tests.fast_types.formats import (
    C_INTEGERS,
    Format,
    modes_for,
    pairs,
    some_integer,
    some_number,
    some_point,
    types,
)

HEADERS = ("conversions", "operators", "bits", "text", "library")

Call = tuple[str, ...]  # a function template of `cpp` and its types


@dataclass(frozen=True)
class Program:
    """One C++ program: it is compiled with either set of types and writes what every operator returned."""

    name: str
    calls: tuple[Call, ...]

    def source(self) -> str:
        lines = [f'#include "{header}.h"' for header in HEADERS]
        lines += ["int main(int count, char** arguments) {", "    proof::begin(count, arguments);"]
        for function, *kinds in self.calls:
            named = ", ".join(kinds)
            lines.append(f'    proof::{function}<{named}>("{function}: {named}");')
        return "\n".join([*lines, "    return proof::end();", "}", ""])


def _calls(function: str, kinds: Iterable[object]) -> list[Call]:
    tuples = (kind if isinstance(kind, tuple) else (kind,) for kind in kinds)
    return [(function, *map(str, each)) for each in tuples]


def conversions() -> Program:
    """All 35 modes between formats of 1 to 7 bits, point inside and outside, both signs on both sides: every
    value. Then every mode with a large target, and between integers and fixed point."""
    random_ = random.Random(1)
    small = formats.points("1,0 1,1 1,3 2,1 2,-1 3,-1 3,3 3,1 4,-2 4,2 4,6 5,3 5,0 6,2 6,5 7,4 7,0 7,7 7,9")
    large = formats.points(
        "8,3 9,9 15,4 16,6 17,1 24,8 31,12 32,16 33,2 48,20 63,30 64,32 64,64 65,33 100,40 127,64"
    )
    random_.shuffle(small)
    random_.shuffle(large)
    calls: list[Call] = []
    turn = 0
    for signed in (True, False):
        for modes in modes_for(signed):
            # Targets take turns, so that each meets several modes; sources are drawn.
            for sizes, sources in ((small, 3), (large, 1)):
                target = Format(*sizes[turn % len(sizes)], signed, modes)
                for sign in (True, False):
                    drawn = random_.sample(sizes, sources)
                    calls += _calls("convert", ((target, Format(*each, sign)) for each in drawn))
            turn += 1
    integers = types("int1 uint1 int5 uint6 int16 uint33 int64 uint64 int100")
    points = types("fixed6,3 ufixed7,2 fixed20,10 fixed4,6 ufixed33,33 fixed80,40 fixed9,1")
    calls += _calls("convert", ((to, of) for to in integers[2:8:2] for of in [*integers, *points]))
    calls += _calls("convert", ((to, of) for to in points[::2] for of in integers[::2]))
    return Program("conversions", tuple(calls))


def integers() -> Program:
    """ap_int and ap_uint with each other and with the integers of C."""
    operands = pairs(
        "int4:int3 int3:uint4 uint4:int4 int1:uint1 uint1:int1 uint8:int13"
        " uint32:int16 int16:uint32 int33:uint32 int64:int63 uint64:int60 int60:uint64"
        " uint64:uint64 int80:uint40 uint9:int100 uint65:uint63 int32:uint32 uint40:int40"
        " int8:int int:uint8 uint32:int unsigned:int9"
    )
    numbers = types("int9 uint7 int40 uint33")
    operands += [(number, kind) for number, kind in zip(numbers * 2, C_INTEGERS, strict=True)]
    operands += [(kind, number) for number, kind in zip(numbers, C_INTEGERS[1:8:2], strict=True)]
    calls = _calls("two_operands", operands)
    calls += _calls("one_operand", types("int1 uint1 int5 uint5 int8 uint16 int32 uint64 int64 int90 uint70"))
    calls += _calls("with_real", pairs("int7:float uint40:double int64:double uint3:float"))
    return Program("integers", tuple(calls))


def points() -> Program:
    """ap_fixed and ap_ufixed with each other, with ap_int and ap_uint, and with the integers of C."""
    operands = pairs(
        "fixed4,2:fixed4,3 fixed4,1:ufixed4,2 ufixed3,1:fixed5,2 ufixed4,0:ufixed4,4 fixed4,-2:fixed3,5"
        " ufixed4,6:fixed4,-1 fixed1,1:fixed1,0 fixed7,3,RND,SAT:ufixed6,1,RND_CONV,SAT_ZERO"
        " ufixed6,1,RND_CONV,SAT_ZERO:fixed7,3,RND,SAT fixed8,2:ufixed7,3 fixed16,6:fixed16,6"
        " fixed24,12:ufixed33,11 fixed32,16:fixed31,2 ufixed32,8:fixed32,8 fixed64,32:fixed60,30"
        " fixed60,40:ufixed40,20 fixed6,2:int4 uint3:fixed5,3 fixed7,3,RND,SAT:uint9 int33:ufixed20,9"
    )
    numbers = types("fixed9,3 fixed7,3,RND,SAT ufixed12,4 ufixed6,1,RND_CONV,SAT_ZERO")
    operands += [(number, kind) for number, kind in zip(numbers * 2, C_INTEGERS, strict=True)]
    operands += [(kind, number) for number, kind in zip(numbers, C_INTEGERS[2:6], strict=True)]
    calls = _calls("two_operands", operands)
    calls += _calls(
        "one_operand", types("fixed1,1 fixed5,2 ufixed6,3 fixed7,3,RND,SAT ufixed6,1,RND_CONV,SAT_ZERO")
    )
    calls += _calls("one_operand", types("fixed6,-2 fixed16,6 fixed64,30 ufixed90,20"))
    calls += _calls("with_real", pairs("fixed8,3:double ufixed60,20:double"))
    return Program("points", tuple(calls))


def shifts() -> Program:
    """By counts of both signs, from 0 to far beyond the width."""
    numbers = types("int5 uint6 int33 uint64 int90 fixed7,3 ufixed20,4 fixed5,2,RND,SAT")
    counts = [*C_INTEGERS, *types("int4 uint3 int9 uint8")]
    operands = [(number, count) for i, number in enumerate(numbers) for count in counts[i % 2 :: 2]]
    return Program(
        "shifts", tuple(_calls("shifts", [*operands, *pairs("int7:unsigned_char fixed9,4:int12")]))
    )


def c_types() -> Program:
    """From and to float, double and the integers of C; to and from text."""
    numbers = types(
        "int1 uint1 int7 uint5 int16 uint32 int64 uint64 int100"
        " fixed6,3 ufixed7,0 fixed5,8 ufixed8,-3 fixed16,6 ufixed33,10 fixed64,20 fixed90,50"
    )
    calls = [call for name in ("from_real", "to_c", "to_text", "from_text") for call in _calls(name, numbers)]
    calls += _calls("from_c", types("int7 uint32 int64 fixed6,3 ufixed40,20 fixed8,4,RND,SAT"))
    sizes = formats.points("6,3 9,0 16,5 33,11 1,1 64,24")
    for signed in (True, False):
        modes = enumerate(modes_for(signed))
        calls += _calls(
            "from_real", (Format(*sizes[turn % len(sizes)], signed, mode) for turn, mode in modes)
        )
    return Program("c_types", tuple(calls))


def bits() -> Program:
    calls = _calls(
        "single_bits", types("int5 uint1 uint7 int32 uint64 int90 fixed6,3 ufixed40,10 ufixed5,-1")
    )
    operands = "int7:uint5 uint16:int33 fixed9,3:uint5 ufixed12,2:fixed6,4 int64:fixed8,4 uint90:int66"
    calls += _calls("ranges", pairs(operands))
    calls += _calls("concatenations", pairs("int4:uint4 uint1:int7 uint33:int32 int50:int20"))
    return Program("bits", tuple(calls))


def library() -> Program:
    """Streams, shift registers, functions, limits."""
    calls = _calls("streams", types("int5 fixed16,6 uint70"))
    calls += _calls("shift_register", pairs("fixed9,3:10 int7:1 uint40:33"))
    calls += _calls("functions", types("fixed9,3 fixed16,6,RND_CONV,SAT ufixed10,2"))
    calls += _calls("limits", types("int1 int8 uint8 uint64 int100 fixed7,3 ufixed7,-2 fixed64,20"))
    return Program("library", tuple(calls))


PROGRAMS: dict[str, Callable[[], Program]] = {
    program.__name__: program for program in (conversions, integers, points, shifts, c_types, bits, library)
}


def small(*functions: str) -> Program:
    """A few calls of each function (or of those named), quick to compile: for damaged copies and for sanitizers."""
    chosen: list[Call] = []
    for program in PROGRAMS.values():
        calls = program().calls
        for function in dict.fromkeys(call[0] for call in calls):
            if not functions or function in functions:
                same = [call for call in calls if call[0] == function]
                count = 2 if function != "convert" else 80 if functions else 25
                chosen += same[:: max(1, len(same) // count)]
    return Program("small", tuple(chosen))


# How often each function is drawn: conversions have the most cases.
_WEIGHTS = {
    "convert": 20, "two_operands": 12, "one_operand": 3, "shifts": 3, "from_real": 6, "to_c": 3, "from_c": 2,
    "with_real": 2, "to_text": 2, "single_bits": 2, "ranges": 3, "concatenations": 2, "streams": 1,
    "shift_register": 1, "limits": 1,
}  # fmt: skip


def random_program(seed: int, calls: int = 60) -> Program:
    """Operators on types that `seed` draws."""
    draw = random.Random(seed)

    def number(widest: int = 100) -> Format:
        return some_number(draw, widest, with_modes=True)

    def c_type() -> str:
        return draw.choice(C_INTEGERS)

    def operands() -> tuple[object, object]:
        # Wider ones have results beyond 128 bits.
        return draw.choice(((number(64), c_type()), (c_type(), number(64)), *[(number(64), number(64))] * 3))

    kinds: dict[str, Callable[[], object]] = {
        "convert": lambda: (number(), number()),
        "two_operands": operands,
        "shifts": lambda: (number(), draw.choice((c_type(), some_integer(draw, 16)))),
        "with_real": lambda: draw.choice(
            ((some_integer(draw), "float"), (some_integer(draw), "double"), (some_point(draw), "double"))
        ),
        "ranges": lambda: (number(), number()),
        "concatenations": lambda: (some_integer(draw, 40), some_integer(draw, 40)),
        "shift_register": lambda: (number(), draw.randint(1, 40)),
    }
    chosen = draw.choices(list(_WEIGHTS), list(_WEIGHTS.values()), k=calls)
    return Program(
        f"seed{seed}",
        tuple(call for function in chosen for call in _calls(function, [kinds.get(function, number)()])),
    )
