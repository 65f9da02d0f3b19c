"""Drivers of the whole pipeline for a host: C for bare metal, and Python, with the same calls.

They stand on the control registers' own header and driver, and add what those cannot know: how samples are packed,
what results look like, and the policies that calibration fitted.
"""

from __future__ import annotations

from hwgen.calibration import Calibration
from hwgen.firmware.registers import registers
from hwgen.firmware.templates import banner, render
from hwgen.recipe.schema import Firmware
from hwgen.reference.network import IntegerNetwork
from hwgen.rtl.control import ControlShape
from hwgen.rtl.core import Core

FOLDER = "driver"
ENDINGS = (".h", ".c", ".py")
NAME = "hwgen_pipeline"
_RESULT_GATES = [(0, 0)]
"""Registers of a design without a gate: there is one that nobody reads."""


def host_driver_files(
    network: IntegerNetwork,
    calibration: Calibration,
    firmware: Firmware,
    first: Core,
    shape: ControlShape,
    recipe: str,
    inputs_sha256: str,
) -> dict[str, bytes]:
    """`hwgen_pipeline.h`, `.c` and `.py`, beside the files of the control block.

    Args:
        network: the integer network.
        calibration: gates and policies.
        firmware: the recipe's `firmware`.
        first: core of the first stage, which takes the samples.
        shape: of the control block.
        recipe: its name.
        inputs_sha256: hash of everything the firmware is made from.
    Returns:
        path below `pipeline/` -> content.
    """
    form = network.source.format
    values = {
        "stages": shape.stages,
        "gates": shape.gates,
        "policies": shape.policies,
        "tag_bits": firmware.tag_bits,
        "values": network.source.size,
        "value_bits": form.width,
        "value_min": form.min_raw,
        "value_max": form.max_raw,
        "beats": first.in_beats,
        "beat_bytes": -(-first.in_bits // 8),
        "inputs": inputs_sha256,
        "table": [
            registers(calibration, policy) or _RESULT_GATES for policy in range(len(calibration.policies))
        ],
    }
    return {
        f"{FOLDER}/{NAME}{ending}": render(
            f"rtl/generated/host_driver{ending}.j2",
            banner=banner(f"{NAME}{ending}", recipe, inputs_sha256),
            **values,
        )
        for ending in ENDINGS
    }
