"""The gate of a last exit without a criterion: it only says which class."""

from __future__ import annotations

from hwgen.criteria.rtl_block import LEADER, leader_levels
from hwgen.firmware.templates import fixed, render
from hwgen.fixedpoint import FixedPoint
from hwgen.rtl.gates import RtlGate, class_bits


def class_gate(logits: FixedPoint, classes: int, name: str, banner: str) -> RtlGate:
    """Plans it, with the ports of every gate.

    Args:
        logits: format of the logits.
        classes: number of logits.
        name: of the module.
        banner: first line of the generated file.
    """
    latency = leader_levels(classes)
    text = render(
        "rtl/generated/class_gate.sv.j2",
        banner=banner,
        name=name,
        classes=classes,
        bits=logits.width,
        signed=logits.signed,
        class_bits=class_bits(classes),
        latency=latency,
    )
    files = {f"{name}.sv": text}
    files |= {f"gate/{file}": fixed(f"rtl/gate/{file}") for file in ("pace.sv", *LEADER)}
    return RtlGate(name, files, latency, 1, class_bits(classes), classes * logits.width)
