"""What a bit of a pipeline's state is for: where a fault strikes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hwgen.fixedpoint import IntArray
from hwgen.simulation.rtl.faults import Element

KINDS: Mapping[str, str] = {
    "data": "samples, features, logits: door, cores, feature buffers",
    "tag": "tag, policy and bank that travel with a sample",
    "decision": "gates from the first comparison on; class, exit and abstain of waiting results",
    "pointer": "valid bits, pointers, counts, slot numbers and their parity",
    "control": "choice of bank and policy, samples inside, clock requests, watchdog",
    "settings": "thresholds, enables and registers that the host wrote",
    "host": "AXI4-Lite, event counters, the host's copy of the thresholds",
}
"""Kind -> what belongs to it. Everything is of one kind."""

_HELD_DECISION = 2
"""Bits below the meta in a gate's delay: enable and open. Above it is the mark that counts as a pointer."""
_SCOPES = (
    (".control.registers_block.field_storage", "settings"),
    (".control.registers_block.", "host"),
    (".control.counters.", "host"),
    (".control.thresholds.g_copy", "host"),
    (".control.thresholds.", "settings"),
    (".control.", "control"),
    (".watchdog.", "control"),
    ("_i.pace.", "pointer"),
)
_NAMES = {
    "on": "control",
    "awake": "control",
    "timer": "control",
    "after": "control",
    "core_s_data": "data",
    "m_data": "data",
    "memory": "data",
    "m_meta": "tag",
}


def _kinds(element: Element, siblings: Mapping[str, Element], decision_bits: int) -> list[str]:
    """Kind of each bit of a word."""
    path, name = element.path, element.path.rsplit(".", 1)[-1]
    for scope, kind in _SCOPES:
        if scope in path:
            return [kind] * element.bits
    if name in ("words", "m_data") and "_buffer.committed_i." in path:
        slots = siblings[path.replace("committed_i", "reserved_i")].bits
        return ["pointer"] * slots + ["tag"] * (element.bits - slots)
    if name in ("words", "m_data") and "_buffer." in path and "_i." in path:
        return ["pointer"] * element.bits
    if name in ("words", "m_data") and ".meta_i." in path:
        return ["tag"] * element.bits
    if name in ("words", "m_data") and any(part in path for part in (".merge.", ".order.")):
        return ["decision"] * decision_bits + ["tag"] * (element.bits - decision_bits)
    if path.endswith("_i.beside.held"):
        stored = (other for other in siblings.values() if ".stage1_shell.meta_i." in other.path)
        meta = next(other.bits for other in stored if other.path.endswith(("words", "m_data")))
        held = ["decision"] * _HELD_DECISION + ["tag"] * meta + ["pointer"]
        return held * (element.bits // len(held))
    if "_core_i." in path:
        return ["data" if name.startswith("bus") else "pointer"] * element.bits
    if ".gate" in path:
        return ["decision"] * element.bits
    return [_NAMES.get(name, "pointer")] * element.bits


def cells(
    elements: Sequence[Element], stages: int, class_bits: int, modelled: Sequence[str] = ()
) -> dict[str, IntArray]:
    """All bits of the state by kind.

    Args:
        elements: of the bench, by number.
        stages: of the pipeline.
        class_bits: width of a class.
        modelled: stages whose core is a model: what it holds is left out.
    Returns:
        kind -> int64 (bits, 3): element, word, bit.
    """
    siblings = {element.path: element for element in elements}
    decision = class_bits + max(1, (stages - 1).bit_length()) + 1
    rows: dict[str, list[tuple[int, int, int]]] = {kind: [] for kind in KINDS}
    for number, element in enumerate(elements):
        if any(f".{stage}_core_i." in element.path for stage in modelled):
            continue
        for bit, kind in enumerate(_kinds(element, siblings, decision)):
            rows[kind] += [(number, word, bit) for word in range(element.words)]
    return {kind: np.array(found, dtype=np.int64).reshape(-1, 3) for kind, found in rows.items()}
