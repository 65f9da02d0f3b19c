"""Which report a text is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from hwgen.errors import ReportError
from hwgen.vendor.reports.cosim import parse_cosim
from hwgen.vendor.reports.csynth import parse_csynth, parse_project
from hwgen.vendor.reports.csynth_text import parse_csynth_text
from hwgen.vendor.reports.power import parse_power
from hwgen.vendor.reports.timing import parse_timing
from hwgen.vendor.reports.utilisation import parse_utilisation

PARSERS: dict[str, tuple[str, Callable[[str, str], dict[str, Any]]]] = {
    "csynth.xml": (r"\A\ufeff?\s*(<\?xml[^>]*>\s*)?<profile>(?!\s*<AreaReport>)", parse_csynth),
    "project": (r"com\.autoesl\.autopilot\.project", parse_project),
    "csynth.rpt": (r"^== (V\w+ HLS Report for|Synthesis Summary Report of) '", parse_csynth_text),
    "cosim.rpt": (r"^\+\s+RTL\s+\+\s+Status\s+\+", parse_cosim),
    "utilisation": (r"^Utilization Design Information|^\| Command *: report_utilization ", parse_utilisation),
    "timing": (r"^Timing Summary Report|^\| Command *: report_timing_summary ", parse_timing),
    "power": (r"^Power Report|^\| Command *: report_power ", parse_power),
}
"""Name -> (what only such a file holds, its parser). What an export leaves has the
same root as C synthesis. Vivado's command stands above the title, which may be cut off."""


def kind_of(text: str) -> str | None:
    """Name of the report in `PARSERS`, or None."""
    return next((name for name, (sign, _) in PARSERS.items() if re.search(sign, text, re.MULTILINE)), None)


def parse_report(text: str, where: str) -> dict[str, Any]:
    """Reads a report, whatever its kind.

    Args:
        text: of the file.
        where: its name, for messages.
    Returns:
        what the parser of its kind gives; `kind` says which.
    Raises:
        ReportError: it is none of them, cut short, damaged, or too old.
    """
    kind = kind_of(text)
    if kind is None:
        raise ReportError(where, "is no report that is known here", f"known are {', '.join(PARSERS)}")
    return PARSERS[kind][1](text, where)
