"""Text of the combinational pieces: da4ml's, under names that cannot meet those of a larger design."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hwgen.rtl.stages.symbols import da4ml

PREFIX = "da4ml_"
_LIBRARY = ("shift_adder", "mux", "negative", "binop", "multiplier")
_INSTANCE = re.compile(rf"\b({'|'.join(_LIBRARY)}) #\(")


def _origin() -> str:
    return f"// Written by da4ml {da4ml().__version__} (LGPL-3.0)"


def piece_text(piece: Any, module: str) -> str:
    """Verilog of one combinational piece, as a module with ports model_inp and model_out."""
    text = da4ml().codegen.rtl.verilog.comb.comb_logic_gen(piece, module)
    body = "\n".join(line.rstrip() for line in _INSTANCE.sub(rf"{PREFIX}\1 #(", text).splitlines())
    return f"{_origin()}, names of its library prefixed.\n{body}\n"


def library(texts: list[str]) -> dict[str, bytes]:
    """The modules of da4ml's library that `texts` use: file name -> content."""
    used = {name for text in texts for name in re.findall(rf"\b{PREFIX}(\w+) #\(", text)}
    folder = Path(da4ml().codegen.rtl.verilog.comb.__file__).parent / "source"
    files = {}
    for name in sorted(used):
        text = (folder / f"{name}.v").read_text()
        text = re.sub(r"^`timescale.*\n+", "", text)
        text = re.sub(rf"\bmodule {name}\b", f"module {PREFIX}{name}", text)
        files[f"{PREFIX}{name}.v"] = f"{_origin()}, module renamed, time scale left out.\n{text}".encode()
    return files
