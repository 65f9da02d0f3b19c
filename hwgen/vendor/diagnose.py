"""The first real error in what a tool says, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_ERROR = re.compile(
    r"^\s*(?:ERROR\s*:|ERROR:? \[|.*:\d+:\d+: (?:fatal )?error:|Abnormal program termination|// ERROR!!! DEADLOCK"
    r"|(?!INFO:|(?:CRITICAL )?WARNING:).*\berror: "
    # The tool's launcher is a shell script: so it says that the system ended the program behind it.
    r"|\S*/\S+: line \d+:\s+\d+ (?:Killed|Segmentation fault|Aborted)\b)",
    re.IGNORECASE,
)
# These count or repeat what stands before them.
_ECHO = re.compile(
    r"due to earlier errors|\[Common 17-39\]|\d+ errors? generated|^\s*ERROR: \[HLS 200-1715\]"
)
_BENCH = re.compile(r"^\w+: \d+ values compared, [1-9]\d* different: FAILED")
_BUSY = re.compile(r"^hwgen: (.* is used by another run.*)")
_KILLED = "the system may have run out of memory: run fewer jobs at a time"
REMEDIES = (
    (re.compile(r": line \d+: \d+ Killed\b"), _KILLED),
    (re.compile("DEADLOCK DETECTED"), "a stream inside the block is too shallow: give it more depth"),
    (
        re.compile(r"bad lexical cast", re.IGNORECASE),
        "versions up to 2021.2 cannot export since 2022 without the vendor's patch (AR 76960)",
    ),
    (re.compile(r"licen[sc]e", re.IGNORECASE), "check XILINXD_LICENSE_FILE, or run fewer jobs at a time"),
    (
        re.compile(r"out of memory|bad_alloc|cannot allocate|memory allocation", re.IGNORECASE),
        "run fewer jobs at a time, or take a machine with more memory",
    ),
    (
        re.compile(
            r"part\b.*(not installed|not found|could not be found|invalid|unknown|no parts)", re.IGNORECASE
        ),
        "check firmware.part, and which parts the installation has",
    ),
)
"""What an error speaks of -> what to do."""
_SIGKILL = 9


@dataclass(frozen=True)
class Diagnosis:
    """What went wrong.

    Args:
        error: one line; empty if the log names no error.
        remedy: what to do about it; may be empty.
        mismatch: whether it is the test bench that found a difference.
        busy: whether the script refused to start because another run is in its folder.
    """

    error: str
    remedy: str = ""
    mismatch: bool = False
    busy: bool = False


def is_error(line: str) -> bool:
    """Whether a line of a log reports an error, not only the end of what failed before."""
    return bool(_ERROR.search(line)) and not _ECHO.search(line)


def diagnose(lines: Iterable[str], exit_code: int | None = None) -> Diagnosis:
    """The first real error of a log.

    Args:
        lines: of the log.
        exit_code: of the tool; negative for a signal.
    """
    error = difference = ""
    for line in lines:
        text = " ".join(line.split())
        if found := _BUSY.search(text):
            return Diagnosis(found[1], busy=True)
        if _BENCH.search(text) and not difference:
            difference = text
        if is_error(line) and not error:
            error = text
    if difference:
        return Diagnosis(difference, "hwgen simulate names sample and layer", mismatch=True)
    for sign, remedy in REMEDIES:
        if error and sign.search(error):
            return Diagnosis(error, remedy)
    if not error and exit_code in (-_SIGKILL, 128 + _SIGKILL):
        return Diagnosis("", _KILLED)
    return Diagnosis(error)
