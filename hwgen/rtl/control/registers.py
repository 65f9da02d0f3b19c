"""Runs PeakRDL on `control.rdl`: nothing else knows an address.

PeakRDL is imported inside the functions: who makes no RTL does not need it.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import hwgen
from hwgen.errors import ToolFailed, ToolMissing
from hwgen.material import material
from hwgen.rtl.control.shape import ControlShape

NAME = "hwgen_control"
BLOCK = "hwgen_control_registers"
PACKAGES = {
    "systemrdl": "systemrdl-compiler",
    "peakrdl_regblock": "peakrdl-regblock",
    "peakrdl_cheader": "peakrdl-cheader",
    "peakrdl_markdown": "peakrdl-markdown",
}
# Of the generated block only; hand-written RTL is linted without waivers. Each is the generator's manner:
_WAIVERS = {
    "MULTIDRIVEN": "members of one struct are driven by an always_comb each",
    "CMPCONST": "the last region's upper bound is the last address there is",
    "UNUSEDSIGNAL": "protection bits, address bits below a word, strobes of constants",
    "UNUSEDPARAM": "sizes in the package are for the user",
}


def _import(module: str) -> ModuleType:
    package = PACKAGES[module.partition(".")[0]]
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ToolMissing(
            package, f"cannot be imported ({error})", f"install it with `pip install {package}`"
        ) from error


def parameters(shape: ControlShape, inputs_sha256: str) -> dict[str, int]:
    """Values of the parameters of `control.rdl`.

    Args:
        shape: sizes of the block.
        inputs_sha256: 64 hexadecimal digits; the first 16 become registers.
    """
    major, minor, patch = (int(part) for part in hwgen.__version__.split(".")[:3])
    return {
        "STAGES": shape.stages,
        "GATES": shape.gates,
        "POLICIES": shape.policies,
        "THRESHOLD_WORDS": shape.threshold_words,
        "COUNT_BITS": shape.count_bits,
        "COUNTER_WORDS": shape.counter_words,
        "VERSION": major << 24 | minor << 16 | patch,
        "INPUTS_LOW": int(inputs_sha256[8:16], 16),
        "INPUTS_HIGH": int(inputs_sha256[:8], 16),
    }


def elaborate(shape: ControlShape, inputs_sha256: str) -> Any:
    """The register model of `control.rdl` with the parameters of one design (a systemrdl RootNode).

    Raises:
        ToolMissing: systemrdl-compiler or peakrdl-regblock is absent.
        ToolFailed: the source does not elaborate.
    """
    systemrdl = _import("systemrdl")
    compiler = systemrdl.RDLCompiler()
    for definition in _import("peakrdl_regblock.udps").ALL_UDPS:
        compiler.register_udp(definition)
    try:
        compiler.compile_file(str(material("firmware_templates") / "rtl" / "control.rdl"))
        return compiler.elaborate(NAME, parameters=parameters(shape, inputs_sha256))
    except systemrdl.RDLCompileError as error:
        raise ToolFailed("systemrdl-compiler", f"control.rdl: {error}", "install hwgen again") from error


def _exported(export: Callable[[Path], None]) -> dict[str, str]:
    """Files that an exporter wrote, by name; without trailing blanks and its address on the net."""
    with tempfile.TemporaryDirectory(prefix="hwgen-registers-") as name:
        folder = Path(name)
        export(folder)
        texts = {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.iterdir())}
    return {
        file: "\n".join(line.rstrip() for line in text.rstrip().splitlines() if "https://" not in line) + "\n"
        for file, text in texts.items()
    }


def _axi_lite() -> type:
    """AXI4-Lite as single ports, with room for one answer: a host that waits loses nothing by that."""
    base: Any = _import("peakrdl_regblock.cpuif.axi4lite").AXI4Lite_Cpuif_flattened
    return type("OneAnswer", (base,), {"max_outstanding": property(lambda self: 1)})


def register_block(model: Any) -> dict[str, str]:
    """Package and module of the register block in SystemVerilog, package first."""

    def export(folder: Path) -> None:
        _import("peakrdl_regblock").RegblockExporter().export(
            model,
            str(folder),
            cpuif_cls=_axi_lite(),
            module_name=BLOCK,
            default_reset_activelow=True,
            reuse_hwif_typedefs=False,  # names without the parameters' values in them
        )

    off = "".join(f"// verilator lint_off {code}  {why}\n" for code, why in _lint_comments())
    on = "".join(f"// verilator lint_on {code}\n" for code in reversed(_WAIVERS))
    texts = _exported(export)
    return {name: f"{off}\n{texts[name]}\n{on}" for name in (f"{BLOCK}_pkg.sv", f"{BLOCK}.sv")}


def _lint_comments() -> list[tuple[str, str]]:
    return [(code, f"// {why}") for code, why in _WAIVERS.items()]


def c_header(model: Any) -> str:
    """Structures and field masks in C (C11, C++11)."""

    def export(folder: Path) -> None:
        exporter = _import("peakrdl_cheader.exporter").CHeaderExporter()
        exporter.export(model, str(folder / f"{NAME}.h"), reuse_typedefs=False)

    return _exported(export)[f"{NAME}.h"]


def page(model: Any) -> str:
    """The registers as a Markdown page."""

    def export(folder: Path) -> None:
        _import("peakrdl_markdown").MarkdownExporter().export(model, str(folder / "registers.md"))

    return _exported(export)["registers.md"]
