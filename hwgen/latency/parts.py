"""Families of parts, by the beginning of the part's name: what timing rules and open synthesis know of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hwgen.errors import UsageError

PART_KEY = "firmware.part"


@dataclass(frozen=True)
class Family:
    """One generation of parts.

    Args:
        name: as the vendor calls it.
        pattern: regular expression that names of its parts begin with.
        yosys: its name for `synth_xilinx -family`.
        slow: whether published designs put a register behind every level of a sum at 5 ns; on the others
            several levels share a cycle.
        published: whether published csynth reports of this family were fitted; if not, another one's rules
            stand for it.
    """

    name: str
    pattern: str
    yosys: str
    slow: bool
    published: bool = True


FAMILIES = (
    Family("7 series", r"xc7[askvz]", "xc7", slow=True),
    Family("UltraScale+", r"xc([kv]u\d+p|zu|u\d|au|k\d)", "xcup", slow=False),
    Family("UltraScale", r"xc[kv]u\d", "xcu", slow=False, published=False),
    Family("Versal", r"xc(v[cmphen]|2ve)", "xcup", slow=False, published=False),
)
"""The first that matches."""


def find_family(part: str) -> Family | None:
    """The family of a part; None if it is none of the table's."""
    for family in FAMILIES:
        if re.match(family.pattern, part.lower()):
            return family
    return None


def require_family(part: str) -> Family:
    """The family of a part.

    Raises:
        UsageError: the part belongs to none; lists the families.
    """
    family = find_family(part)
    if family is None:
        known = ", ".join(family.name for family in FAMILIES)
        raise UsageError(PART_KEY, f"{part!r} is no part that is known here", f"take one of {known}")
    return family
