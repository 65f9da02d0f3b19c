"""The RTL of one gate: a generated module around the fixed block of its criterion.

Parameters and tables come from where the C++ takes them, `Gate.cpp_params()` and `Gate.tables()`. The block's own
file says by its parameters what it needs to know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hwgen.criteria import Gate, Table
from hwgen.criteria.rtl_block import AHEAD, Form, RtlBlock
from hwgen.errors import HwgenError, RecipeError
from hwgen.firmware.templates import fixed, render

Files = dict[str, bytes]
_FOLDER = "rtl/gate"
_FIXED = ("pace.sv", "delay.sv")
_ROW = 16
"""Entries of a table on one line."""
_PARAMETER = re.compile(r"^\s*parameter\s+[^=]*?\b([A-Z0-9_]+)\s*=", re.MULTILINE)


@dataclass(frozen=True)
class RtlGate:
    """One gate in RTL.

    Args:
        name: of its module; also of the file that holds it.
        files: all sources it needs by path below the folder of RTL: generated ones, and fixed ones under `gate/`.
        latency: cycles from a sample to its decision when nothing stalls.
        interval: cycles from one decision to the next.
        class_bits: width of m_class.
        logits_bits: width of s_logits, all classes.
        embedding_bits: width of s_embedding; 0 if the gate reads none.
        before_bits: width of s_carried, all classes; 0 if no sums reach the gate.
        carried_bits: width of m_carried, all classes; 0 if it has none.
    """

    name: str
    files: Files
    latency: int
    interval: int
    class_bits: int
    logits_bits: int
    embedding_bits: int = 0
    before_bits: int = 0
    carried_bits: int = 0


@dataclass(frozen=True)
class _TableView:
    """What the templates need to know of a table."""

    name: str
    reads: int
    index_bits: int
    bits: int


def class_bits(classes: int) -> int:
    """Width of a class number."""
    return max(1, (classes - 1).bit_length())


def _index_bits(table: Table) -> int:
    return max(1, (len(table.values) - 1).bit_length())


def _packed(table: Table) -> str:
    """All entries of a short table as one literal, entry 0 lowest."""
    mask = (1 << table.bits) - 1
    value = sum((int(entry) & mask) << (place * table.bits) for place, entry in enumerate(table.values))
    return f"{len(table.values) * table.bits}'h{value:x}"


def _rows(values: list[int], bits: int) -> list[str]:
    """A table as literals of several entries each, the last entries first."""
    rows = []
    for first in reversed(range(0, len(values), _ROW)):
        row = values[first : first + _ROW]
        packed = sum(value << (place * bits) for place, value in enumerate(row))
        rows.append(f"{len(row) * bits}'h{packed:0{len(row) * bits // 4}x}")
    return rows


def _literal(value: int) -> str:
    return str(value) if -(1 << 31) <= value < 1 << 31 else f"{'-' if value < 0 else ''}64'sd{abs(value)}"


def _known(gate: Gate, block: RtlBlock) -> dict[str, str]:
    """Everything a block may be told, by the name of its parameter."""
    numbers = {name.upper(): value for name, value in gate.cpp_params().items()}
    numbers |= {
        "SIGNED": int(gate.logits.signed),
        "CLASS_BITS": class_bits(gate.classes),
        "LATENCY": block.registers,
        **{name.upper(): value for name, value in block.parameters.items()},
    }
    known = {name: _literal(value) for name, value in numbers.items()}
    for name, table in gate.tables().items():
        known[f"{name.upper()}_BITS"] = str(table.bits)
        known[f"{name.upper()}_INDEX_BITS"] = str(_index_bits(table))
        if name not in block.reads:
            known[name.upper()] = _packed(table)
    return known | {name.upper(): _packed(table) for name, table in block.tables.items()}


def _heads(block: RtlBlock) -> tuple[str, str]:
    """The parameters and the ports of the module that holds a block, as text."""
    parameters, rest = fixed(f"{_FOLDER}/{block.files[-1]}").decode().split(") (", 1)
    return parameters, rest.split(");", 1)[0]


def _parameters(gate: Gate, block: RtlBlock) -> dict[str, str]:
    """The parameters of a block by the text of its module's head."""
    head = _heads(block)[0]
    known = _known(gate, block)
    found: dict[str, str] = {}
    for name in _PARAMETER.findall(head):
        if name not in known:
            raise HwgenError(
                block.files[-1],
                f"has a parameter {name} that gate {gate.criterion} does not know",
                "add it to cpp_params() or to the RtlBlock",
            )
        found[name] = known[name]
    return found


def _table_files(name: str, gate: Gate, banner: str, views: list[_TableView]) -> Mapping[str, bytes]:
    """One module per table, with two reads; and one with a single read where their number is odd."""
    files: Files = {}
    for view in views:
        table = gate.tables()[view.name]
        values = [int(value) & ((1 << table.bits) - 1) for value in table.values]
        values += [values[-1]] * ((1 << view.index_bits) - len(values))
        kinds = [("", 2)] if view.reads > 1 else []
        kinds += [("_single", 1)] if view.reads % 2 else []
        for suffix, reads in kinds:
            module = f"{name}_{view.name}{suffix}"
            files[f"{module}.sv"] = render(
                "rtl/generated/gate_table.sv.j2",
                banner=banner,
                module=module,
                table=view.name,
                gate=name,
                entries=len(table.values),
                bits=view.bits,
                index_bits=view.index_bits,
                reads=reads,
                rows=_rows(values, view.bits),
            )
    return files


def own_block(gate: Gate, form: Form) -> RtlBlock | None:
    """The gate's block; None also for one that it only inherits, from a gate that decides differently."""
    block = gate.rtl(form)
    if block is None or not f"{block.files[-1].removesuffix('.sv')}_".startswith(f"{gate.block}_"):
        return None
    return block


def _embedding_bits(gate: Gate) -> int:
    embedding = gate.shape.embedding if gate.reads_embedding else None
    return 0 if embedding is None else embedding.size * embedding.format.width


def rtl_gate(
    gate: Gate, name: str, banner: str, form: Form = "parallel", where: str = "exits.criterion"
) -> RtlGate:
    """Plans the RTL of a gate.

    Args:
        gate: the integer decision.
        name: of the module, for example `gate1`.
        banner: first line of each generated file.
        form: parallel, one decision per cycle; or serial, one logit per cycle.
        where: recipe key to name in the error.
    Raises:
        RecipeError: the criterion has no RTL in that form.
    """
    block = own_block(gate, form)
    if block is None:
        raise RecipeError(
            where,
            f"criterion {gate.block!r} has no RTL in {form} form",
            "choose another criterion, or the HLS firmware alone",
        )
    paced = form == "parallel" and not block.sequential
    tables = gate.tables()
    views = [
        _TableView(table, reads, _index_bits(tables[table]), tables[table].bits)
        for table, reads in block.reads.items()
    ]
    top: dict[str, Any] = {
        "banner": banner,
        "name": name,
        "gate": gate,
        "form": form,
        "paced": paced,
        "latency": block.latency,
        "registers": block.registers,
        "interval": block.interval,
        "steps": block.steps,
        "ahead": AHEAD,
        "resets": "rst_n" in _heads(block)[1],
        "embedding_bits": _embedding_bits(gate),
        "class_bits": class_bits(gate.classes),
        "module": f"hwgen_{block.files[-1].removesuffix('.sv')}",
        "parameters": _parameters(gate, block),
        "tables": views,
    }
    files: Files = {f"{name}.sv": render("rtl/generated/gate.sv.j2", **top)}
    files |= _table_files(name, gate, banner, views)
    common = _FIXED if paced else ()
    for file in dict.fromkeys((*common, *block.files)):
        files[f"gate/{file}"] = fixed(f"{_FOLDER}/{file}")
    return RtlGate(
        name,
        files,
        block.latency,
        block.interval,
        class_bits(gate.classes),
        gate.classes * gate.logits.width,
        _embedding_bits(gate),
        gate.classes * gate.before_bits,
        gate.classes * gate.carried_bits,
    )
