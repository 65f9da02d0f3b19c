"""The Python driver: a template with a table of the elaborated registers.

PeakRDL-python's own output for this map is a package of 50 files and more than a megabyte, its library
included; a host on a board wants one file that needs nothing. The table comes from the same model, so no
address is written twice.
"""

from __future__ import annotations

import importlib
from typing import Any

from hwgen.firmware.templates import render

Place = tuple[int, tuple[tuple[int, int], ...]]
"""(byte address of the first, (number, stride in bytes) of each dimension)."""


def _walk(
    node: Any, path: str, address: int, sizes: tuple[tuple[int, int], ...]
) -> list[tuple[str, Place, Any]]:
    """Registers below a node: path, place, node."""
    reg_node = importlib.import_module("systemrdl.node").RegNode
    found = []
    for child in node.children(unroll=False):
        name = f"{path}.{child.inst_name}" if path else child.inst_name
        start = address + child.raw_address_offset
        own = sizes
        if child.is_array:
            (number,) = child.array_dimensions
            own = (*sizes, (number, child.array_stride))
        if isinstance(child, reg_node):
            found.append((name, (start, own), child))
        else:
            found += _walk(child, name, start, own)
    return found


def places(model: Any) -> dict[str, Place]:
    """Where each register lies; indices of arrays follow the order of the path.

    Args:
        model: elaborated register model.
    """
    return {name: place for name, place, _ in _walk(model.top, "", 0, ())}


def fields(model: Any) -> dict[str, tuple[int, int]]:
    """(lowest bit, width) of each field, by `register.field`."""
    return {
        f"{name}.{field.inst_name}": (field.low, field.width)
        for name, _, register in _walk(model.top, "", 0, ())
        for field in register.fields()
    }


def python_driver(model: Any, banner: str) -> str:
    """One Python file for a host; needs no package.

    Args:
        model: elaborated register model.
        banner: first line, a comment.
    """
    return render(
        "rtl/generated/control_driver.py.j2", banner=banner, places=places(model), fields=fields(model)
    ).decode()
