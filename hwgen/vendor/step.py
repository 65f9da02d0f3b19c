"""Runs one step of one block as a process of its own; may happen on another machine that sees the same folders."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hwgen.vendor.diagnose import Diagnosis, diagnose, is_error
from hwgen.vendor.status import CANCELLED, DONE, FAILED, RUNNING, Status, read_status, write_status

_POLL_SECONDS = 0.1
_GRACE_SECONDS = 5.0
"""After its first error a tool may still close what it has open; then it is ended."""


@dataclass(frozen=True)
class Step:
    """What to run.

    Args:
        block, step: which one.
        command: program and arguments.
        environment: added to the process's own.
        folder: of the runs: where the status goes.
        results: files below the folder that must be there when it is done.
        log: file for what the tool says.
        stop: file whose existence ends the run.
        firmware: hash that the tree states of its inputs.
        key: hash of all that the step reads.
        tool: program, version and road.
    """

    block: str
    step: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    results: tuple[str, ...]
    log: Path
    stop: Path
    firmware: str
    key: str
    tool: str

    @property
    def name(self) -> str:
        """`block.step`."""
        return f"{self.block}.{self.step}"

    def status(self, state: str, message: str = "") -> Status:
        """A status of this step."""
        return Status(self.block, self.step, self.firmware, state, self.tool, self.key, message)

    def is_done(self) -> bool:
        """Whether the same step, from the same sources and by the same tool, is done and its results are there."""
        found = read_status(self.folder, self.block, self.step)
        return found == self.status(DONE) and all((self.folder / name).is_file() for name in self.results)


@dataclass(frozen=True)
class Outcome:
    """What became of a step.

    Args:
        step: its name.
        state: done, failed or cancelled.
        exit_code: of the tool; negative for a signal.
        message: why it failed.
        diagnosis: the first error in its log.
        seconds: that it took.
    """

    step: str
    state: str
    exit_code: int | None
    message: str
    diagnosis: Diagnosis
    seconds: float


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a tool and all that it started; nothing if it has ended."""
    for number, patience in ((signal.SIGTERM, _GRACE_SECONDS), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _is_alive(process: int) -> bool:
    """Whether a process runs; one that was killed may wait for somebody to notice."""
    try:
        told = Path("/proc", str(process), "stat").read_text()
    except OSError:
        return False
    return told.rpartition(")")[2].split()[0] not in ("Z", "X")


def _drop_lock(path: Path) -> None:
    """Removes the lock that a killed script left; one whose owner lives, or is on another machine, stays."""
    with contextlib.suppress(OSError, ValueError):
        host, process = path.read_text().split()
        if host == socket.gethostname() and not _is_alive(int(process)):
            path.unlink()


def _watch(process: subprocess.Popen[bytes], step: Step) -> bool:
    """Waits for the end; True if the run was stopped from outside."""
    position, failed_at = 0, None
    rest = b""
    while process.poll() is None:
        if step.stop.exists():
            return True
        with step.log.open("rb") as log:
            log.seek(position)
            new = log.read()
            position = log.tell()
        *lines, rest = (rest + new).split(b"\n")
        if failed_at is None and any(is_error(line.decode(errors="replace")) for line in lines):
            failed_at = time.monotonic()
        if failed_at is not None and time.monotonic() - failed_at > _GRACE_SECONDS:
            return False
        time.sleep(_POLL_SECONDS)
    return False


def _verdict(step: Step, code: int, diagnosis: Diagnosis) -> str:
    """Why the step failed; empty if it did not."""
    told = read_status(step.folder, step.block, step.step)
    if diagnosis.error:
        return f"exit code {code}: {diagnosis.error}"
    if code < 0:
        return f"ended by {signal.Signals(-code).name}"
    said = f": {told.message}" if told is not None and told.message else ""
    if code or told is None or told.state != DONE:
        return f"exit code {code}{said or ', and it does not say that it is done' * (code == 0)}"
    absent = [name for name in step.results if not (step.folder / name).is_file()]
    return f"exit code 0, but {absent[0]} is missing" if absent else ""


def run_step(step: Step) -> Outcome:
    """Runs a step to its end, or until it is stopped or its first error is some seconds old."""
    started = time.monotonic()
    if step.stop.exists():
        return Outcome(step.name, CANCELLED, None, "", Diagnosis(""), 0.0)
    step.log.parent.mkdir(parents=True, exist_ok=True)
    work = step.log.with_suffix(".work")
    work.mkdir(exist_ok=True)
    before = read_status(step.folder, step.block, step.step)
    write_status(step.folder, step.status(RUNNING))
    with step.log.open("wb") as log:
        try:
            process = subprocess.Popen(
                step.command,
                cwd=work,
                env=os.environ | dict(step.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # its children end with it
            )
        except OSError as error:
            message = f"cannot be started ({error.strerror})"
            write_status(step.folder, step.status(FAILED, message))
            return Outcome(step.name, FAILED, None, message, Diagnosis(""), 0.0)
        stopped = True
        try:
            stopped = _watch(process, step)
        finally:
            _end(process)
            _drop_lock(step.folder / f"{step.block}.lock")
            if stopped:
                write_status(step.folder, step.status(CANCELLED))
    seconds, code = time.monotonic() - started, process.returncode
    if stopped:
        return Outcome(step.name, CANCELLED, code, "", Diagnosis(""), seconds)
    diagnosis = diagnose(step.log.read_text(errors="replace").splitlines(), code)
    message = _verdict(step, code, diagnosis)
    if diagnosis.busy and before is not None:
        write_status(step.folder, before)  # that of the other run
    else:
        write_status(step.folder, step.status(FAILED if message else DONE, message))
    return Outcome(step.name, FAILED if message else DONE, code, message, diagnosis, seconds)
