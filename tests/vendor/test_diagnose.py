"""Lines of a log that say why a tool ended, where it did not say so itself."""

from __future__ import annotations

import pytest

from hwgen.vendor.diagnose import diagnose

LAUNCHER = "/tools/bin/loader: line {}: {}"
ENDS = {
    "killed": (LAUNCHER.format(312, " 4711 Killed                  \"$RDI_PROG\" \"$@\""), "may have run out of memory"),
    "crashed": (LAUNCHER.format(312, "4711 Segmentation fault      (core dumped) \"$RDI_PROG\""), ""),
    "abnormal": ("Abnormal program termination (11)", ""),
    "deadlock": ("// ERROR!!! DEADLOCK DETECTED at 1175000 ns! SIMULATION WILL BE STOPPED! //", "more depth"),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
def test_what_a_tool_leaves_that_was_ended_from_outside(name: str) -> None:
    line, remedy = ENDS[name]
    told = diagnose(["INFO: working", line, "ERROR: [HLS 200-1715] Encountered problem", "INFO: bye"], 1)
    assert (
        told.error == " ".join(line.split()) and remedy in told.remedy and bool(told.remedy) == bool(remedy)
    )
    harmless = [
        "INFO: line 12: 3 Killed processes were none",
        "WARNING: aborted",
        "CRITICAL WARNING: [A 1] error: none",
    ]
    assert diagnose(harmless, 0).error == ""
