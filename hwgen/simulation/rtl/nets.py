"""Which nets of a design are registers, clocks or mere copies, read from Verilator's parsed tree.

A simulation has many names for one net: every port it passes, every slice of it. Activity counts each net
where it is driven, so a variable that is only wired to others (ports, slices, concatenations) is a copy
and does not count. What no statement drives, such as a port of the top, counts where it is.

A variable with some bits wired and some driven counts in full: its wired bits then count twice.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hwgen.eda import verilator
from hwgen.eda.run import run_tool

REGISTER, CLOCK, OTHER, COPY, CONSTANT = "r", "c", "o", "a", "p"
Node = dict[str, Any]
TREE = "tree.json"
"""Verilator's parsed tree, beside the list of nets."""

_WIRING = {
    "VARREF",
    "VARXREF",
    "CONST",
    "SEL",
    "ARRAYSEL",
    "CONCAT",
    "REPLICATE",
    "EXTEND",
    "EXTENDS",
    "CVTPACKEDTOARRAY",
}
_BLOCKS = {"GENBLOCK", "BEGIN"}
_CONTINUOUS = {"ASSIGNW", "ALIAS", "ASSIGNALIAS"}
_ASSIGNMENTS = {"ASSIGN", "ASSIGNDLY", *_CONTINUOUS}


def _children(node: Node) -> Iterator[Node]:
    for value in node.values():
        if isinstance(value, list):
            yield from (item for item in value if isinstance(item, dict))


def _walk(node: Node, inside: str = "") -> Iterator[tuple[Node, str]]:
    """Every node below one, with the generate blocks around it: `g_exit[0].`, empty outside of any."""
    stack = [(node, inside)]
    while stack:
        here, around = stack.pop()
        yield here, around
        if here["type"] in _BLOCKS and here.get("name"):
            around = f"{around}{here['name']}."
        stack.extend((child, around) for child in _children(here))


def _is_wiring(node: Node) -> bool:
    return node["type"] in _WIRING and all(_is_wiring(child) for child in _children(node))


def _target(node: Node) -> str | None:
    """The variable that an expression on the left names."""
    while node["type"] != "VARREF":
        inner = node.get("fromp")
        if not inner:
            return None
        node = inner[0]
    return str(node["varp"])


def _targets(node: Node) -> list[str]:
    if node["type"] == "CONCAT":
        return [name for child in _children(node) for name in _targets(child)]
    name = _target(node)
    return [] if name is None else [name]


def _read(node: Node) -> list[str]:
    return [str(here["varp"]) for here, _ in _walk(node) if here["type"] == "VARREF"]


@dataclass
class _Module:
    """What drives the variables of one module, by the addresses of Verilator's tree."""

    names: dict[str, str] = field(default_factory=dict)
    outputs: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    registers: set[str] = field(default_factory=set)
    logic: set[str] = field(default_factory=set)
    wired: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    sensed: set[str] = field(default_factory=set)
    cells: list[tuple[Node, str]] = field(default_factory=list)


def _module(tree: Node) -> _Module:
    module = _Module()
    for node, around in _walk(tree):
        kind = node["type"]
        if kind == "VAR":
            module.names[node["addr"]] = f"{around}{node['verilogName']}"
            if node.get("direction") == "OUTPUT":
                module.outputs.add(node["addr"])
            if node.get("isParam"):
                module.parameters.add(node["addr"])
        elif kind == "CELL":
            module.cells.append((node, f"{around}{node['verilogName']}"))
        elif kind == "SENITEM" and node.get("edgeType") in ("POS", "NEG", "BOTH", "EDGE"):
            module.sensed.update(name for child in node.get("sensp", []) for name in _read(child))
        elif kind in _ASSIGNMENTS:
            left, right = node["lhsp"][0], node["rhsp"][0]
            for name in _targets(left):
                if kind == "ASSIGNDLY":
                    module.registers.add(name)
                elif kind in _CONTINUOUS and _is_wiring(right):
                    module.wired[name].update(_read(right))
                else:
                    module.logic.add(name)
    return module


class _Walker:
    """Goes through the instances and collects the kind of every variable by its path."""

    def __init__(self, modules: Mapping[str, _Module]) -> None:
        self.modules = modules
        self.kinds: dict[str, str] = {}
        self.sources: dict[str, list[str]] = {}
        self.clocks: list[str] = []

    def visit(self, address: str, path: str) -> None:
        module = self.modules[address]
        names = {key: f"{path}.{name}" for key, name in module.names.items()}
        outputs = defaultdict(list)
        for cell, place in module.cells:
            if cell["modp"] not in self.modules:
                continue
            inner, below = self.modules[cell["modp"]], f"{path}.{place}"
            for pin in cell["pinsp"]:
                port = pin["modVarp"]
                if port not in inner.names or not pin.get("exprp"):
                    continue
                expression, there = pin["exprp"][0], f"{below}.{inner.names[port]}"
                if port in inner.outputs:
                    for name in _targets(expression):
                        outputs[name].append(there)
                elif _is_wiring(expression):
                    self.sources[there] = [names[name] for name in _read(expression) if name in names]
            self.visit(cell["modp"], below)
        for key, name in names.items():
            wired = [names[other] for other in module.wired.get(key, ()) if other in names]
            sources = [*self.sources.get(name, []), *wired, *outputs.get(key, [])]
            driven = key in module.registers or key in module.logic
            is_copy = not driven and (name in self.sources or key in module.wired or key in outputs)
            self.kinds[name] = REGISTER if key in module.registers else COPY if is_copy else OTHER
            self.sources[name] = sources if is_copy else []
            if key in module.parameters:
                self.kinds[name] = CONSTANT
            if key in module.sensed:
                self.clocks.append(name)

    def mark_clocks(self) -> None:
        """The nets behind what processes are sensitive to."""
        seen, open_ = set(self.clocks), list(self.clocks)
        while open_:
            name = open_.pop()
            if self.kinds[name] != COPY:
                self.kinds[name] = CLOCK
            for source in self.sources[name]:
                if source in self.kinds and source not in seen:
                    seen.add(source)
                    open_.append(source)


def kinds_of(tree: Node, top: str) -> dict[str, str]:
    """Kind of every variable by its hierarchical name.

    Args:
        tree: what `verilator --json-only` wrote.
        top: top module.
    Returns:
        `r` register, `c` clock, `o` other, `a` copy of another net, `p` parameter;
        paths begin with the top module.
    """
    modules = {node["addr"]: _module(node) for node in tree["modulesp"] if node["type"] == "MODULE"}
    (address,) = [node["addr"] for node in tree["modulesp"] if node.get("origName") == top]
    walker = _Walker(modules)
    walker.visit(address, top)
    walker.mark_clocks()
    return walker.kinds


def registers_of(tree: Node) -> list[tuple[str, str]]:
    """(module, name) of every register and memory, sorted, without generate blocks and parameters of the module.

    Args:
        tree: what `verilator --json-only` wrote.
    """
    found = set()
    for node in tree["modulesp"]:
        if node["type"] == "MODULE":
            module = _module(node)
            names = (module.names[key].rsplit(".", 1)[-1] for key in module.registers)
            found |= {(str(node["origName"]), name) for name in names}
    return sorted(found)


def list_nets(
    files: Sequence[Path], top: str, folder: Path, parameters: Mapping[str, int] | None = None
) -> Path:
    """Writes the list that counting toggles reads (sim/rtl/vcd.h).

    Args:
        files: sources.
        top: top module.
        folder: where Verilator writes its tree, and where the list is put.
        parameters: of the top module.
    Returns:
        the list: one line `kind path` per variable.
    Raises:
        ToolMissing: no Verilator.
        ToolFailed: the sources do not compile.
    """
    tool = verilator.find()
    folder.mkdir(parents=True, exist_ok=True)
    tree = folder / TREE
    command: list[str | Path] = [tool.program, "--json-only", "--json-only-output", tree, "--Mdir", folder]
    command += ["-Wno-fatal", "--top-module", top]
    command += [f"-G{name}={value}" for name, value in (parameters or {}).items()]
    command += [Path(file).resolve() for file in files]
    run_tool(f"verilator, nets of {top}", command, folder, tool.environment)
    kinds = kinds_of(json.loads(tree.read_text()), top)
    path = folder / "nets.txt"
    path.write_text("".join(f"{kind} {name}\n" for name, kind in kinds.items()))
    return path
