"""What the scripts leave of every step: a small text file, written before the step starts and when it ends.

    firmware 0123...        hash of the inputs the tree was generated from
    key      abcd...        hash of all that this step reads, if hwgen ran it
    tool     vitis_hls      program, as it was called
    state    running        then done or failed
    message  ...            why it failed, one line

A step that was killed leaves `running`. Nothing is read from a step that is not done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hwgen.errors import ReportError
from hwgen.files import write_atomic

FOLDER = "status"
RUNNING, DONE, FAILED, CANCELLED = "running", "done", "failed", "cancelled"
STATES = (RUNNING, DONE, FAILED, CANCELLED)
OUTDATED = "outdated"
"""What a step that is done counts as if what it read is other now; never written."""


@dataclass(frozen=True)
class Status:
    """One step of one block.

    Args:
        block: stage1, gate1, kernel, ... or pipeline.
        step: csim, csynth, cosim, export, synth or impl; by hand project and package too.
        firmware: hash that the tree states of its inputs.
        state: one of `STATES`.
        tool: program that ran it.
        key: hash of all that it read; empty if it was started by hand.
        message: why it failed.
    """

    block: str
    step: str
    firmware: str
    state: str
    tool: str = ""
    key: str = ""
    message: str = ""

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.block}.{self.step}"

    def text(self) -> str:
        """Content of its file."""
        entries = {"firmware": self.firmware, "key": self.key, "tool": self.tool, "state": self.state}
        lines = {**entries, "message": " ".join(self.message.split())}
        return "".join(f"{name} {value}\n" for name, value in lines.items() if value)


def parse_status(text: str, where: str) -> Status:
    """Reads such a file.

    Args:
        text: its content.
        where: its path; the name gives block and step.
    Raises:
        ReportError: it is no such file.
    """
    block, dot, step = Path(where).name.partition(".")
    entries: Mapping[str, str] = {
        name: value.strip() for name, _, value in (line.partition(" ") for line in text.splitlines())
    }
    state, firmware = entries.get("state", ""), entries.get("firmware", "")
    if not dot or state not in STATES or len(firmware) != 64:
        raise ReportError(where, "is no status of a step", "run the step again")
    return Status(
        block,
        step,
        firmware,
        state,
        entries.get("tool", ""),
        entries.get("key", ""),
        entries.get("message", ""),
    )


def read_status(folder: Path, block: str, step: str) -> Status | None:
    """The status of a step in a folder of runs, or None if it never started there."""
    path = folder / FOLDER / f"{block}.{step}"
    try:
        return parse_status(path.read_text(), str(path))
    except FileNotFoundError:
        return None


def written(folder: Path, name: str) -> int:
    """When a status was written, in nanoseconds; 0 if the step never started there.

    Args:
        folder: of the runs.
        name: `block.step`.
    """
    try:
        return (folder / FOLDER / name).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def write_status(folder: Path, status: Status) -> None:
    """Writes the status of a step."""
    write_atomic(folder / FOLDER / status.name, status.text())


def statuses(folder: Path) -> list[Status]:
    """Of every step in a folder of runs, by name.

    Raises:
        ReportError: a file there is none.
    """
    # `.new` is what a script that was killed while it wrote left of a status.
    files = [
        path for path in sorted((folder / FOLDER).glob("*.*")) if path.suffix != ".new" and path.is_file()
    ]
    return [parse_status(path.read_text(errors="replace"), str(path)) for path in files]
