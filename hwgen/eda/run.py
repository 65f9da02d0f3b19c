"""Runs one tool to its end and keeps what it said."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from hwgen.errors import ToolFailed, ToolMissing

Version = tuple[int, ...]
_TAIL_LINES = 15
_ERROR = re.compile(r"%error|\berror:", re.IGNORECASE)
_WARNING = re.compile(r"%warning|\bwarning:", re.IGNORECASE)


def version_of(text: str) -> Version:
    """The first dotted number of a text, (0,) if there is none."""
    found = re.search(r"\d+(?:\.\d+)+", text)
    return tuple(int(part) for part in found.group().split(".")) if found else (0,)


def require(name: str, found: Version, needed: Version, shown: tuple[str, str], remedy: str) -> None:
    """Refuses a tool that is too old.

    Args:
        name: of the tool.
        found: its version.
        needed: the oldest one that works.
        shown: both versions as the tool writes them.
        remedy: how to get a newer one.
    Raises:
        ToolMissing: `found` is older than `needed`.
    """
    if found < needed:
        raise ToolMissing(name, f"version {shown[0]} found, {shown[1]} or newer needed", remedy)


def telling_lines(log: str) -> str:
    """The lines that say what is wrong, or else the last ones."""
    lines = [line for line in log.splitlines() if line.strip()]
    # Verilator's last line only counts what stands before it.
    errors = [line for line in lines if _ERROR.search(line) and "Exiting due to" not in line]
    errors += [line for line in lines if _WARNING.search(line)]
    return "\n".join(errors[:_TAIL_LINES] or lines[-_TAIL_LINES:])


def run_tool(
    name: str,
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> str:
    """Runs a command; returns what it wrote.

    Args:
        name: of the tool, for messages.
        command: program and arguments.
        folder: working folder.
        environment: added to the process's own.
        timeout: seconds.
    Raises:
        ToolFailed: it ended with another code than 0, by a signal, or not in time; holds the telling lines.
    """
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        env=os.environ | dict(environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # its children end with it
    )
    try:
        log, _ = process.communicate(timeout=timeout)
    except BaseException as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise ToolFailed(name, f"did not end within {timeout:.0f} s") from error
        raise
    if process.returncode:
        how = f"failed with exit code {process.returncode}"
        if process.returncode < 0:
            how = f"was ended by {signal.Signals(-process.returncode).name}"
        tail = telling_lines(log)
        raise ToolFailed(name, f"{how}: {tail.splitlines()[0] if tail else 'no message'}", log_tail=tail)
    return log
