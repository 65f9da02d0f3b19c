"""`<top>_cosim.rpt`: whether RTL and C++ agreed in the tool's simulation, and in how many cycles."""

from __future__ import annotations

import re
from typing import Any

from hwgen.vendor.reports.text import broken, foreign, plain, tables, whole

KIND = "cosim.rpt of Vivado HLS or Vitis HLS"
_STATUS = {"pass": "pass", "fail": "fail", "na": "not run"}
_FIGURES = 6


def parse_cosim(text: str, where: str = "cosim.rpt") -> dict[str, Any]:
    """The outcome of a co-simulation.

    Returns:
        `kind` cosim, `simulator`, `rtl`: language -> `status` (pass, fail, not run), `latency_cycles` and
        `interval_cycles` (min, average, max), `total_cycles` (None before 2021); `passed`: none failed, None if
        none was run.
    Raises:
        ReportError: it is no such file, cut short or damaged.
    """
    text = plain(text)
    if "Simulation tool" not in text and not re.search(r"\+\s+RTL\s+\+\s+Status\s+\+", text):
        raise foreign(where, KIND)
    if text.lstrip().startswith("<"):
        raise foreign(where, KIND)
    simulator = re.search(r"^Simulation tool\s*:\s*(\S+?)\.?\s*$", text, re.MULTILINE)
    found: dict[str, Any] = {}
    for table in tables(where, text):
        for row in table.rows:
            cells = [cell.strip() for cell in row]
            if cells[0] not in ("VHDL", "Verilog"):
                continue
            if len(cells) not in (2 + _FIGURES, 3 + _FIGURES) or cells[1].lower() not in _STATUS:
                raise broken(where, f"the row of {cells[0]}")
            figures = [whole(where, "a cycle count", cell) for cell in cells[2:]]
            for part in (figures[:3], figures[3:6]):
                known = [figure for figure in part if figure is not None]
                if known != sorted(known):
                    raise broken(where, f"the row of {cells[0]}: a minimum is above its maximum")
            names = ("min", "average", "max")
            found[cells[0].lower()] = {
                "status": _STATUS[cells[1].lower()],
                "latency_cycles": dict(zip(names, figures[:3], strict=True)),
                "interval_cycles": dict(zip(names, figures[3:6], strict=True)),
                "total_cycles": figures[6] if len(figures) > _FIGURES else None,
            }
    if set(found) != {"vhdl", "verilog"}:
        raise broken(where, "it lacks the rows of both languages")
    states = {entry["status"] for entry in found.values()}
    return {
        "kind": "cosim",
        "simulator": simulator[1] if simulator else None,
        "rtl": found,
        "passed": None if states == {"not run"} else "fail" not in states,
    }
