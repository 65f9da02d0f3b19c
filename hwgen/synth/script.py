"""What Yosys is told to do: with a block alone, and with what the top itself holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hwgen.latency.parts import find_family

STATISTICS = "stat.json"
SOURCES = "pipeline"
"""Beside each script: a link to the pipeline. read_slang takes no path with a space in it."""
MEMORY = "memory"
"""Name of a feature buffer's memory in its source, and of the module Yosys puts it into."""
# Yosys's own BUFGCE lacks the parameter.
CLOCK_BUFFER = """(* blackbox *)
module BUFGCE #(parameter CE_TYPE = "SYNC") (input I, input CE, output O);
endmodule
"""
BOX_FILE = "boxes.sv"
"""Beside each script: the clock buffer, and stage cores that are not among the sources."""
# Order of declarations is for lint to judge.
_OPTIONS = "-D HWGEN_XILINX"


def family_of(part: str) -> str:
    """Yosys's name for a part's family: `xc7`, `xcu` (UltraScale) or `xcup` (UltraScale+, and unknown parts)."""
    family = find_family(part)
    return "xcup" if family is None else family.yosys


def _read(top: str, files: Sequence[str], options: str = "") -> list[str]:
    sources = " ".join(f"{SOURCES}/{name}" for name in files)
    return [
        f"read_slang {_OPTIONS}{options} --top {top} {sources} {BOX_FILE}",
        "setparam -unset CE_TYPE t:BUFGCE",
    ]


def _synthesise(family: str, top: str, *options: str) -> str:
    return " ".join([f"synth_xilinx -family {family} -top {top} -noiopad -noclkbuf", *options])


def literal(value: int, width: int) -> str:
    """A parameter's value as SystemVerilog."""
    return f"{width}'d{value}"


def module_script(
    module: str, parameters: Mapping[str, str], files: Sequence[str], family: str, memory: bool
) -> list[str]:
    """Synthesises one module by itself.

    Args:
        module: its name.
        parameters: values as SystemVerilog.
        files: what it is made of, below the folder of the pipeline.
        family: of synth_xilinx.
        memory: whether to count the array called `memory` apart, with its output register and what selects
            its words.
    """
    given = "".join(f" -G {name}={value}" for name, value in parameters.items())
    lines = _read(module, files, given)
    if memory:
        lines += [
            _synthesise(family, module, "-flatten", "-run begin:map_memory"),
            f'setattr -set submod "{MEMORY}" c:{MEMORY}',
            "submod",
            _synthesise(family, module, "-run map_memory:"),
        ]
    else:
        lines.append(_synthesise(family, module, "-flatten"))
    return [*lines, f"tee -q -o {STATISTICS} stat -json"]


def _boxed(modules: Iterable[str]) -> str:
    return "".join(f" --blackboxed-module {module}" for module in sorted(modules))


def hierarchy_script(top: str, modules: Iterable[str], files: Sequence[str], output: str) -> list[str]:
    """Writes, as JSON, what the top instantiates at which parameters; nothing below it is elaborated."""
    return [*_read(top, files, _boxed(modules)), f"write_json {output}"]


def top_script(
    top: str, modules: Mapping[str, Iterable[str]], files: Sequence[str], family: str
) -> list[str]:
    """Synthesises what the top itself holds.

    Args:
        top: its name.
        modules: what it instantiates -> names of all parameters on these instances.
        files: all sources.
        family: of synth_xilinx.
    """
    # Boxes have no parameters: Yosys would look for the module at these.
    bare = [
        f"setparam -unset {name} t:{module}" for module, names in modules.items() for name in sorted(names)
    ]
    return [
        *_read(top, files, _boxed(modules)),
        *bare,
        _synthesise(family, top, "-flatten"),
        f"tee -q -o {STATISTICS} stat -json",
    ]
