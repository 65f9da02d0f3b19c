"""All files of the control block as bytes."""

from __future__ import annotations

import hwgen
from hwgen.firmware.templates import fixed, render
from hwgen.rtl.control import registers
from hwgen.rtl.control.driver import python_driver
from hwgen.rtl.control.shape import ControlShape

FIXED = ("policy.sv", "threshold_bank.sv", "event_counters.sv")
"""Hand-written RTL behind the registers."""
SOURCES = (
    f"rtl/{registers.BLOCK}_pkg.sv",
    f"rtl/{registers.BLOCK}.sv",
    *(f"rtl/{name}" for name in FIXED),
    "rtl/control.sv",
)
"""What a tool compiles, in this order; the top is `hwgen_control`."""


def control_files(shape: ControlShape, recipe: str, inputs_sha256: str) -> dict[str, bytes]:
    """RTL, C header, Python driver and page of the control block.

    Args:
        shape: sizes of the block.
        recipe: its name, for the first line of each file.
        inputs_sha256: hash of everything the firmware is made from; its first 64 bits become registers.
    Returns:
        content by path below the pipeline's folder: `SOURCES` and `rtl/control.rdl`, `driver/hwgen_control.h`,
        `driver/hwgen_control.py`, `registers.md`. Same arguments, same bytes.
    Raises:
        ToolMissing: a package of PeakRDL is absent (named).
    """
    head = f"hwgen {hwgen.__version__}, recipe {recipe}, inputs {inputs_sha256[:16]}"
    model = registers.elaborate(shape, inputs_sha256)
    values = registers.parameters(shape, inputs_sha256)
    given = ", ".join(
        f"{name} = {value:#x}" if value > 99 else f"{name} = {value}" for name, value in values.items()
    )
    texts = {
        **{f"rtl/{name}": f"// {head}\n{text}" for name, text in registers.register_block(model).items()},
        "driver/hwgen_control.h": f"// {head}\n{registers.c_header(model)}",
        "driver/hwgen_control.py": python_driver(model, f"# {head}"),
        "registers.md": f"<!-- {head}. From control.rdl with {given}. -->\n{registers.page(model)}",
    }
    return {
        **{path: text.encode() for path, text in texts.items()},
        **{f"rtl/{name}": fixed(f"rtl/{name}") for name in (*FIXED, "control.rdl")},
        "rtl/control.sv": render("rtl/generated/control.sv.j2", banner=f"// {head}", shape=shape),
    }
