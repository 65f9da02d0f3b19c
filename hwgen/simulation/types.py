"""The two sets of number types that the same firmware source can be compiled with.

`reference` are the vendor's open headers, as they lie in the tree. `fast` are the headers of
`sim/csim/fast_types`: the same names and results on native integers. An include path decides.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass

from hwgen.errors import ToolMissing
from hwgen.material import material

SWITCH = "--types reference"
"""What every refusal of the fast types points to."""
OLDEST_GXX = 9
"""Major version of the first g++ that compiles the fast types."""


@dataclass(frozen=True)
class Types:
    """One set of types.

    Args:
        name: `fast` or `reference`, as in `simulation.types`.
        flags: how g++ is called.
    """

    name: str
    flags: tuple[str, ...]

    def include(self, stage: str) -> str:
        """The folder that decides, for code that belongs to `stage`; relative to the tree or absolute."""
        if self.name == "fast":
            return str(material("sim") / "csim" / "fast_types")
        return f"{stage}/firmware/ap_types"

    def check(self, compiler: str) -> None:
        """Refuses a compiler that is too old.

        Raises:
            ToolMissing: names the version found and the one needed.
        """
        if self.name != "fast":
            return
        result = subprocess.run(
            [compiler, "-dumpfullversion", "-dumpversion"], capture_output=True, text=True, check=False
        )
        found = re.match(r"\d+", result.stdout)
        macros = subprocess.run(
            [compiler, "-dM", "-E", "-x", "c++", "-"], input="", capture_output=True, text=True, check=False
        ).stdout
        if found and "__clang__" not in macros and int(found[0]) < OLDEST_GXX:
            raise ToolMissing(
                compiler,
                f"version {result.stdout.strip()} is too old for the fast types",
                f"install g++ {OLDEST_GXX} or newer, or simulate with {SWITCH}",
            )


TYPES = {
    # -O1 compiles in a fraction of -O2's time and simulates as fast; see docs/simulation.md.
    "reference": Types("reference", ("-std=c++17", "-O1", "-w")),
    "fast": Types(
        "fast",
        (
            "-std=c++17",
            "-O3",
            "-march=native",
            # hls4ml's array indices pass from unsigned to int. Only where int wraps around too does
            # g++ see that consecutive indices are consecutive addresses; else it gathers them one by one.
            "-fwrapv",
            # Loops over 16 channels stay loops, and become vector instructions.
            "--param=max-completely-peel-times=15",
            # One thread per process: the statics of hls4ml's line buffers need no locks.
            "-fno-threadsafe-statics",
            "-w",
        ),
    ),
}
