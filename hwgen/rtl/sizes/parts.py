"""What a part has to build buffers and stages from, where public reports say so.

Sources: "Available" of csynth and utilisation reports published in public repositories (hls4ml's
test reports, its CI baselines, designs built with it); the reports name the whole part, package and
speed grade, of which the counts do not depend. LUTs usable as memory are in utilisation reports only;
where none was at hand all LUTs stand for them, which refuses too late rather than wrongly.
"""

from __future__ import annotations

from dataclasses import dataclass

from hwgen.errors import RecipeError
from hwgen.rtl.sizes.memory import Memory

PART_KEY = "firmware.part"


@dataclass(frozen=True)
class Part:
    """Memory and logic of a device.

    Args:
        bram_18k: 18 Kb block RAMs.
        lut_ram: LUTs that can be memory.
        registers: flip-flops.
        lut: all LUTs.
        dsp: DSPs.
        source: report that says so.
    """

    bram_18k: int
    lut_ram: int
    registers: int
    lut: int
    dsp: int
    source: str


PARTS = {
    "xc7z007s": Part(100, 14400, 28800, 14400, 66, "csynth, published design on xc7z007s-clg225-2; all LUTs"),
    "xc7z020": Part(
        280, 17400, 106400, 53200, 220, "Vivado 2020.1 csynth and utilisation, hls4ml test reports"
    ),
    "xc7z045": Part(1090, 70400, 437200, 218600, 900, "the vendor's table of Zynq-7000 devices"),
    "xczu3eg": Part(
        432, 70560, 141120, 70560, 360, "csynth, published design on xczu3eg-sbva484-1-e; all LUTs"
    ),
    "xcvu9p": Part(
        4320, 1182240, 2364480, 1182240, 6840, "csynth, published design on xcvu9p-flgb2104-2-i; all LUTs"
    ),
    "xcu250": Part(5376, 1728000, 3456000, 1728000, 12288, "Vitis 2022.2 csynth, published design; all LUTs"),
    "xcvu13p": Part(
        5376, 1728000, 3456000, 1728000, 12288, "csynth of hls4ml's CI baselines, Vitis 2020.1; all LUTs"
    ),
}
"""By the beginning of the part's name."""


def find_part(name: str) -> Part | None:
    """The row of a part, or None: `xc7z020clg400-1` and `XC7Z020-CLG400-1` are the same."""
    lower = name.lower()
    for device, part in PARTS.items():
        rest = lower.removeprefix(device)
        # The package follows, after a hyphen or at once; a digit would make it another device.
        if rest != lower and (not rest or rest[0] == "-" or rest[0].isalpha()):
            return part
    return None


def check_fit(name: str, need: Memory) -> list[str]:
    """Refuses buffers that the part cannot hold; the rest of the design comes on top.

    Args:
        name: the recipe's `firmware.part`.
        need: all buffers together.
    Returns:
        Warnings: one if the part is not in the table.
    Raises:
        RecipeError: names part, what is needed and what there is.
    """
    part = find_part(name)
    if part is None:
        return [
            f"{PART_KEY}: {name} is not in the table of parts, so whether the buffers fit was not checked"
        ]
    rows = (
        ("18 Kb block RAMs", need.bram_18k, part.bram_18k),
        ("LUTs as memory", need.lut_ram, part.lut_ram),
        ("flip-flops", need.registers, part.registers),
    )
    for what, wanted, there in rows:
        if wanted > there:
            raise RecipeError(
                PART_KEY,
                f"the pipeline's buffers need {wanted} {what} ({need.bits} bits), but {name} has {there}",
                "take a larger part or smaller features at the exits, or leave the pipeline out (firmware.rtl: none)",
            )
    return []
