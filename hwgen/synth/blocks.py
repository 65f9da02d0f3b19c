"""The blocks of a pipeline, as its generated top instantiates them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hwgen.errors import ToolFailed, UsageError
from hwgen.synth.jobs import Work, run_all
from hwgen.synth.script import hierarchy_script, literal
from hwgen.synth.sources import Sources

TOP = "hwgen_pipeline"
ENTRANCE = "entrance"
"""Block of what the top itself holds: the door, and what joins the other blocks."""
BUFFER = "hwgen_feature_buffer"
_REGISTERS = "hwgen_control"
_SUFFIX = "_i"
_HIERARCHY = "hierarchy.json"
_SIMULATION = '"DPI-C"'
"""In a core that only stands for one in simulation."""
_CORE_OUTPUTS = ("s_ready", "f_valid", "f_data", "z_valid", "z_data", "busy", "fault")


@dataclass(frozen=True)
class Block:
    """One instance in the top, or what the top itself holds.

    Args:
        name: of the instance, without `_i`.
        group: stage, gate, controller or registers.
        module: its module.
        values: parameters as SystemVerilog, those of the module's head only.
        parameters: the same as numbers.
        all_parameters: names of everything Yosys takes for a parameter of the instance.
        missing: whether the sources hold no RTL of it that could be synthesised.
    """

    name: str
    group: str
    module: str
    values: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, int] = field(default_factory=dict)
    all_parameters: tuple[str, ...] = ()
    missing: bool = False


def _group(module: str) -> str:
    if re.fullmatch(r"gate\d+", module):
        return "gate"
    if module.endswith("_core"):
        return "stage"
    return "registers" if module == _REGISTERS else "controller"


def _instances(top: str) -> dict[str, str]:
    """Instance -> module of everything the text of the top instantiates."""
    plain = re.compile(r"^\s*(\w+)\s+(\w+)\s*\(\s*\.", re.MULTILINE)
    given = re.compile(r"^\s*(\w+)\s*#\s*\([^;]*?\)\s*(\w+)\s*\(\s*\.", re.MULTILINE)
    found = [match for pattern in (plain, given) for match in pattern.finditer(top)]
    return {match[2]: match[1] for match in sorted(found, key=lambda match: match.start())}


def _stub(text: str, module: str) -> str:
    """A box for a stage core that others build; its ports are those the top connects, as wide as its signals.

    The contract of a core says which of them leave it.
    """
    instance = re.search(rf"\b{module}\s+\w+\s*\((.*?)\);", text, re.DOTALL)
    ports = []
    for port, signal in re.findall(r"\.(\w+)\s*\(\s*(\w+)\s*\)", instance[1] if instance else ""):
        declared = re.search(rf"\blogic\s*(\[[^\]]+\])?[^;\[]*\b{signal}\b", text)
        width = declared[1] or "" if declared else ""
        ports.append(f"{'output' if port in _CORE_OUTPUTS else 'input'} {width} {port}")
    return f"(* blackbox *)\nmodule {module} ({', '.join(ports)});\nendmodule\n"


def _block(sources: Sources, name: str, cell: Mapping[str, Any]) -> Block:
    module, given = cell["type"], cell["parameters"]
    bits = {key: given[key] for key in sources.parameters(module) if key in given}
    for key, value in bits.items():
        if not re.fullmatch("[01]+", value):
            raise ToolFailed("yosys", f"parameter {key} of {name} is {value!r}, not a number")
    return Block(
        name.removesuffix(_SUFFIX),
        _group(module),
        module,
        {key: literal(int(value, 2), len(value)) for key, value in bits.items()},
        {key: int(value, 2) for key, value in bits.items()},
        tuple(given),
        missing=any(_SIMULATION in sources.texts[file] for file in sources.needed(module)),
    )


@dataclass(frozen=True)
class Design:
    """A pipeline taken apart.

    Args:
        blocks: stages, gates, controller, registers; the top's own logic is the last of the controller.
        boxes: RTL that stands for stage cores which are not among the sources.
    """

    blocks: tuple[Block, ...]
    boxes: str

    def top_modules(self) -> dict[str, set[str]]:
        """What the top instantiates -> names of everything Yosys takes for a parameter of it."""
        modules: dict[str, set[str]] = {}
        for block in self.blocks:
            if block.name != ENTRANCE:
                modules.setdefault(block.module, set()).update(block.all_parameters)
        return modules


def take_apart(sources: Sources) -> Design:
    """Elaborates the top, and nothing below it.

    Raises:
        UsageError: the sources hold no top, or it instantiates something unknown that is no stage core.
        ToolMissing, ToolFailed: from Yosys.
    """
    if TOP not in sources.defined:
        raise UsageError(
            str(sources.folder), f"no module {TOP} in its sources", "write the tree anew with hwgen generate"
        )
    file = sources.defined[TOP]
    text = sources.texts[file]
    inside = _instances(text)
    unknown = {name: module for name, module in inside.items() if module not in sources.defined}
    for name, module in unknown.items():
        if _group(module) != "stage":
            raise UsageError(
                str(file), f"{name} is a {module}, which no source holds", "add its file to sources.f"
            )
    boxes = "".join(_stub(text, module) for module in sorted(set(unknown.values())))
    modules = sources.named_in(file) | set(unknown.values())
    work = Work(
        TOP,
        hierarchy_script(TOP, modules, sources.names(sources.files), _HIERARCHY),
        _HIERARCHY,
        sources.folder,
        boxes,
    )
    _, output, _ = next(run_all([work], 1))
    cells = json.loads(output)["modules"][TOP]["cells"]
    blocks = [_block(sources, name, cells[name]) for name in inside if name not in unknown]
    blocks += [
        Block(name.removesuffix(_SUFFIX), "stage", module, missing=True) for name, module in unknown.items()
    ]
    blocks.append(Block(ENTRANCE, "controller", TOP))
    order = ("stage", "gate", "controller", "registers")
    return Design(tuple(sorted(blocks, key=lambda block: order.index(block.group))), boxes)
